"""Times as people read them, in the business's own zone."""

from datetime import datetime, timedelta, tzinfo


def clock(at: datetime, zone: tzinfo) -> str:
    """`14:02`."""
    return f"{at.astimezone(zone):%H:%M}"


def day(at: datetime, zone: tzinfo, *, now: datetime) -> str:
    """`today`, `yesterday`, `12 Nov`, or with the year when it is another one."""
    then, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    if then == today:
        return "today"
    if then == today - timedelta(days=1):
        return "yesterday"
    return f"{then.day} {then:%b}" if then.year == today.year else f"{then.day} {then:%b %Y}"


def lasting(seconds: float) -> str:
    """How long, in its largest unit: `40 s`, `4 min`, `3 h`, `2 days`."""
    whole = max(0, int(seconds))
    for size, word in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if whole >= size:
            count = whole // size
            return f"{count} {word}{'s' if word == 'day' and count > 1 else ''}"
    return f"{whole} s"
