"""How it goes over the last days, in counts that stay cheap however much has happened."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from voicegit.domain.insight import Day, Insight
from voicegit.domain.signal import SignalKind
from voicegit.domain.turn import Outcome
from voicegit.errors import Invalid
from voicegit.ports import Transaction, Workspace

SPANS = (7, 30, 90)
"""How many days one may look back on, today included."""

SUMMONS_READ = 1000
"""Summons whose waiting times are read at the most, the newest."""


def over(workspace: Workspace, days: int) -> Insight:
    """The last `days` days, in the business's own time. Raises `Invalid` for a stretch that is not one of `SPANS`."""
    if days not in SPANS:
        raise Invalid(f"Choose one of {', '.join(map(str, SPANS))} days.")
    tx = workspace.store.read
    zone = ZoneInfo(workspace.directives.serving().policy.business.timezone)
    today = workspace.clock.now().astimezone(zone).date()
    starts = [_midnight(today - timedelta(days=back), zone) for back in range(days - 1, -2, -1)]
    all_of_it = {"at__ge": starts[0], "at__lt": starts[-1]}
    opened = {"opened_at__ge": starts[0], "opened_at__lt": starts[-1]}
    waits, read = _waits(tx, opened)
    summons = tx.summons.count(**opened)
    return Insight(
        days=tuple(_day(tx, begins, ends, zone) for begins, ends in pairwise(starts)),
        # An unchanged draft that a person sent is an approval too, but of their own message: it carries the text.
        good=tx.signals.count(kind=SignalKind.APPROVAL, text=None, **all_of_it),
        corrected=tx.signals.count(kind=SignalKind.CORRECTION, **all_of_it),
        wrong=tx.signals.count(kind=SignalKind.REJECTION, **all_of_it),
        summons=summons,
        taken=len(waits),
        waited=timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None,
        newest_only=read < summons,
        repeated=tx.signals.count(repeats__not=None, **all_of_it),
        cost=sum(tx.turns.total("cost", outcome=outcome, **all_of_it) for outcome in Outcome) + tx.distillations.total("cost", **all_of_it),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(tx: Transaction, begins: datetime, ends: datetime, zone: ZoneInfo) -> Day:
    answered, called = (tx.turns.count(outcome=outcome, at__ge=begins, at__lt=ends) for outcome in (Outcome.REPLY, Outcome.SUMMON))
    return Day(begins.astimezone(zone).date(), answered, called)


def _waits(tx: Transaction, opened: dict[str, Any]) -> tuple[list[timedelta], int]:
    """How long each customer waited whom a person answered, and how many summons were read for it."""
    summons = tx.summons.find(order="-opened_at", limit=SUMMONS_READ, **opened)
    return [summon.answered_at - summon.opened_at for summon in summons if summon.answered_at is not None], len(summons)
