"""Every error voicegit raises for a person to read.

    VoicegitError
    ├── NotFound       404, exit 1   the thing named does not exist
    ├── Invalid        422, exit 1   what came in cannot be used; `findings` say where and what to do
    ├── Conflict       409, exit 1   something moved meanwhile, or the step is not possible from here
    ├── Forbidden      403, exit 1   this person may not do this
    └── Unavailable    503, exit 1   a part we need does not answer; nothing was lost
        └── ModelFailure             the model gave nothing usable; a turn becomes a summon

Anything else that escapes is a bug: 500 or exit 3, with an incident id.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One problem at one place: what is wrong, and what to do about it."""

    path: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}. {self.remedy}"


class VoicegitError(Exception):
    """What happened, what was kept, what to do next: one message for the person who meets it."""

    status = 500
    title = "Something went wrong"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(VoicegitError):
    status = 404
    title = "Not found"


class Invalid(VoicegitError):
    status = 422
    title = "Cannot be used as it is"

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class Conflict(VoicegitError):
    status = 409
    title = "Something moved meanwhile"


class Forbidden(VoicegitError):
    status = 403
    title = "Not allowed"


class Unavailable(VoicegitError):
    status = 503
    title = "Not available now"


class ModelFailure(Unavailable):
    """The model gave nothing usable. `kind` is one word for the record: refusal, truncated, timeout, overloaded, rejected, malformed."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
