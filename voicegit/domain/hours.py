"""Business hours as an owner writes them: a sentence that a model reads. Only a time of day that no clock shows is wrong in it."""

import re

_HALF = r"\s?[ap]\.?\s?m\b\.?"
_TIME = re.compile(
    rf"(?<![\w.:])(?:(?P<hour>\d{{1,4}}):(?P<minutes>\d{{2,4}})|(?P<bare>\d{{1,4}})(?:[.h](?P<behind>\d{{2,4}}))?(?={_HALF}))(?P<half>{_HALF})?", re.IGNORECASE
)


def no_times(text: str) -> list[str]:
    """What reads as a time of day and is none, as it stands there: `25:00`, `8:75`, `13 pm`. Numbers by themselves and words are anybody's own."""
    return [found[0].strip() for found in _TIME.finditer(text) if not _shown(found)]


def _shown(found: re.Match[str]) -> bool:
    hour, minutes = int(found["hour"] or found["bare"]), found["minutes"] or found["behind"] or "00"
    if len(minutes) > 2 or int(minutes) > 59:
        return False
    return 1 <= hour <= 12 if found["half"] else hour < 24 or (hour, int(minutes)) == (24, 0)
