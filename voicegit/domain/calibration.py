"""From reviewed outcomes to a promise: how right the model is when it says how sure it is, and from which confidence on it may answer by itself.

Pure statistics on lists of outcomes. NumPy, SciPy and scikit-learn are imported inside: the path of a turn reads results and never comes here.

Why the promise holds although the threshold is picked from the same data:

- Only outcomes that were drawn at random count, each with the same chance as every other reply of its time. Then those at or above any threshold are
  a plain random sample of the replies that it lets through, and the number of wrong ones is binomial: the bound of Clopper and Pearson (1934) is exact.
- Thresholds are tested from the strictest downwards, each at the full level, and the first that fails ends it (fixed-sequence testing: Bauer 1991;
  Learn then Test, Angelopoulos et al. 2021). Where it begins depends on how many replies lie above, never on how many of them were wrong.
- Looking again after every outcome would find a lucky moment sooner or later. So a threshold is granted or lowered only when there is half as much
  evidence again as at the last time, while it is raised or taken away at once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

LEVEL = 0.95
"""How certain a promise is."""

THRESHOLDS = tuple(round(0.99 - step / 100, 2) for step in range(90))
"""The confidences that can become a threshold, strictest first: 0.99 down to 0.10."""

BEGIN = 5
"""The first threshold that is tested lets at least one in so many of the reviewed replies through: enough that one wrong reply does not end it."""

AGAIN = 1.5
"""How much the evidence has to grow before a threshold may be lowered again."""

NONE = -1
"""In place of an index into `THRESHOLDS`: no threshold holds."""

ENOUGH = 30
"""Outcomes below which nothing is fitted: what the model says is then taken as it is."""

FOLDS = 5


@dataclass(frozen=True)
class Outcome:
    """A reply that was looked at: the model's confidence in it (0..1), and whether a person found it wrong. It stands for `weight` replies (1 / its chance)."""

    confidence: float
    wrong: bool
    weight: float = 1.0


# ---- the promise


@dataclass(frozen=True)
class Granted:
    """`threshold` is the confidence from which on replies are sent, None when every draft needs a person. Of `of` reviewed replies at or above it
    (of all, without one) `wrong` were wrong; `bound` is the share that may be wrong at 95 % certainty. After `missing` more right ones there is a threshold.
    """

    threshold: float | None
    of: int
    wrong: int
    bound: float
    missing: int


def needed(at_most: float) -> int:
    """How many replies have to be looked at, none of them wrong, before so small a share (0..1) can be promised: 59 for 5 %, 29 for 10 %."""
    return math.ceil(math.log(1 - LEVEL) / math.log1p(-at_most))


def upper(wrong: int, of: int) -> float:
    """The exact one-sided upper bound on a share at 95 %, from `wrong` of `of` (Clopper & Pearson 1934). 1.0 of nothing."""
    from scipy.stats import beta

    return 1.0 if wrong >= of else float(beta.ppf(LEVEL, wrong + 1, of - wrong))


def tolerated(of: "Ints", at_most: float) -> "Ints":
    """How many of so many may be wrong with the bound still within `at_most`; -1 where even none is too many. Elementwise."""
    import numpy as np
    from scipy.stats import binom

    # The bound is within `at_most` exactly when so few wrong ones would be this rare under it.
    most = np.maximum(binom.ppf(1 - LEVEL, of, at_most), 0).astype(np.int64)
    bearable: Ints = most - (binom.cdf(most, of, at_most) > 1 - LEVEL)
    return bearable


def lowest(of: "Ints", wrong: "Ints", bearable: "Ints") -> "Ints":
    """The index of the lowest threshold that passes, or `NONE`, for histories along the leading axes.

    The last axis is `THRESHOLDS`: how many reviewed replies lie at or above each, how many of them were wrong, how many wrong are `tolerated`.
    """
    import numpy as np

    steps = np.arange(of.shape[-1])
    tested = (bearable >= 0) & (of * BEGIN >= of[..., -1:])
    failed = tested & (wrong > bearable)
    ends = np.where(failed.any(-1), failed.argmax(-1), len(steps))
    begins = np.where(tested.any(-1), tested.argmax(-1), len(steps))
    return np.where(begins < ends, ends - 1, NONE)


def follow(held: Any, found: Any, of: Any, due: Any) -> tuple[Any, Any]:
    """What is held after one more outcome, and at how many outcomes it may next be lowered; elementwise.

    `found` is what `lowest` says of all outcomes so far, `due` at how many it may be lowered as known so far.
    """
    import numpy as np

    looked = of >= due
    return np.where(looked, found, np.minimum(held, found)), np.where(looked, np.ceil(of * AGAIN).astype(np.int64), due)


def strictest(of: "Ints", held: Any) -> Any:
    """The first of the thresholds that let the same reviewed replies through as the held one: nothing less sure than what was looked at is sent."""
    import numpy as np

    same = of == np.take_along_axis(of, np.maximum(np.asarray(held), 0)[..., None], -1)
    return np.where(np.asarray(held) == NONE, NONE, same.argmax(-1))


def granted(outcomes: Sequence[Outcome], at_most: float) -> Granted:
    """What follows from outcomes in the order in which they were reviewed, each drawn with the chance of its time."""
    import numpy as np

    inside, wrong = _above(outcomes)
    of, bad = np.cumsum(inside, axis=0), np.cumsum(wrong, axis=0)
    held: Any = NONE
    due: Any = needed(at_most)
    for count, found in enumerate(lowest(of, bad, tolerated(of, at_most)), 1):
        held, due = follow(held, found, count, due)
    last_of, last_bad = (of[-1], bad[-1]) if outcomes else (np.zeros(len(THRESHOLDS), np.int64),) * 2
    at = int(strictest(last_of, held)) if held != NONE else len(THRESHOLDS) - 1
    seen, found_wrong = int(last_of[at]), int(last_bad[at])
    return Granted(
        threshold=THRESHOLDS[at] if held != NONE else None,
        of=seen,
        wrong=found_wrong,
        bound=upper(found_wrong, seen),
        missing=0 if held != NONE else _missing(last_of, last_bad, int(due), at_most, len(outcomes)),
    )


def place(confidence: "Floats") -> "Ints":
    """The index of the strictest threshold that lets a confidence through; the number of thresholds when none does."""
    import numpy as np

    return np.searchsorted(-np.array(THRESHOLDS), -confidence, side="left")


def _above(outcomes: Sequence[Outcome]) -> tuple["Ints", "Ints"]:
    """For each outcome and threshold whether it lies at or above it, and whether it was wrong besides."""
    import numpy as np

    first = place(np.array([one.confidence for one in outcomes], dtype=np.float64))
    inside = (np.arange(len(THRESHOLDS)) >= first[:, None]).astype(np.int64)
    return inside, inside * np.array([one.wrong for one in outcomes], dtype=np.int64)[:, None]


def _missing(of: "Ints", wrong: "Ints", due: int, at_most: float, count: int) -> int:
    """The least number of further replies, all of them right and surer than any threshold, after which there is one."""

    while True:
        more = max(0, due - count)
        if lowest(of + more, wrong, tolerated(of + more, at_most)) != NONE:
            return more
        due = math.ceil(due * AGAIN)


# ---- how right it is when it says how sure it is


@dataclass(frozen=True)
class Calibration:
    """From what the model says (0..1) to the chance that it is right, by straight lines between `points`. `how`: logistic, isotonic, or as said."""

    how: str
    points: tuple[tuple[float, float], ...]

    def chance(self, confidence: float) -> float:
        return float(self.chances([confidence])[0])

    def chances(self, confidences: Sequence[float]) -> "Floats":
        import numpy as np

        said, right = zip(*self.points, strict=True)
        found: Floats = np.interp(np.asarray(confidences, dtype=np.float64), said, right)
        return found


AS_SAID = Calibration("as said", ((0.0, 0.0), (1.0, 1.0)))


def calibrate(outcomes: Sequence[Outcome]) -> Calibration:
    """Logistic (Platt 1999) or isotonic (Zadrozny & Elkan 2002) by cross-validated log loss; weights make it true of all replies.

    The isotonic curve, which bends to every chance run of outcomes, has to be better by more than a standard error (Breiman et al. 1984, section 3.4.3).
    With fewer than `ENOUGH` outcomes, or without both right and wrong ones, what the model says is taken as it is.
    """
    import numpy as np

    said = np.array([one.confidence for one in outcomes], dtype=np.float64)
    right = np.array([not one.wrong for one in outcomes], dtype=np.int64)
    weight = np.array([one.weight for one in outcomes], dtype=np.float64)
    if len(outcomes) < ENOUGH or min(right.sum(), len(right) - right.sum()) < FOLDS:
        return AS_SAID
    gained = weight / weight.mean() * (_losses(_logistic, said, right, weight) - _losses(_isotonic, said, right, weight))
    bends = gained.mean() > gained.std() / math.sqrt(len(gained))
    how, way = ("isotonic", _isotonic) if bends else ("logistic", _logistic)
    return Calibration(how, tuple(zip(_KNOTS, way(said, right, weight, np.array(_KNOTS)).tolist(), strict=True)))


_KNOTS = tuple(step / 200 for step in range(201))
_EDGE = 1e-3
"""No chance is said to be nearer to 0 or 1 than this; a single outcome would otherwise cost without end."""


def _logistic(said: "Floats", right: "Ints", weight: "Floats", at: "Floats") -> "Floats":
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=10.0).fit(_log_odds(said), right, sample_weight=weight / weight.mean())
    chances: Floats = fitted.predict_proba(_log_odds(at))[:, 1]
    return chances


def _isotonic(said: "Floats", right: "Ints", weight: "Floats", at: "Floats") -> "Floats":
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=_EDGE, y_max=1 - _EDGE, out_of_bounds="clip").fit(said, right, sample_weight=weight)
    chances: Floats = fitted.predict(at)
    return chances


def _log_odds(said: "Floats") -> "Floats":
    import numpy as np

    kept = np.clip(said, _EDGE, 1 - _EDGE)
    odds: Floats = np.log(kept / (1 - kept))[:, None]
    return odds


def _losses(way: Any, said: "Floats", right: "Ints", weight: "Floats") -> "Floats":
    """The log loss of each, when the part that it is in was left out; each part has its share of right and wrong."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    losses = np.zeros(len(said))
    for taught, asked in StratifiedKFold(FOLDS).split(said, right):
        chance = np.clip(way(said[taught], right[taught], weight[taught], said[asked]), _EDGE, 1 - _EDGE)
        losses[asked] = -np.log(np.where(right[asked] == 1, chance, 1 - chance))
    return losses


def share_wrong(outcomes: Sequence[Outcome]) -> float | None:
    """The estimated share of all replies that are wrong, each outcome counted for those that it stands for (Horvitz & Thompson 1952). None of nothing."""
    total = math.fsum(one.weight for one in outcomes)
    return math.fsum(one.weight for one in outcomes if one.wrong) / total if total else None


@dataclass(frozen=True)
class Bin:
    """Replies of which the model said about the same: `says` 0..1 in tenths; `right` of `of` were right."""

    says: float
    right: int
    of: int

    def __str__(self) -> str:
        return f"When it says {self.says * 100:.0f} %, it was right {self.right} of {self.of} times"


def reliability(outcomes: Sequence[Outcome]) -> tuple[Bin, ...]:
    """What it said against what came true, in steps of ten percent, surest first; steps without a reply are left out."""
    steps = sorted({_tenths(one) for one in outcomes}, reverse=True)
    parts = ((step, [one for one in outcomes if _tenths(one) == step]) for step in steps)
    return tuple(Bin(step / 10, sum(not one.wrong for one in part), len(part)) for step, part in parts)


def _tenths(outcome: Outcome) -> int:
    return math.floor(outcome.confidence * 10 + 0.5)
