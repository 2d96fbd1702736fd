"""How it goes: over a week, a month or a quarter."""

from dataclasses import dataclass

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from voicegit.domain.insight import Day
from voicegit.domain.promise import Curve
from voicegit.services import insights, promised
from voicegit_web.auth import for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("insights", __name__)

WIDTH, HEIGHT = 700, 230
"""Of the chart, in its own units."""

SIDE = 300
"""Of the square that the reliability curve is drawn in."""


@dataclass(frozen=True)
class Bar:
    """One day of the chart, in its units: the lower part is what the AI answered, the upper where a person was called. `tick`: its date is written."""

    day: Day
    x: float
    width: float
    answered: float
    called: float
    tick: bool

    @property
    def anchor(self) -> str:
        """Dates at the edges stay within."""
        return "start" if self.x < WIDTH / 20 else "end" if self.x > WIDTH * 0.9 else "middle"

    @property
    def at(self) -> float:
        return {"start": self.x, "end": self.x + self.width, "middle": self.x + self.width / 2}[self.anchor]


@pages.get("/insights")
@for_people
def page() -> ResponseReturnValue:
    days = request.args.get("days", "30")
    found = insights.over(workspace(), int(days) if days.isdecimal() and len(days) < 4 else 0)
    chart = {"bars": bars(found.days), "most": busiest(found.days), "width": WIDTH, "height": HEIGHT}
    look = promised.look(workspace())
    curve = {"look": look, "dots": dots(look.curve), "line": line(look.curve), "side": SIDE}
    return show("insights/page.html", tab="more", here="insights", insight=found, spans=insights.SPANS, **chart, **curve)


@dataclass(frozen=True)
class Dot:
    """What it said (to the right) against how often it was right (up), in units of the square; the more replies, the larger."""

    x: float
    y: float
    size: float


def dots(curve: Curve | None) -> list[Dot]:
    bins = curve.bins if curve is not None else ()
    most = max((one.of for one in bins), default=1)
    return [Dot(one.says * SIDE, SIDE - one.right / one.of * SIDE, 4 + 8 * (one.of / most) ** 0.5) for one in bins]


def line(curve: Curve | None) -> str:
    """The calibrated chance, as points of an SVG line; empty while nothing is fitted."""
    points = curve.points[::4] if curve is not None and len(curve.points) > 2 else ()
    return " ".join(f"{said * SIDE:.1f},{SIDE - right * SIDE:.1f}" for said, right in points)


def busiest(days: tuple[Day, ...]) -> int:
    """Messages of the fullest day, at least 1."""
    return max(1, *(day.answered + day.called for day in days))


def bars(days: tuple[Day, ...]) -> list[Bar]:
    """A quarter of each day's place is the space beside it; the tallest day fills the height."""
    most = busiest(days)
    place = WIDTH / len(days)
    every = max(1, len(days) // 7)
    return [
        Bar(day, number * place + place / 8, place * 0.75, day.answered / most * HEIGHT, day.called / most * HEIGHT, (len(days) - 1 - number) % every == 0)
        for number, day in enumerate(days)
    ]
