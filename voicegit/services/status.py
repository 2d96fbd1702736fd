"""One look at a workspace: what is in force, who waits, what is proposed, what was learned."""

from dataclasses import asdict, dataclass
from datetime import date
from zoneinfo import ZoneInfo

from voicegit.domain.ids import DirectiveId, ProposalId, Revision
from voicegit.domain.turn import Outcome
from voicegit.errors import Finding
from voicegit.ports import Workspace
from voicegit.services import distill, inbox, notify, promised, seasons


@dataclass(frozen=True)
class Status:
    """`autonomy` is the share of settled turns that the model answered by itself; None before there are any. `trouble`: why `main` is not served;
    `unheard`: the channels whose last message did not arrive. `mistakes` are those that no release has addressed, `repeated` the replies that made
    one again. `promise`: what is promised about wrong replies, in a sentence. `ending`: the directives whose season ends within
    a week, with their last day."""

    business: str
    revision: Revision
    directives: tuple[DirectiveId, ...]
    waiting: int
    proposals: tuple[ProposalId, ...]
    signals: int
    replies: int
    summons: int
    trouble: tuple[Finding, ...]
    unheard: tuple[str, ...] = ()
    ending: tuple[tuple[DirectiveId, date], ...] = ()
    mistakes: int = 0
    repeated: int = 0
    promise: str | None = None

    @property
    def repeat_rate(self) -> float | None:
        """The share of replies that made a catalogued mistake again; None before there are any."""
        return self.repeated / self.replies if self.replies else None

    @property
    def autonomy(self) -> float | None:
        settled = self.replies + self.summons
        return self.replies / settled if settled else None

    def as_dict(self) -> dict[str, object]:
        ending = [{"directive": name, "until": day.isoformat()} for name, day in self.ending]
        return {**asdict(self), "ending": ending, "autonomy": self.autonomy, "repeat_rate": self.repeat_rate}

    def in_words(self) -> str:
        lines = [f"{self.business}, at revision {self.revision[:10]}"]
        lines += [f"  NOT SERVED: main has a problem, the last good revision is served. {finding}" for finding in self.trouble]
        lines += [f"  NOT TOLD: the last message to {name} did not arrive (voicegit doctor)" for name in self.unheard]
        lines += [f"  SOON OVER: {name} is in force until {day:%d %b %Y} (voicegit extend {name})" for name, day in self.ending]
        lines.append(f"  {len(self.directives)} directives in force: {', '.join(self.directives)}")
        lines.append(f"  {self.waiting} waiting for a person" + (" (voicegit inbox)" if self.waiting else ""))
        lines.append(f"  {len(self.proposals)} open proposals{': ' + ', '.join(self.proposals) if self.proposals else ''}")
        lines.append(f"  {self.signals} signals to learn from" + (" (voicegit distill)" if self.signals else ""))
        if self.autonomy is not None:
            lines.append(f"  The model answered {self.replies} of {self.replies + self.summons} messages by itself ({self.autonomy:.0%})")
        if self.mistakes or self.repeated:
            lines.append(f"  {self.mistakes} known mistakes are looked out for; {self.repeated} of {self.replies} replies made one again (voicegit mistakes)")
        lines += [f"  {self.promise} (voicegit promise)"] if self.promise is not None else []
        return "\n".join(lines)


def look(workspace: Workspace) -> Status:
    tx = workspace.store.read
    known = workspace.directives.serving()
    today = workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone)).date()
    return Status(
        business=known.policy.business.name,
        revision=known.revision,
        directives=tuple(d.id for d in known.in_force(today)),
        waiting=sum(row.waits for row in inbox.waiting(workspace)),
        proposals=tuple(branch.proposal for branch in workspace.directives.proposals()),
        signals=distill.waiting(tx),
        replies=tx.turns.count(outcome=Outcome.REPLY),
        summons=tx.turns.count(outcome=Outcome.SUMMON),
        trouble=workspace.directives.trouble(),
        mistakes=tx.mistakes.count(closed_at=None),
        repeated=tx.signals.count(repeats__not=None),
        unheard=tuple(state.channel.name for state in notify.trouble(workspace)),
        ending=tuple((one.id, one.ends) for one in seasons.ending(workspace) if one.ends is not None),
        promise=promised.look(workspace).sentence() if known.policy.gate.at_most_wrong is not None else None,
    )
