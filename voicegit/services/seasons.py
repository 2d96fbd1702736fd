"""Directives that are in force between two days: told a week before they end, and made longer by a proposal."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from voicegit.domain import directive as directives
from voicegit.domain import directive_text, notice
from voicegit.domain.directive import Directive
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, NoticeId, ProposalId
from voicegit.domain.notice import Notice, NoticeKind
from voicegit.domain.people import Person, Role
from voicegit.domain.work import Event
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Branch, Transaction, Workspace
from voicegit.services import review

LONGER = timedelta(days=28)
"""How much longer it is proposed to be, when nobody names a day."""


def today(workspace: Workspace, known: DirectiveSet | None = None) -> date:
    """The day it is where the business is."""
    zone = (known or workspace.directives.serving()).policy.business.timezone
    return workspace.clock.now().astimezone(ZoneInfo(zone)).date()


def ending(workspace: Workspace) -> list[Directive]:
    """What is in force and is not a week from now, what ends first first."""
    known = workspace.directives.serving()
    day = today(workspace, known)
    return sorted(known.ending(day), key=lambda one: (one.ends or day, one.id))


def announce(workspace: Workspace) -> int:
    """Tells live pages, whoever follows the feed, and each channel of each season that ends within a week, once; how many that were."""
    found = ending(workspace)
    zone = ZoneInfo(workspace.directives.serving().policy.business.timezone)

    def step(tx: Transaction) -> int:
        told, now = 0, workspace.clock.now()
        for one in found:
            body = {"directive": str(one.id), "until": str(one.ends)}
            if tx.events.first(kind="season", body=body) is None:
                tx.events.add(Event("season", now, None, body))
                told += 1
                for channel in workspace.notifier.channels:
                    row = Notice(NoticeId(workspace.clock.new_id()), NoticeKind.SEASON, channel.name, now, about=one.id)
                    tx.notices.add(row.due(notice.by_day(now.astimezone(zone)).astimezone(UTC)))
        return told

    return workspace.store.write(step) if found else 0


def extend(workspace: Workspace, name: DirectiveId, *, by: Person, until: date | None = None) -> ProposalId:
    """Proposes that a directive stays in force until a day (both included; four weeks longer where none is named). Asked twice, it is one proposal;
    where only an owner's own may change it, the owner's stands beside another's.

    Raises `NotFound`, `Conflict` for one without a season, `Invalid` for a day that is not later.
    """
    known = workspace.directives.serving().get(name)
    if known is None:
        raise NotFound(f"There is no directive {str(name)[:80]!r}. 'voicegit status' lists what is in force.")
    if known.ends is None:
        raise Conflict(f"“{known.title}” has no end: it stays in force until somebody changes or retires it.")
    day = until or max(known.ends, today(workspace)) + LONGER
    if day <= known.ends:
        raise Invalid(f"“{known.title}” is in force until {known.ends:%d %b %Y} already. Name a later day.")
    adopts = known.protected and by.role is Role.OWNER
    for branch in _proposed(workspace, known, day):
        if not adopts or review.owners_own(workspace, branch):
            return branch.proposal
    text = directive_text.set_until(known.source, day)
    return review.propose(workspace, {known.path: text.encode()}, title=f"{known.title}: in force until {day:%d %b %Y}", by=by)


def _proposed(workspace: Workspace, known: Directive, until: date) -> Iterator[Branch]:
    """The open proposals by which it would be in force until that day."""
    for branch in workspace.directives.proposals():
        file = workspace.directives.entries(branch.head).get(known.path)
        found = directives.read(known.path, file.content)[0] if file is not None else None
        if found is not None and found.ends == until:
            yield branch
