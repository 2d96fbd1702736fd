"""Git commands on one bare repository: fixed environment, no shell, bytes in and out. The only module that imports git.

What a command says in words is never read: callers decide by exit code and by the shape of what it printed.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from voicegit.domain.ids import Revision
from voicegit.errors import Invalid, NotFound, Unavailable

_REVISION = re.compile(r"[0-9a-f]{40}")

_NOT_STARTED = "git could not be started. Check that git 2.38 or newer is installed, and that this machine has disk and memory to spare."

_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.fsync": "all",
    "core.quotePath": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "fetch.fsckObjects": "true",
    "transfer.credentialsInUrl": "die",
}

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_DEFAULT_HASH": "sha1",
    "GIT_DEFAULT_REF_FORMAT": "files",
    "LC_ALL": "C",
    "HOME": "/dev/null",
    "XDG_CONFIG_HOME": "/dev/null",
    "TZ": "UTC",
}


@dataclass(frozen=True)
class Ran:
    status: int
    out: bytes
    err: str

    @property
    def line(self) -> str:
        """The first line printed, where that is an object's id."""
        return self.out.split(b"\n", 1)[0].decode("ascii", "replace")


@dataclass(frozen=True)
class Commands:
    """Runs git on the bare repository at `path`. `lock` is a descriptor that every child inherits, so that the lock outlives a killed parent.

    `quarantine` names the object folders of a push that is not accepted yet.
    """

    path: Path
    lock: int | None = None
    quarantine: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: bytes = b"", signature: Mapping[str, str] | None = None) -> Ran:
        """Any exit status is an answer. Raises `Unavailable` when git cannot be started."""
        git = _gitpython()
        environment = {**_ENVIRONMENT, **self.quarantine, **(signature or {})}
        options = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
        command = [*_without_inherited(environment), "git", *options, f"--git-dir={self.path}", *arguments]
        try:
            with tempfile.TemporaryFile() as given:
                given.write(stdin)
                given.seek(0)
                status, out, err = git.Git(self.path).execute(
                    command,
                    istream=given,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    shell=False,
                    env=environment,
                    pass_fds=() if self.lock is None else (self.lock,),
                )
        except (git.GitCommandNotFound, OSError) as exc:
            raise Unavailable(_NOT_STARTED) from exc
        return Ran(status, out, str(err))

    def must(self, *arguments: str, stdin: bytes = b"", signature: Mapping[str, str] | None = None) -> Ran:
        """As `run`, for commands that have no reason to fail. Raises `Unavailable` when one does."""
        ran = self.run(*arguments, stdin=stdin, signature=signature)
        if ran.status != 0:
            raise self.failure(arguments[0], ran)
        return ran

    def failure(self, command: str, ran: Ran) -> Unavailable:
        """The error for a command that had no reason to fail. What git said names folders of this machine: it is a note for the log."""
        error = Unavailable(
            f"git {command} failed with status {ran.status} in {self.path.name}; nothing was changed by it. "
            f"Try again; if it stays, run 'git fsck' in that folder to see what is wrong."
        )
        error.add_note(ran.err)
        return error


def _gitpython() -> ModuleType:
    """Imported late: GitPython starts `git version` when it is imported, which a process that never meets a new revision need not pay for."""
    try:
        import git
    except ImportError as exc:  # what it raises when there is no git to run
        raise Unavailable(_NOT_STARTED) from exc
    return git


def full_id(text: str) -> Revision:
    """The text as a revision, before it goes to git. Raises `Invalid`: names are looked up with `resolve` first."""
    if not _REVISION.fullmatch(text):
        raise Invalid(f"{text[:80]!r} is not a full commit id. Look the name up first.")
    return Revision(text)


def missing(what: str) -> NotFound:
    return NotFound(f"Revision {what[:10]} is not in the directives repository. See 'voicegit log' for those that are.")


def _without_inherited(environment: Mapping[str, str]) -> list[str]:
    """A prefix that takes git's own variables of our process away: GitPython hands on all of them, and inside a hook they name other folders."""
    names = [name for name in os.environ if name.startswith("GIT_") and not name.startswith("GIT_PYTHON_") and name not in environment]
    return ["env", *(part for name in names for part in ("-u", name))] if names else []
