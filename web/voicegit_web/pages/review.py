"""Proposals, change by change, and the decision: exactly the text on the page, by a person who signed in minutes ago."""

import re
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain import worddiff
from voicegit.domain.decision import DecisionKind, DecisionState
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.judgement import Choice
from voicegit.errors import Conflict, Invalid, NotFound, VoicegitError
from voicegit.services import change, contested, distill, judgement, outcome, replay_report, review, rollback, unteach
from voicegit_web.auth import caller, for_people, reviewer
from voicegit_web.errors import StaleSignIn
from voicegit_web.pages import reviewing
from voicegit_web.pages.reviewing import Kept
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("review", __name__)
_FULL = re.compile(r"[0-9a-f]{40}")
TABS = {"open": "In review", "blocked": "Blocked", "approved": "Approved", "declined": "Declined"}
WORDS: dict[str, Any] = {
    "counts": reviewing.counts,
    "drawn": reviewing.drawn,
    "did": reviewing.DID,
    "evidence_shown": reviewing.EVIDENCE_SHOWN,
    "visible": worddiff.visible,
}


@pages.get("/review")
@for_people
def page() -> ResponseReturnValue:
    chosen = request.args.get("tab", "open")
    chosen = chosen if chosen in TABS else "open"
    waiting = review.waiting(workspace())
    groups = {"open": [one for one in waiting if not reviewing.blocked(one)], "blocked": [one for one in waiting if reviewing.blocked(one)]}
    ended = {"approved": outcome.approved, "declined": outcome.turned_down}
    rows = ended[chosen](workspace()) if chosen in ended else []
    run = workspace().store.read.distillations.first(order="-id")
    learning = {"waits": distill.waiting(workspace().store.read), "runs": distill.asked(workspace().store.read)}
    return show("review/page.html", tab="review", ways=TABS, chosen=chosen, groups=groups, ended=rows, run=run, learning=learning, **WORDS)


@pages.post("/review/learn")
@for_people
def learn() -> ResponseReturnValue:
    """What people taught is read in the background; the proposal appears in the list."""
    caller().acting.must_review()
    distill.ask(workspace())
    return redirect(url_for("review.page"), 303)


@pages.get("/review/<id>")
@for_people
def read(id: str) -> ResponseReturnValue:
    try:
        return _read(ProposalId(id))
    except NotFound:
        return _ended(ProposalId(id))


def _read(name: ProposalId, *, seen: Revision | None = None, kept: Kept | None = None, refused: VoicegitError | None = None) -> ResponseReturnValue:
    desk = reviewing.desk(workspace(), name, caller().acting, seen=seen, kept=kept)
    wrong = refused or (kept.refused if kept else None)
    clash = request.args.get("clash") == "1"
    values: dict[str, Any] = {"desk": desk, "refused": refused, "kept": kept, "clash": clash, "live": None, "stale": isinstance(refused, StaleSignIn)}
    return show("review/read.html", tab="review", **values, **WORDS), wrong.status if wrong else 200


def _ended(name: ProposalId, *, refused: VoicegitError | None = None) -> ResponseReturnValue:
    ended, shown = outcome.find(workspace(), name)
    cards = reviewing.cards(change.changes(workspace(), shown), {})
    stale = isinstance(refused, StaleSignIn)
    values: dict[str, Any] = {"ended": ended, "shown": shown, "cards": cards, "refused": refused, "stale": stale}
    return show("review/ended.html", tab="review", **values, **WORDS), refused.status if refused else 200


# ---- choosing, change by change


@pages.post("/review/<id>/judge")
@for_people
def judge(id: str) -> ResponseReturnValue:
    """One choice. Back to its card, or the card anew for a script that asks."""
    name, form = ProposalId(id), request.form
    head, path, choice = _commit(form.get("head", "")), form.get("path", "")[:200], form.get("choice", "")
    reason, text = form.get("reason", ""), form.get("text", "")
    kept = None
    try:
        if choice not in set(Choice):
            raise Invalid("Choose: accept, edit or decline.")
        judgement.judge(workspace(), name, path, choice=Choice(choice), by=caller().acting, head=head, reason=reason, text=text)
    except (Conflict, Invalid) as exc:
        kept = Kept(path, choice, text.replace("\r\n", "\n"), reason, exc)
    if request.headers.get("HX-Request"):
        return _card(name, path, seen=head, kept=kept)
    if kept is not None:
        return _read(name, seen=head, kept=kept)
    return redirect(url_for("review.read", id=id, _anchor=_anchor(name, path)), 303)


def _card(name: ProposalId, path: str, *, seen: Revision, kept: Kept | None) -> ResponseReturnValue:
    desk = reviewing.desk(workspace(), name, caller().acting, seen=seen, kept=kept)
    card = next((one for one in desk.cards if one.change.path == path), None)
    if card is None:
        return "", 204, {"HX-Redirect": url_for("review.read", id=name)}
    # Always 200: browsers log any other answer to a script as an error of the page.
    return show("review/judged.html", tab="review", desk=desk, card=card, **WORDS)


def _anchor(name: ProposalId, path: str) -> str:
    shown = review.show(workspace(), name)
    paths = list(change.changed(workspace(), shown.base, shown.head))
    return f"change-{paths.index(path) + 1}" if path in paths else "changes"


# ---- the decision


@pages.get("/review/<id>/confirm")
@for_people
def confirm(id: str) -> ResponseReturnValue:
    """The exact text that goes live, before it does."""
    try:
        return _confirm(ProposalId(id), stale=_stale())
    except (Conflict, Invalid) as exc:
        return _read(ProposalId(id), refused=exc)


def _stale() -> StaleSignIn | None:
    """Whether to sign in again comes first: told before somebody presses the button."""
    try:
        reviewer()
    except StaleSignIn as exc:
        return exc
    return None


def _confirm(name: ProposalId, *, stale: StaleSignIn | None = None, status: int = 200, despite: str = "") -> ResponseReturnValue:
    part = judgement.part(workspace(), name, by=caller().acting)
    worse = [(one, replay_report.told(workspace(), one)) for one in part.worse]
    cards = reviewing.cards(change.changes(workspace(), part.live), {}) if part.live else ()
    values: dict[str, Any] = {"part": part, "cards": cards, "stale": stale, "worse": worse, "despite": despite, "Choice": Choice}
    return show("review/confirm.html", tab="review", **values, **WORDS), status


@pages.post("/review/<id>/approve")
@for_people
def approve(id: str) -> ResponseReturnValue:
    """Names the proposal's commit, what was live and the choices when the page was drawn; if any moved, it is refused."""
    name, form = ProposalId(id), request.form
    head, base = _commit(form.get("head", "")), _commit(form.get("base", ""))
    try:
        judgement.approve(workspace(), name, by=reviewer(), head=head, base=base, chosen=form.get("chosen", ""), despite=form.get("despite", ""))
    except StaleSignIn as exc:
        return _confirm(name, stale=exc, status=exc.status, despite=form.get("despite", ""))
    except review.Worse as exc:
        return _confirm(name, status=exc.status)
    except NotFound:
        _decided_before(name, head)
    except (Conflict, Invalid) as exc:
        return _refused(name, exc, head=head, base=base)
    return redirect(url_for("review.read", id=id), 303)


def _refused(name: ProposalId, exc: VoicegitError, *, head: Revision, base: Revision) -> ResponseReturnValue:
    """The proposal as it is by now, with what moved since; the choices that still apply stand."""
    desk = reviewing.desk(workspace(), name, caller().acting, seen=head)
    live = change.live_since(workspace(), base, desk.shown.main)
    return show("review/read.html", tab="review", desk=desk, refused=exc, kept=None, clash=False, live=live, stale=False, **WORDS), exc.status


def _decided_before(name: ProposalId, head: Revision) -> None:
    """A second click: the same text was decided on, so the same answer."""
    kinds = [DecisionKind.APPROVE, DecisionKind.DECLINE]
    if workspace().store.read.decisions.first(proposal=name, head=head, kind__in=kinds, state=DecisionState.DONE) is None:
        raise NotFound(f"{name[:20]} is not open. The review page lists those that are.")


@pages.post("/review/<id>/decline")
@for_people
def decline(id: str) -> ResponseReturnValue:
    """All of it at once, for one reason."""
    name, reason = ProposalId(id), request.form.get("reason", "")
    try:
        review.decline(workspace(), name, reason=reason, by=reviewer(), head=_commit(request.form.get("head", "")))
    except (Conflict, Invalid, StaleSignIn) as exc:
        return _read(name, kept=Kept("", Choice.DECLINE, "", reason, exc), refused=exc)
    return redirect(url_for("review.read", id=id), 303)


@pages.post("/review/<id>/answer")
@for_people
def answer(id: str) -> ResponseReturnValue:
    """Which holds, where a lesson is taken back that was refined later, or two people taught opposite things. Nothing is live by it."""
    name = ProposalId(id)
    try:
        if holds := request.form.get("holds"):
            number = int(request.form.get("question", "")) if request.form.get("question", "").isdecimal() else None
            contested.settle(workspace(), name, holds=holds, by=caller().acting, number=number)
            return redirect(url_for("review.read", id=id), 303)
        if request.form.get("answer") not in {"keep", "undo"}:
            raise Invalid("Say which shall stand: keep the refinement, or take it out too.")
        unteach.answer(workspace(), name, keep=request.form["answer"] == "keep", by=caller().acting)
    except (Conflict, Invalid) as exc:
        return _read(name, refused=exc)
    return redirect(url_for("review.read", id=id), 303)


@pages.post("/review/<id>/undo")
@for_people
def undo(id: str) -> ResponseReturnValue:
    """Takes the proposal's release back. Where later changes touch the same lines, a proposal asks how it shall read."""
    name = ProposalId(id)
    try:
        person = reviewer()
        ended, _ = outcome.find(workspace(), name)
        if ended.release is None:
            raise Conflict(f"{name} was declined: nothing of it is live.")
        if ended.undone is None:
            rollback.rollback(workspace(), ended.release, by=person)
    except rollback.Clash as exc:
        return redirect(url_for("review.read", id=exc.proposal, clash=1), 303)
    except (Conflict, Invalid, StaleSignIn) as exc:
        return _ended(name, refused=exc)
    return redirect(url_for("review.read", id=id), 303)


def _commit(value: str) -> Revision:
    if not _FULL.fullmatch(value):
        raise Invalid("A decision names exactly what was looked at. Open the review page, and decide there.")
    return Revision(value)
