"""Figures for Prometheus, in a registry of our own. Read from the rows when somebody asks, so that the path of a turn pays nothing."""

import threading
import uuid
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from voicegit.domain.turn import Turn
from voicegit.domain.work import DeliveryState
from voicegit.ports import Workspace

LATE = timedelta(minutes=2)
"""How much later than its id's time a turn's row may be committed and still be counted."""

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)


class Metrics:
    """Counters begin at zero with the process, as Prometheus expects."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._from = _floor(workspace.clock.now())
        self._seen: set[str] = set()
        self._registry = CollectorRegistry(auto_describe=True)
        self._turns = Counter("voicegit_turns", "Turns since the start, by what came of them", ["outcome"], registry=self._registry)
        self._latency = Histogram("voicegit_turn_seconds", "From the start of a turn to its decision", buckets=BUCKETS, registry=self._registry)
        self._tokens = Counter("voicegit_tokens", "Tokens of the models since the start", ["kind"], registry=self._registry)
        self._cost = Counter("voicegit_cost_dollars", "What the turns since the start have cost", registry=self._registry)
        self._waiting = Gauge("voicegit_summons_waiting", "Summons that nobody has ended", registry=self._registry)
        self._jobs = Gauge("voicegit_jobs_open", "Pieces of work not done yet", registry=self._registry)
        self._leaving = Gauge("voicegit_outbox_waiting", "Texts that have not left yet", registry=self._registry)

    def text(self) -> bytes:
        """The exposition format."""
        with self._lock:
            self._count()
            tx = self._workspace.store.read
            self._waiting.set(tx.summons.count(ended_at=None))
            self._jobs.set(tx.jobs.count())
            self._leaving.set(tx.outbox.count(state=DeliveryState.WAITING))
            return generate_latest(self._registry)

    def _count(self) -> None:
        """Takes in the turns that were committed since the last look; ids are ordered by time, commits nearly so."""
        now = self._workspace.clock.now()
        found = self._workspace.store.read.turns.find(id__gt=self._from, order="id")
        for turn in found:
            if turn.id not in self._seen:
                self._add(turn)
        self._from = max(self._from, _floor(now - LATE))
        self._seen = {turn.id for turn in found if turn.id > self._from}

    def _add(self, turn: Turn) -> None:
        self._turns.labels(turn.outcome.value).inc()
        self._latency.observe(turn.latency_ms / 1000)
        for kind, number in (("input", turn.input_tokens), ("output", turn.output_tokens), ("cached", turn.cached_tokens)):
            self._tokens.labels(kind).inc(number)
        self._cost.inc(turn.cost)


def _floor(at: datetime) -> str:
    """The smallest id that is made at this time (RFC 9562: the first 48 bits are milliseconds)."""
    return str(uuid.UUID(int=int(at.timestamp() * 1000) << 80))
