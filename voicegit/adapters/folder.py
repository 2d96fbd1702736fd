"""A folder of directives on the disk, read as if it were a tree in git: for `lint` and for the first commit of a workspace."""

import hashlib
import stat
from pathlib import Path

from voicegit.domain.tree import MAX_FILES, PLAIN_FILE, Entry
from voicegit.errors import NotFound, Unavailable

MAX_READ = 65536
"""Bytes read of one file: past the limit of a directive, so that a larger one is refused with its place and not read whole."""


def entries(folder: Path) -> dict[str, Entry]:
    """Every file below a folder by its path in it; hidden folders (such as .git) are passed over. Raises `NotFound`."""
    if not folder.is_dir():
        raise NotFound(f"{folder} is not a folder. Name one that holds policy.toml and the directives.")
    found: dict[str, Entry] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_dir() and not path.is_symlink()) or name.split("/")[0].startswith("."):
            continue
        found[name] = _entry(path)
        if len(found) > MAX_FILES + 1:
            break
    return found


def _entry(path: Path) -> Entry:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            return Entry("120000" if stat.S_ISLNK(mode) else "160000", "", b"")
        with path.open("rb") as file:
            content = file.read(MAX_READ)
    except OSError as exc:
        raise Unavailable(f"{path} cannot be read ({exc.strerror}).") from exc
    return Entry(PLAIN_FILE, hashlib.sha256(content).hexdigest(), content)
