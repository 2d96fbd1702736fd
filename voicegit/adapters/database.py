"""The SQLite file: one writer thread whose steps share commits, a reading connection a thread, and the schema brought up to date.

WAL with `synchronous=FULL`: what `write` returned is on the disk. Open after a fork, on a local disk only.
"""

import fcntl
import json
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from voicegit.adapters.migrations import migrations
from voicegit.adapters.tables import Tables
from voicegit.domain import mention
from voicegit.errors import Unavailable

T = TypeVar("T")
BATCH = 64
"""Steps that share one commit at the most, so that no caller waits for long behind others."""

_OTHER_PROCESSES = 0.25
"""Seconds between looks for events that another process wrote; our own wake us at once."""


class Database:
    """Fulfils `ports.Store`. Safe for many threads; several processes may open the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._steps: queue.SimpleQueue[tuple[Callable[[Tables], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._starting = threading.Lock()
        self._committing = threading.Lock()
        self._writer: threading.Thread | None = None
        self._connections: list[sqlite3.Connection] = []
        self._news = threading.Condition()

    def migrate(self) -> None:
        """Brings the schema up to date; one process at a time. Refuses a file that a newer voicegit has changed."""
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection = self._connect()
            try:
                db = sqlite_utils.Database(connection)
                if not {applied.name for applied in migrations.applied(db)} <= {known.name for known in migrations._migrations}:
                    raise Unavailable("This workspace was used by a newer voicegit. Nothing was changed; install that version to open it.")
                migrations.apply(db)
            finally:
                self._connections.remove(connection)
                connection.close()

    def write(self, step: Callable[[Any], T]) -> T:
        if threading.current_thread() is self._writer:
            raise RuntimeError("a step may not write through the store again: it has its transaction")
        self._start_writer()
        done: Future[T] = Future()
        self._steps.put((step, done))
        return done.result()

    @property
    def read(self) -> Tables:
        tables: Tables | None = getattr(self._local, "tables", None)
        if tables is None:
            tables = self._local.tables = Tables(self._connect())
        return tables

    def wait_for_events(self, after: int, *, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while not self.read.events.find(id__gt=after, limit=1):
            left = until - time.monotonic()
            if left <= 0:
                return False
            with self._news:
                self._news.wait(min(left, _OTHER_PROCESSES))
        return True

    def wipe(self) -> bool:
        """`VACUUM` leaves no old page behind, the truncated log none of their copies. Our own writes wait meanwhile: about a second for 100 MB."""
        with self._committing:
            connection = self._connect()
            try:
                connection.execute("VACUUM")
                connection.execute("PRAGMA busy_timeout = 1000")
                return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            except sqlite3.Error as exc:
                raise Unavailable(f"The database cannot be written anew now ({exc}). It is tried again within the hour, and by 'voicegit erase'.") from exc
            finally:
                self._connections.remove(connection)
                connection.close()

    def examine(self) -> tuple[str, bool, str]:
        """Whether the file is whole, for the doctor: a name, whether it is well, what to read."""
        found = str(self.read.connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        if found == "ok":
            return "database", True, "whole"
        return "database", False, f"damaged ({found[:80]}). Stop the service, keep the file, and restore a backup."

    def close(self) -> None:
        """Ends the writer after what it has, and closes every connection."""
        with self._starting:
            if self._writer is not None:
                self._steps.put(None)
                self._writer.join()
                self._writer = None
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5.0)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
                connection.execute(f"PRAGMA {pragma}")
            connection.create_function("mentions", 2, _mentions, deterministic=True)
        except sqlite3.Error as exc:
            raise Unavailable(f"The database {self._path.name} cannot be opened ({exc}). Run 'voicegit doctor'.") from exc
        self._connections.append(connection)
        return connection

    def _start_writer(self) -> None:
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="voicegit-writer", daemon=True)
                self._writer.start()

    def _write_all(self) -> None:
        try:
            connection = self._connect()
        except Unavailable as exc:
            self._refuse_all(exc)
            return
        tables = Tables(connection)
        running = True
        while running:
            batch, running = self._next_batch()
            if batch:
                self._commit(connection, tables, batch)
                with self._news:
                    self._news.notify_all()

    def _refuse_all(self, exc: Unavailable) -> None:
        with self._starting:
            self._writer = None
        while not self._steps.empty():
            step = self._steps.get()
            if step is not None:
                step[1].set_exception(exc)

    def _next_batch(self) -> tuple[list[tuple[Callable[[Tables], Any], Future[Any]]], bool]:
        batch = []
        step = self._steps.get()
        while step is not None:
            batch.append(step)
            if len(batch) == BATCH or self._steps.empty():
                return batch, True
            step = self._steps.get()
        return batch, False

    def _commit(self, connection: sqlite3.Connection, tables: Tables, batch: list[tuple[Callable[[Tables], Any], Future[Any]]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._committing:
                connection.execute("BEGIN IMMEDIATE")
                for step, done in batch:
                    outcomes.append((done, *_run(connection, tables, step)))
                connection.execute("COMMIT")
        except sqlite3.Error as exc:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            refused = Unavailable(f"The database cannot be written now ({exc}). Nothing of this step was kept; try again when there is room on the disk.")
            outcomes = [(done, None, refused) for _, done in batch]
        for done, value, error in outcomes:
            if error is None:
                done.set_result(value)
            else:
                done.set_exception(error)


def _mentions(cell: str | None, wanted: str) -> bool:
    return cell is not None and mention.stands_in(cell, json.loads(wanted))


def _run(connection: sqlite3.Connection, tables: Tables, step: Callable[[Tables], Any]) -> tuple[Any, BaseException | None]:
    """One step within the shared transaction: it leaves all of its writes or none."""
    connection.execute("SAVEPOINT step")
    try:
        value, error = step(tables), None
    except sqlite3.Error:
        raise
    except Exception as exc:  # noqa: BLE001 - handed to the caller that waits for this step
        value, error = None, exc
        connection.execute("ROLLBACK TO step")
    connection.execute("RELEASE step")
    return value, error
