"""What a replay is said to be: its price before it runs, and what came of it, for people and for machines."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from voicegit.domain.checks import Check, Verdict
from voicegit.domain.replay import Case
from voicegit.domain.replayed import Replay, Replayed, Side, State, dollars, questions
from voicegit.ports import Workspace
from voicegit.services import cases, playground
from voicegit.services.replay import Found


def charges(workspace: Workspace, row: Replay) -> bool:
    return playground.charges(workspace, row.base, row.tried)


def price(row: Replay) -> str:
    """What a replay would take, before it runs."""
    calls = len(row.cases) * 2 * row.tries
    costs = "at a price that is not known here, so no cap holds" if row.estimate is None else f"about {dollars(row.estimate)} at the most"
    left = f" {row.left_out} more cases would cost more than max_cost allows." if row.left_out else ""
    return f"{questions(len(row.cases))}, {calls} answers, {costs}.{left}"


def told(workspace: Workspace, one: Replayed) -> Case | None:
    """What was asked and what a person made of it; None once the customer was erased."""
    return cases.recalled(workspace.store.read, one.signal)


def check(found: Found | None) -> Check:
    """The newest replay of a proposal as one of its checks. One that fails does not forbid an approval: it wants the person's reason."""
    if found is None:
        return Check("replay", Verdict.WARN, "It was not tried on past questions yet.")
    row, told, asked = found.replay, found.summary.tallies, len(found.summary.cases)
    if found.blocks:
        return Check("replay", Verdict.FAIL, f"{worse(found.blocks)} Approving it wants your reason. ({told})")
    if found.stale:
        return Check("replay", Verdict.WARN, "It, or what is live, changed since it was tried on past questions.")
    if row.at_work:
        return Check("replay", Verdict.WARN, f"It is being tried on past questions: {found.done} of {len(row.cases)} done.")
    if row.problem and not asked:
        return Check("replay", Verdict.WARN, row.problem)
    if row.problem or (found.left and row.state is State.STOPPED):
        stopped = f" The last try was stopped after {found.done} of {len(row.cases)}." if found.left else ""
        return Check("replay", Verdict.WARN, f"It was tried on {questions(asked)}: {told}.{stopped} {row.problem}".rstrip())
    if not asked:
        return Check("replay", Verdict.PASS, found.lines[0])
    verdict = Verdict.WARN if found.summary.shown("unsure") else Verdict.PASS
    return Check("replay", verdict, f"Tried on {questions(asked)}: {told}. {found.summary.test}")


def of_text(found: Found | None, *, whole: bool) -> Check:
    """As `check`, for what would go live of a proposal: all of it, or a part that has no replay but its own."""
    if found is not None or whole:
        return check(found)
    said = "Exactly this text was not tried on past questions: it is not what was proposed, and to ask costs money. What was found before counts neither for "
    return Check("replay", Verdict.WARN, f"{said}nor against it.")


def worse(cases: Sequence[Replayed]) -> str:
    """`2 past answers would get worse, 1 of them by words that a guard forbids.`"""
    forbidden = sum(one.never_say for one in cases)
    said = f"{len(cases)} past answer{'s' if len(cases) > 1 else ''} would get worse"
    return f"{said}, {forbidden} of them by words that a guard forbids." if forbidden else f"{said}."


# ---- for machines


def shape(found: Found, workspace: Workspace) -> dict[str, Any]:
    """A replay with every case, texts side by side."""
    row, counts = found.replay, found.summary.counts
    return {
        "replay": row.id,
        "proposal": row.proposal,
        "head": row.head,
        "base": row.base,
        "state": row.state.value,
        "stale": found.stale,
        "problem": row.problem,
        "cases": len(row.cases),
        "done": found.done,
        "tries": row.tries,
        "fixed": counts.fixed,
        "same": counts.same,
        "broken": counts.broken,
        "unsure": counts.unsure,
        "learned_from": asdict(found.summary.learned),
        "blocks": len(found.blocks),
        "summary": found.lines,
        "estimate": row.estimate,
        "left_out": row.left_out,
        "cost": found.summary.cost,
        "results": [_replayed(one, told(workspace, one)) for one in found.summary.cases],
    }


def _replayed(one: Replayed, case: Case | None) -> dict[str, Any]:
    return {
        "conversation": one.conversation,
        "kind": one.kind.value,
        "taught": one.taught,
        "verdict": one.verdict.value,
        "about": one.about,
        "asked": case.asked if case else None,
        "wanted": case.wanted if case else None,
        "wrong": case.wrong if case else None,
        "reason": case.reason if case else None,
        "today": _side(one.before),
        "then": _side(one.after),
        "cost": one.cost,
    }


def _side(one: Side) -> dict[str, Any]:
    return {
        "decision": "reply" if one.answers else "summon",
        "text": one.text,
        "standing": one.standing.value,
        "votes": one.votes,
        "of": one.of,
        "covered_by": one.went_by,
        "reasons": list(one.reasons),
        "confidence": one.confidence,
    }
