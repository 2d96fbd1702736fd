"""Open proposals, and the decision: exactly the text on the page, by a person who signed in minutes ago."""

import re
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.decision import DecisionKind, DecisionState
from voicegit.domain.ids import ProposalId, Revision
from voicegit.errors import Conflict, Invalid, NotFound, VoicegitError
from voicegit.services import review
from voicegit.services.review import Shown
from voicegit_web.auth import for_people, reviewer
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("review", __name__)
_FULL = re.compile(r"[0-9a-f]{40}")


@pages.get("/review")
@for_people
def page() -> ResponseReturnValue:
    return _render(live=request.args.get("live"), declined=request.args.get("declined"))


def _render(
    *, live: str | None = None, declined: str | None = None, refused: VoicegitError | None = None, kept: dict[str, str] | None = None
) -> ResponseReturnValue:
    cards = [_card(shown) for shown in review.waiting(workspace())]
    release = workspace().store.read.decisions.first(oid=live, kind=DecisionKind.APPROVE, state=DecisionState.DONE) if live else None
    shown = show("review/page.html", cards=cards, release=release, declined=(declined or "")[:20], refused=refused, kept=kept or {}, tab="review")
    return shown, refused.status if refused else 200


def _card(shown: Shown) -> dict[str, Any]:
    talks = [talk for talks in shown.evidence.values() for talk in talks]
    names = {person.id: person.name for person in workspace().store.read.people.find()}
    signals = [(one, names.get(one.person, "A colleague")) for one in review.evidence(workspace(), talks)]
    blocked = any(check.verdict == "fail" for check in shown.checks)
    return {"shown": shown, "talks": len(set(talks)), "signals": signals, "diff": list(coloured(shown.diff)), "blocked": blocked}


_ROUTINE = ("index ", "--- ", "+++ ", "new file mode 100644")
"""Lines of a file's head that say what its name and its text say too. Any other (a rename, another mode) is shown."""


def coloured(diff: str) -> list[tuple[str, str]]:
    """Each line of a diff with what it is: a file's name, a place in it, added, taken, or neither. In a head, `+++` and `---` are no lines of the file."""
    lines, head = [], True
    for line in diff.splitlines():
        if line.startswith("diff --git "):
            head = True
            lines.append(("file", line.rpartition(" b/")[2]))
        elif line.startswith("@@"):
            head = False
            lines.append(("place", line))
        elif not head:
            lines.append(({"+": "added", "-": "taken"}.get(line[:1], "same"), line))
        elif not line.startswith(_ROUTINE):
            lines.append(("place", line))
    return lines


@pages.post("/review/<id>/approve")
@for_people
def approve(id: str) -> ResponseReturnValue:
    """Names the proposal's commit and what was live when the page was drawn; if either moved, it is refused."""
    person = reviewer()
    head, base = request.form.get("head", ""), request.form.get("base", "")
    if not (_FULL.fullmatch(head) and _FULL.fullmatch(base)):
        raise Invalid("An approval names exactly what was looked at. Open the review page, and approve there.")
    try:
        release = review.approve(workspace(), ProposalId(id), by=person, head=Revision(head), base=Revision(base))
    except NotFound:
        release = _approved_before(id, head)
    except (Conflict, Invalid) as exc:
        return _render(refused=exc)
    return redirect(url_for("review.page", live=release), 303)


def _approved_before(id: str, head: str) -> Revision:
    """A second click on Approve: the same text is live, so the same answer."""
    done = workspace().store.read.decisions.first(proposal=id, head=head, kind=DecisionKind.APPROVE, state=DecisionState.DONE)
    if done is None:
        raise NotFound(f"{id[:20]} is not open. The page lists the open ones.")
    return done.oid


@pages.post("/review/<id>/decline")
@for_people
def decline(id: str) -> ResponseReturnValue:
    person, reason = reviewer(), request.form.get("reason", "")
    try:
        review.decline(workspace(), ProposalId(id), reason=reason, by=person)
    except Invalid as exc:
        return _render(refused=exc, kept={id: reason})
    return redirect(url_for("review.page", declined=id), 303)
