"""What went wrong inside, for the log: kinds and places, never messages, because those can hold a customer's words."""

import logging
import traceback
import uuid

log = logging.getLogger("voicegit")


def report(exc: BaseException, doing: str) -> str:
    """Logs a bug of ours and returns the number that a person may quote."""
    number = uuid.uuid4().hex[:8]
    places = "".join(f"\n    {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(exc.__traceback__))
    log.error("incident %s while %s: %s%s", number, doing, type(exc).__name__, places)
    return number


def note(doing: str, exc: BaseException) -> None:
    """Logs that something known went wrong."""
    log.warning("%s: %s", doing, type(exc).__name__)
