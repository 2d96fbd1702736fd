"""A proposal tried on past questions: how far it is, what came of it, and every case with both answers beside each other."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain import worddiff
from voicegit.domain.ids import ProposalId
from voicegit.domain.people import Person
from voicegit.domain.replay import Case, Verdict
from voicegit.domain.replayed import Replayed
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Branch, Workspace
from voicegit.services import playground, replay, replay_report
from voicegit.services.replay import Found
from voicegit_web.auth import caller, for_leads, for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("replay", __name__)

SHOWN = 100
"""Cases of one kind that a page shows at the most."""

GROUPS = (
    (Verdict.BROKEN, "Got worse", "A good answer is lost, a rejected one comes back, or forbidden words would be said."),
    (Verdict.UNSURE, "Cannot be told", "The words differ, and nobody can say by them alone which is better. Look for yourself."),
    (Verdict.FIXED, "Fixed", "A person was called, or it was wrong; now it agrees with what the person wrote."),
    (Verdict.SAME, "Same", "It makes no difference here."),
)


@dataclass(frozen=True)
class Panel:
    """What the review page shows of it. `offer` is what a run would take where that costs money; `trouble` why there can be none."""

    name: ProposalId
    found: Found | None
    may: bool
    offer: str = ""
    trouble: str = ""

    @property
    def fresh(self) -> bool:
        """Whether a new run is what one would ask for: there was none, or it is of another state of things, or it is over."""
        return self.found is None or self.found.stale or not (self.found.replay.at_work or self.found.left)


def panel(workspace: Workspace, branch: Branch, person: Person) -> Panel:
    found = replay.latest(workspace, branch)
    shown = Panel(branch.proposal, found, person.may_review)
    if not (shown.may and shown.fresh):
        return shown
    try:
        if not playground.charges(workspace, workspace.directives.head(), branch.head):
            return shown
        planned = replay.plan(workspace, replay.of_proposal(workspace, branch))
    except (Conflict, Invalid) as exc:
        return Panel(branch.proposal, found, shown.may, trouble=exc.message)
    return Panel(branch.proposal, found, shown.may, offer=replay_report.price(planned))


@pages.get("/review/<id>/replay")
@for_people
def page(id: str) -> ResponseReturnValue:
    """Every case; or how far it is, for a script that asks."""
    branch = playground.proposed(workspace(), id)
    shown = panel(workspace(), branch, caller().acting)
    if request.headers.get("HX-Request"):
        return show("review/replay.html", tab="review", panel=shown)
    title = workspace().directives.commit(branch.head).title
    groups = [(verdict, name, words, *_cases(shown.found, verdict)) for verdict, name, words in GROUPS] if shown.found else []
    values: dict[str, Any] = {"panel": shown, "title": title, "groups": groups, "visible": worddiff.visible}
    return show("review/cases.html", tab="review", **values)


def _cases(found: Found, verdict: Verdict) -> tuple[int, list[tuple[Replayed, Case | None]]]:
    cases = found.summary.shown(verdict)
    return len(cases), [(one, replay_report.told(workspace(), one)) for one in cases[:SHOWN]]


@pages.post("/review/<id>/replay")
@for_leads
def turn(id: str) -> ResponseReturnValue:
    """Begins it, stops it, or lets it go on. It runs in the background; the page shows how far it is."""
    branch = playground.proposed(workspace(), id)
    found = replay.latest(workspace(), branch)
    step = request.form.get("step", "")
    if step == "stop" and found is not None:
        replay.stop(workspace(), found.replay.id)
    elif step == "on" and found is not None and not found.stale:
        replay.go_on(workspace(), found.replay.id)
    elif found is None or found.stale or not found.replay.at_work:
        replay.begin(workspace(), replay.plan(workspace(), replay.of_proposal(workspace(), branch), by=caller().acting))
    return redirect(url_for("review.read", id=id, _anchor="replay"), 303)
