"""The risk promise as people read it: what is promised, for which topics it is shown, and what is missing for the others."""

from dataclasses import dataclass

from voicegit.domain import promise as promises
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, MessageId
from voicegit.domain.promise import ANYTHING, Curve, Standing
from voicegit.domain.turn import Outcome
from voicegit.ports import Workspace
from voicegit.services.promise import CURVE

AUDITS = 10
"""Replies that wait for a look whose ids are given, the oldest."""


@dataclass(frozen=True)
class Topic:
    """One topic's promise. `directives` share it; `bound` is the share that may be wrong, at 95 % certainty; `waiting` counts audits that nobody did."""

    name: str
    standing: Standing
    directives: tuple[DirectiveId, ...]
    bound: float = 1.0
    waiting: int = 0

    def in_words(self) -> str:
        now = self.standing
        if now.threshold is None:
            return f"drafts only. {now.in_words()}"
        wrong = f"{now.wrong} of {now.of} checked replies were wrong"
        return f"answers by itself from {percent(now.threshold)} sure on: {wrong}, so at most {percent(self.bound)} are."

    def as_dict(self) -> dict[str, object]:
        now = self.standing
        return {
            "topic": self.name,
            "directives": list(self.directives),
            "at_most_wrong": now.at_most,
            "threshold": now.threshold,
            "checked": now.of,
            "wrong": now.wrong,
            "bound": self.bound,
            "missing": now.missing,
            "counted": now.counted,
            "audits_waiting": self.waiting,
            "says": self.in_words(),
        }


@dataclass(frozen=True)
class Look:
    """All of it. `at_most` None: a fixed threshold decides. `unknown` are topics that the policy names and no directive has; `audits` wait for a look."""

    at_most: float | None
    audit_rate: float
    topics: tuple[Topic, ...] = ()
    unknown: tuple[str, ...] = ()
    curve: Curve | None = None
    audits: tuple[MessageId, ...] = ()

    @property
    def shown(self) -> int:
        """For how many topics the promise is shown to hold."""
        return sum(one.standing.threshold is not None for one in self.topics)

    def sentence(self) -> str:
        if self.at_most is None:
            return "Nothing is promised about wrong replies: a fixed threshold decides."
        said = f"Of the replies that the AI sends by itself at most {percent(self.at_most)} are wrong, at 95 % certainty"
        if not self.shown:
            return f"{said}: for no topic is that shown yet, so it drafts and a person sends."
        rest = "" if self.shown == len(self.topics) else "; in all others it drafts and a person sends"
        return f"{said}: shown for {self.shown} of {len(self.topics)} topics{rest}."

    def in_words(self) -> str:
        lines = [self.sentence()]
        lines += [f"  {one.name or 'no single directive'}: {one.in_words()}" for one in self.topics]
        lines += [f"  {name}: no directive has this topic of policy.toml" for name in self.unknown]
        if self.audits:
            lines.append(f"Chosen at random and waiting for a look: {', '.join(self.audits)} (voicegit feedback)")
        lines += [f"{one}." for one in self.curve.bins] if self.curve is not None else []
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        curve = self.curve
        return {
            "at_most_wrong": self.at_most,
            "audit_rate": self.audit_rate,
            "certainty": 0.95,
            "topics": [one.as_dict() for one in self.topics],
            "unknown_topics": list(self.unknown),
            "audits": list(self.audits),
            "calibration": None
            if curve is None
            else {
                "how": curve.how,
                "reviewed": curve.reviewed,
                "share_wrong": curve.share_wrong,
                "bins": [{"says": one.says, "right": one.right, "of": one.of} for one in curve.bins],
            },
        }


def look(workspace: Workspace) -> Look:
    tx, known = workspace.store.read, workspace.directives.serving()
    policy, grounds = known.policy.gate, promises.topics(known).grounds
    audits = tx.turns.find(outcome=Outcome.REPLY, looked_at=None, audited=True, order="at", limit=AUDITS)
    seen = Look(policy.at_most_wrong, policy.audited, curve=tx.curves.first(id=CURVE), audits=tuple(one.message for one in audits if one.message))
    if policy.at_most_wrong is None:
        return seen
    found = [_topic(workspace, known, name, ground) for name, ground in sorted(grounds.items())]
    shown = tuple(one for one in found if one.name != ANYTHING or one.standing.of)
    return Look(seen.at_most, seen.audit_rate, shown, tuple(sorted(set(policy.topics) - set(grounds))), seen.curve, seen.audits)


def _topic(workspace: Workspace, known: DirectiveSet, name: str, ground: str) -> Topic:
    tx = workspace.store.read
    row = tx.promises.first(id=ground)
    waiting = tx.turns.count(outcome=Outcome.REPLY, looked_at=None, audited=True, ground=ground)
    having = tuple(sorted(id for id, one in promises.topics(known).of.items() if one == name))
    return Topic(name, promises.standing(known, name, row), having, row.bound if row is not None else 1.0, waiting)


def percent(share: float) -> str:
    return f"{share * 100:.1f}".removesuffix(".0") + " %"
