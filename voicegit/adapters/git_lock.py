"""The one lock of a directives repository, and what a writer that was killed left behind.

The lock is a flock on a file beside the refs. Git children inherit its descriptor, so it is free only when the last of them is gone; and
the file says which refs are being moved. Whoever gets the lock and finds that note knows that the writer before it died half-way.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from voicegit.errors import NotFound, Unavailable

NAME = "voicegit.lock"
WAIT = 10.0
STALE_AFTER = 60.0


@contextmanager
def held(repository: Path, wait: float = WAIT) -> Iterator[int]:
    """The descriptor of the lock, held. Raises `Unavailable` after `wait` seconds, `NotFound` when there is no repository."""
    try:
        lock = os.open(repository / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise NotFound(f"There is no directives repository at {repository.name}. Run 'voicegit init' first.") from exc
    except OSError as exc:
        raise Unavailable(f"{repository.name}/{NAME} cannot be opened ({exc.strerror}). Check the rights and the free space of the disk.") from exc
    try:
        _acquire(lock, wait)
        clear_stale(repository, _note(lock))
        yield lock
    finally:
        # Closing is enough, and unlocking would be too much: a child that is still at work keeps the lock through its own descriptor.
        os.close(lock)


def note(lock: int, refs: Sequence[str]) -> None:
    """Says in the lock's file which refs are about to be moved; nothing when the move is over. Raises `Unavailable` when the disk takes no more."""
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, "\n".join(refs).encode(), 0)
    except OSError as exc:
        raise Unavailable(f"The move could not be noted down ({exc.strerror}). Nothing was changed; check the free space of the disk.") from exc


def clear_stale(repository: Path, moving: Sequence[str] = ()) -> None:
    """Removes git's lock files that nobody holds: those on refs that a killed writer was moving, and any older than a minute. Under the lock only."""
    shared = [repository / "packed-refs.lock", repository / "HEAD.lock"]  # git takes the second along with the branch that HEAD names
    noted = {*(repository / f"{ref}.lock" for ref in moving), *(shared if moving else ())}
    for path in [*repository.glob("refs/**/*.lock"), *shared]:
        with suppress(FileNotFoundError):
            old = time.time() - path.stat().st_mtime > STALE_AFTER
            if (old or path in noted) and not _open_somewhere(path):
                path.unlink()


def _acquire(lock: int, wait: float) -> None:
    end, pause = time.monotonic() + wait, 0.001
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() >= end:
                raise Unavailable("Another change to the directives is still being written. Nothing was changed; try again in a moment.") from exc
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)


def _note(lock: int) -> list[str]:
    refs = os.pread(lock, 65536, 0).decode("ascii", "replace").split()
    note(lock, ())
    return refs


def _open_somewhere(path: Path) -> bool:
    """Whether a process has the file open, as far as this system tells."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if link.readlink() == path.resolve():
                return True
    return False
