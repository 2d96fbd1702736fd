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
CHANGES = frozenset({"message", "summon", "claim", "handback", "resolved", "withdrawn", "snooze", "seen", "notice", "release", "rollback"})
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
    tab, me = _tab(), caller().acting.id

    def lines(events: Sequence[Event]) -> str:
        if not any(one.kind in CHANGES for one in events):
            return ""
        return service().made.once(("inbox", tab, me), events[-1].id, lambda: render_template("inbox/live.html", **_listed(tab)))

    return follow(lines)


def _tab() -> Tab:
    name = request.args.get("tab", "")
    return Tab(name) if name in set(Tab) else Tab.SUMMONS


def _listed(tab: Tab, *, after: str | None = None, words: str | None = None) -> dict[str, Any]:
    me = caller().acting
    listed = inbox.found(workspace(), words, after=after) if words else inbox.listed(workspace(), tab, person=me, after=after)
    counts = inbox.counts(workspace(), person=me)
    return {
        "trouble": trouble.found(workspace()),
        "tabs": list(Tab),
        "now": tab,
        "listed": listed,
        "counts": counts,
        "after": after,
        "words": words,
        "looking": {},
        "try_it": url_for("customer.try_it"),
    }
