"""The inbox: lists of conversations, each a link to its own page. They are live; without scripts they are links and a form."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.work import Event
from voicegit.services import inbox, trouble
from voicegit.services.inbox import Tab
from voicegit_web.auth import caller, for_people
from voicegit_web.live import follow
from voicegit_web.pages.shown import newest_event, show
from voicegit_web.service import service, workspace

pages = Blueprint("inbox", __name__)
CHANGES = frozenset(
    {"message", "summon", "claim", "handback", "resolved", "withdrawn", "snooze", "seen", "notice", "release", "rollback", "awake", "unclaimed", "season"}
)
"""Events after which a list, or what is said above it, may be another."""


@pages.get("/")
@for_people
def home() -> ResponseReturnValue:
    return redirect(url_for("inbox.page"), 303)


@pages.get("/inbox")
@for_people
def page() -> ResponseReturnValue:
    """`tab` names a list, `after` where it goes on; `q` looks for customers' names in all of them."""
    tab, after, words = _tab(), request.args.get("after", "")[:64] or None, request.args.get("q", "")[:80].strip() or None
    event = newest_event()
    shown = _listed(tab, after=after, words=words)
    live = after is None and words is None
    return show("inbox/page.html", tab="inbox", live=live, event=event, **shown)


@pages.get("/inbox/live")
@for_people
def live() -> ResponseReturnValue:
    """A list, drawn anew after what may have changed it: once for all of a person's pages that show it."""
    tab, me, running = _tab(), caller().acting.id, service()
    event, seen, sent = 0, running.presence.changes, ""

    def draw() -> str:
        nonlocal seen, sent
        seen, before = running.presence.changes, sent
        sent = running.made.once(("inbox", tab, me), (event, seen), lambda: render_template("inbox/live.html", **_listed(tab)))
        return sent if sent != before else ""

    def lines(events: Sequence[Event]) -> str:
        nonlocal event
        event = events[-1].id
        return draw() if any(one.kind in CHANGES for one in events) else ""

    return follow(lines, besides=lambda: draw() if running.presence.changes != seen else "")


def _tab() -> Tab:
    name = request.args.get("tab", "")
    return Tab(name) if name in set(Tab) else Tab.SUMMONS


def _listed(tab: Tab, *, after: str | None = None, words: str | None = None) -> dict[str, Any]:
    me = caller().acting
    listed = inbox.found(workspace(), words, after=after) if words else inbox.listed(workspace(), tab, person=me, after=after)
    counts = inbox.counts(workspace(), person=me)
    names = {one.id: one.name for one in workspace().store.read.people.find()}
    return {
        "trouble": trouble.found(workspace()),
        "tabs": list(Tab),
        "now": tab,
        "listed": listed,
        "counts": counts,
        "after": after,
        "words": words,
        "looking": {talk: [names[one] for one in there] for talk, there in service().presence.looking(me.id).items()},
        "try_it": url_for("customer.try_it"),
    }
