"""How it goes: what a stretch of days comes to, each figure as a sentence with the counts it rests on."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Day:
    """One day in the business's own time: messages that the AI answered, and those for which it called a person."""

    day: date
    answered: int
    called: int


@dataclass(frozen=True)
class Insight:
    """`good`, `corrected` and `wrong` count what people said of replies; `waited` is the median of `taken` summons that a person answered, of `summons` in all.

    `newest_only` says that only the newest summons were looked at for it. `cost` is in US dollars, distillations included.
    `repeated` counts replies that made a mistake again which was known when they were sent.
    """

    days: tuple[Day, ...]
    good: int = 0
    corrected: int = 0
    wrong: int = 0
    summons: int = 0
    taken: int = 0
    waited: timedelta | None = None
    newest_only: bool = False
    cost: float = 0.0
    repeated: int = 0

    @property
    def answered(self) -> int:
        return sum(day.answered for day in self.days)

    @property
    def called(self) -> int:
        return sum(day.called for day in self.days)

    @property
    def messages(self) -> int:
        return self.answered + self.called

    @property
    def judged(self) -> int:
        return self.good + self.corrected + self.wrong

    @property
    def empty(self) -> bool:
        return not (self.messages or self.summons or self.judged)

    def in_words(self) -> list[tuple[str, str, str]]:
        """For each figure its name, the figure, and the sentence that says what it is."""
        return [
            ("Answered by the AI", _share(self.answered, self.messages), self._answered()),
            ("A person was called", _each_day(self.summons, len(self.days)), self._summoned()),
            ("Replies you looked at", _share(self.good, self.judged), self._judged()),
            ("Mistakes made again", _share(self.repeated, self.answered), self._repeated()),
            ("Waiting for a person", _span(self.waited), self._waited()),
            ("Cost", _money(self.cost), self._cost()),
        ]

    def _answered(self) -> str:
        if not self.messages:
            return "No message came in."
        return f"{self.answered:,} of {_many(self.messages, 'message')} {_was(self.messages)} answered by the AI ({_percent(self.answered, self.messages)})."

    def _summoned(self) -> str:
        if not self.summons:
            return "Nobody had to be called."
        return f"A person was called {_many(self.summons, 'time')} in {_many(len(self.days), 'day')}."

    def _judged(self) -> str:
        if not self.judged:
            return "Nobody judged a reply in these days. Samples shows the ones that need it most."
        return (
            f"{self.good:,} of {_many(self.judged, 'verdict')} said the AI's reply was good ({_percent(self.good, self.judged)}); "
            f"{self.corrected:,} corrected it, {self.wrong:,} said it was wrong."
        )

    def _repeated(self) -> str:
        if not self.answered:
            return "No reply, no mistake."
        return f"{self.repeated:,} of {_many(self.answered, 'reply', 'replies')} made a mistake again that you had caught before."

    def _waited(self) -> str:
        if self.waited is None:
            return "No customer who was waiting has been answered by a person." if self.summons else "No customer had to wait for a person."
        if self.taken == 1:
            return f"The one customer whom a person answered had waited {_span(self.waited)}."
        which = "newest " if self.newest_only else ""
        return f"Half of the {which}{self.taken:,} customers whom a person answered had waited less than {_span(self.waited)}."

    def _cost(self) -> str:
        if not self.cost:
            return "The model that answers here costs nothing."
        each = f", {_money(self.cost / self.messages)} a message" if self.messages else ""
        return f"The models cost {_money(self.cost)}{each}, learning included."


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _percent(part: int, whole: int) -> str:
    """In whole percent; never 0 or 100 unless it is none or all."""
    exact = 100 * part / whole
    return f"{min(99, max(1, round(exact))) if 0 < part < whole else round(exact)} %"


def _share(part: int, whole: int) -> str:
    return _percent(part, whole) if whole else "–"


def _each_day(count: int, days: int) -> str:
    each = count / days
    return f"{each:.0f} a day" if each >= 10 or each == round(each) else f"{each:.1f} a day"


def _span(time: timedelta | None) -> str:
    if time is None:
        return "–"
    seconds = round(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _money(dollars: float) -> str:
    return "$0" if not dollars else f"${dollars:,.2f}" if dollars >= 0.995 else f"${dollars:.4f}" if dollars < 0.01 else f"${dollars:.3f}"
