"""Threads that do what is due: turns nobody runs, distillations, texts that may leave, people to be told. A restart goes on from the same rows."""

import threading
import time

from voicegit.domain.work import Job
from voicegit.errors import VoicegitError
from voicegit.ports import Workspace
from voicegit.services import notify, remembered, replay, replaying, retention, seasons, worker
from voicegit.services import turn as turns
from voicegit_web import incidents

SWEEP = 1.0
"""Seconds between looks when nothing is said to be due: for what another process left, and for leases that ran out."""

COALESCE = 0.03
"""Seconds between two looks at the most: under load many commits are one piece of news."""

HOUR = 3600.0
NOW_AND_THEN = 20.0

PATIENCE = 1.0
"""Seconds that stopping waits for a thread that is in the middle of something. Its lease is given back, so that nothing waits for it."""


class Background:
    """One thread watches for news and lets texts leave; `workers` others run the jobs."""

    def __init__(self, workspace: Workspace, *, workers: int) -> None:
        self._workspace = workspace
        self._ends_until = workspace.clock.now()
        self._stop = threading.Event()
        self._go = threading.Event()
        self._threads = [threading.Thread(target=self._watch, name="voicegit-watch", daemon=True)]
        self._threads += [threading.Thread(target=self._work, name=f"voicegit-work-{number}", daemon=True) for number in range(workers)]
        self._threads += [threading.Thread(target=self._keep_warm, name="voicegit-warm", daemon=True)]
        self._threads += [threading.Thread(target=self._tell, name="voicegit-tell", daemon=True)]
        self._threads += [threading.Thread(target=self._try_out, name="voicegit-replay", daemon=True)]

    def start(self) -> None:
        worker.take_up(self._workspace)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._go.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(PATIENCE)
        if any(thread.is_alive() for thread in self._threads):
            worker.give_up_leases(self._workspace)

    @property
    def alive(self) -> bool:
        """Whether every thread that was started still runs."""
        return all(thread.is_alive() for thread in self._threads)

    # ---- what may leave, and who is woken

    def _watch(self) -> None:
        while not self._stop.wait(COALESCE):
            try:
                self._look()
            except Exception as exc:  # noqa: BLE001 - the last place: a thread that dies serves nobody
                incidents.report(exc, "watching for work")
                self._stop.wait(SWEEP)

    def _look(self) -> None:
        tx = self._workspace.store.read
        newest = tx.events.first(order="-id")
        now = self._workspace.clock.now()
        worker.deliver_due(self._workspace)
        self._ends_until = worker.announce_ends(self._workspace, since=self._ends_until)
        due = worker.next_job(self._workspace)
        if due is not None and due <= now:
            self._go.set()
        times = [at for at in (due, worker.next_delivery(self._workspace)) if at is not None]
        rest = min([SWEEP, *((at - now).total_seconds() for at in times if at > now)])
        self._workspace.store.wait_for_events(newest.id if newest else 0, timeout=max(rest, COALESCE))

    # ---- jobs

    def _work(self) -> None:
        while not self._stop.is_set():
            self._go.wait(SWEEP)
            self._go.clear()
            try:
                while not self._stop.is_set() and worker.work_once(self._workspace, failed=_failed):
                    pass
            except Exception as exc:  # noqa: BLE001 - the job comes back when its lease ends
                incidents.report(exc, "doing a job")
                self._stop.wait(SWEEP)

    # ---- people who are not at the page

    def _tell(self) -> None:
        """In a thread of its own: a message may take ten seconds, and no turn waits for it."""
        while not self._stop.wait(COALESCE):
            try:
                newest = self._workspace.store.read.events.first(order="-id")
                while not self._stop.is_set() and notify.tell_next(self._workspace):
                    pass
                due, now = notify.next_due(self._workspace), self._workspace.clock.now()
                rest = min(SWEEP, (due - now).total_seconds()) if due is not None else SWEEP
                self._workspace.store.wait_for_events(newest.id if newest else 0, timeout=max(rest, COALESCE))
            except Exception as exc:  # noqa: BLE001 - the notice comes back when its lease ends
                incidents.report(exc, "telling people")
                self._stop.wait(SWEEP)

    # ---- proposals, tried on past questions

    def _try_out(self) -> None:
        """In a thread of its own, one at a time: it may take minutes, and no turn waits for it."""
        looked: object = None
        while not self._stop.wait(SWEEP):
            try:
                # Looking for proposals starts a process: only when something moved, and now and then for what another process left.
                there = (*replay.signs(self._workspace), time.monotonic() // NOW_AND_THEN)
                row = replay.due(self._workspace) if there != looked else None
                if row is not None:
                    replaying.run(self._workspace, row, ending=self._stop.is_set)
                else:
                    looked = there
            except VoicegitError as exc:
                incidents.note("replaying", exc)
                self._stop.wait(NOW_AND_THEN)
            except Exception as exc:  # noqa: BLE001 - the replay is stopped, with what it has; the next goes on
                incidents.report(exc, "replaying")
                self._stop.wait(NOW_AND_THEN)

    # ---- what the first customer would wait for

    def _keep_warm(self) -> None:
        """Reads a new revision, and prepares the model for it, before a customer's turn has to. Once an hour it also sweeps."""
        swept, announced = time.monotonic(), False
        while not self._stop.is_set():
            try:
                turns.warm(self._workspace)
                if not announced:
                    seasons.announce(self._workspace)
                    announced = True
                if time.monotonic() - swept > HOUR:
                    swept, announced = time.monotonic(), False
                    remembered.forget_old(self._workspace)
                    retention.sweep(self._workspace)
            except VoicegitError as exc:
                # It is shown by /readyz and the doctor; here there is nobody to tell.
                incidents.note("warming up", exc)
            except Exception as exc:  # noqa: BLE001 - the next turn meets it too, and says so to somebody
                incidents.report(exc, "warming up")
            self._stop.wait(SWEEP)


def _failed(job: Job, exc: Exception) -> None:
    incidents.note(f"a {job.kind.value} job", exc)
