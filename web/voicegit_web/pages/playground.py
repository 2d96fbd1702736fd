"""Trying a message, or a conversation that was, under what is live and under proposals. Nothing is sent, and nothing is kept."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from voicegit.domain.ids import Revision
from voicegit.domain.tried import Asked, Compared, Difference
from voicegit.errors import Unavailable, VoicegitError
from voicegit.ports import Branch
from voicegit.services import playground
from voicegit_web.auth import for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import service, workspace

pages = Blueprint("playground", __name__)
ALONE = "only:"
NAMED = 30
"""Customer records that are offered by name, the newest; any other can be typed."""

DIFFERENCES = {
    Difference.SAME: "No difference for the customer.",
    Difference.REWORDED: "The proposal says it in other words.",
    Difference.ANSWERS: "The proposal would answer where today a person is called.",
    Difference.CALLS: "The proposal would call a person where today the AI answers.",
}


@dataclass(frozen=True)
class Under:
    """What is to be tried, as the form names it: today's directives, `p-7` beside them, or `only:p-7`."""

    chosen: str = ""
    today: Revision | None = None
    branch: Branch | None = None

    @property
    def proposed(self) -> Revision | None:
        return self.branch.head if self.branch is not None else None


def _under(chosen: str) -> Under:
    name = chosen.removeprefix(ALONE)
    if not name:
        return Under("", playground.today(workspace()))
    branch = playground.proposed(workspace(), name)
    return Under(chosen, None if chosen.startswith(ALONE) else playground.today(workspace()), branch)


@pages.get("/playground")
@for_people
def page() -> ResponseReturnValue:
    """A conversation is answered at once where that costs nothing; else each of its questions waits to be asked again."""
    under, talk = _under(request.args.get("proposal", "")), request.args.get("conversation", "")
    if not talk:
        return _render(under)
    steps, whole = playground.past(workspace(), talk)
    free = not playground.charges(workspace(), under.today, under.proposed)
    return _render(under, results=[_try(one, under) if free else Compared(one, None, None) for one in steps], talk=talk, whole=whole)


@pages.post("/playground")
@for_people
def ask() -> ResponseReturnValue:
    """Answers in place: there is nothing to come back to."""
    form, under = request.form, Under()
    try:
        under = _under(form.get("under", ""))
        asked = playground.question(workspace(), form.get("message", ""), customer=form.get("customer", "").strip() or None)
        return _render(under, results=[_waiting_its_turn(under, lambda: _try(asked, under))], kept=form.to_dict())
    except VoicegitError as exc:
        return _render(under, kept=form.to_dict(), refused=exc)


@pages.post("/playground/<id>/<int:place>")
@for_people
def again(id: str, place: int) -> ResponseReturnValue:
    """One question of a past conversation, where every answer costs money. `place` counts from 0 among those shown."""
    under = _under(request.form.get("under", ""))
    steps, whole = playground.past(workspace(), id)
    results = [
        _waiting_its_turn(under, lambda one=one: _try(one, under)) if number == place else Compared(one, None, None)  # type: ignore[misc]
        for number, one in enumerate(steps)
    ]
    return _render(under, results=results, talk=id, whole=whole)


def _try(asked: Asked, under: Under) -> Compared:
    return playground.compare(workspace(), asked, today=under.today, proposed=under.proposed)


def _waiting_its_turn(under: Under, answer: Callable[[], Compared]) -> Compared:
    """A model that is far away may take its time: as many wait for one as the service has threads to spare."""
    costly = playground.charges(workspace(), under.today, under.proposed)
    with service().slots.wait() if costly else nullcontext(True) as may_wait:
        if not may_wait:
            raise Unavailable("Too many wait for the model now. Your text is kept; try again in a minute.")
        return answer()


def _render(
    under: Under,
    *,
    results: list[Compared] | None = None,
    talk: str = "",
    whole: int = 0,
    kept: dict[str, str] | None = None,
    refused: VoicegitError | None = None,
) -> ResponseReturnValue:
    known = workspace()
    open_ones = [(branch.proposal, known.directives.commit(branch.head).title) for branch in known.directives.proposals()]
    shown = show(
        "playground/page.html",
        tab="more",
        here="playground",
        under=under,
        proposals=open_ones,
        moved=under.branch is not None and under.branch.base != known.directives.head(),
        charges=playground.charges(known, under.today or playground.today(known), under.proposed),
        customers=known.store.read.customers.find(order="-id", limit=NAMED),
        results=results or [],
        differences=DIFFERENCES,
        talk=talk,
        whole=whole,
        kept=kept or {},
        refused=refused,
    )
    return shown, refused.status if refused else 200
