"""How well the embedded model knows what it knows: the real `LocalModel` on labelled messages it has not seen.

    python -m benchmarks.gate --train FILE --test FILE [--json FILE]
    python -m benchmarks.gate --train FILE --unseen 4

Files are JSON lines with `text` and `intent`, plain or gzip; the intent `oos` is out of scope. With `--unseen N` one file is enough: every N-th intent
is not taught, a quarter of the rows (those that no calibration ever saw) is asked, and what was not taught is out of scope.

`auroc` tells in scope from out of scope by confidence. `coverage at P` is the largest share of all messages that can be answered, surest first, so that
P of the answers are right; a message out of scope that is answered is wrong. `calibration error after 500`: 500 messages are drawn at random and looked at,
the confidence is calibrated on them, and the error (15 bins) is that on all others; the mean and the worst of 20 draws. A message that gets no draft, as one
with two questions, has a confidence of 0 and is no outcome that anybody could look at.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from benchmarks.workspaces import OUT, Row, answer, directives, kept_aside, load

from voicegit.adapters.models.local import LocalModel
from voicegit.domain.calibration import Outcome, calibrate
from voicegit.domain.guidance import Guidance
from voicegit.domain.turn import Question

Floats = npt.NDArray[np.float64]

REVIEWED = 500
DRAWS = 20


@dataclass(frozen=True)
class Figures:
    """Shares are 0..1; `build_seconds` for the index, `ms` per call (median, 95th percentile)."""

    intents: int
    phrasings: int
    asked: int
    out_of_scope: int
    accuracy_in_scope: float
    auroc: float
    coverage_at_98: float
    coverage_at_95: float
    answered_at_70: float
    right_at_70: float
    calibration_error: float
    calibration_error_after_500: float
    calibration_error_after_500_worst: float
    calibrated_by: str
    build_seconds: float
    ms: float
    ms_95: float


def measure(taught: Sequence[Row], asked: Sequence[Row]) -> Figures:
    """Teaches, asks, and counts. `asked` needs messages in and out of scope."""
    from sklearn.metrics import roc_auc_score

    known = directives(taught)
    intents = {row.intent for row in taught if row.intent != OUT}
    now, model = datetime.now(UTC), LocalModel()
    began = time.perf_counter()
    model.warm(known, now.date())
    built = time.perf_counter() - began
    guidance = Guidance(known.revision, "", (), complete=True)
    confidence, right, seconds = [], [], []
    for row in asked:
        question = Question(known, guidance, (), row.text, None, now)
        began = time.perf_counter()
        draft = model.answer(question, deadline=10.0)
        seconds.append(time.perf_counter() - began)
        confidence.append(draft.assessment.confidence)
        quoted = model.closest(question)
        right.append(quoted is not None and row.intent in intents and quoted.answer.text == answer(row.intent))
    inside = np.array([row.intent in intents for row in asked])
    chance, correct = np.array(confidence), np.array(right)
    sure = chance >= 0.7
    drafted = chance > 0.0
    after, ways = calibrated(chance[drafted], correct[drafted])
    return Figures(
        intents=len(intents),
        phrasings=sum(row.intent != OUT for row in taught),
        asked=len(asked),
        out_of_scope=int((~inside).sum()),
        accuracy_in_scope=float(correct[inside].mean()),
        auroc=float(roc_auc_score(inside, chance)),
        coverage_at_98=coverage(chance, correct, precision=0.98),
        coverage_at_95=coverage(chance, correct, precision=0.95),
        answered_at_70=float(sure.mean()),
        right_at_70=float(correct[sure].mean()) if sure.any() else 0.0,
        calibration_error=calibration_error(chance, correct),
        calibration_error_after_500=float(np.mean(after)),
        calibration_error_after_500_worst=float(np.max(after)),
        calibrated_by="; ".join(f"{how} {ways.count(how)}" for how in sorted(set(ways))),
        build_seconds=built,
        ms=float(np.median(seconds) * 1e3),
        ms_95=float(np.quantile(seconds, 0.95) * 1e3),
    )


def coverage(chance: Floats, correct: Floats, *, precision: float) -> float:
    """The largest share that can be answered, surest first, with at least this share of the answers right. Ties are answered together."""
    order = np.argsort(-chance, kind="stable")
    so_far = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    last_of_tie = np.append(np.diff(chance[order]) != 0, True)
    good = np.flatnonzero((so_far >= precision) & last_of_tie)
    return float((good[-1] + 1) / len(order)) if len(good) else 0.0


def calibration_error(chance: Floats, correct: Floats, bins: int = 10) -> float:
    """Mean distance between what was said and what came true, over equal bins (Naeini et al. 2015)."""
    at = np.minimum((chance * bins).astype(int), bins - 1)
    return float(sum(abs(chance[at == b].mean() - correct[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any()))


def calibrated(chance: Floats, correct: Floats) -> tuple[list[float], list[str]]:
    """The calibration error (15 bins) on the rest, after a person has looked at `REVIEWED` messages drawn at random; and how it was calibrated, a draw each.

    The product's own calibration, of the confidence and the verdict alone.
    """
    errors, ways = [], []
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(chance))
        seen, rest = order[:REVIEWED], order[REVIEWED:]
        found = calibrate([Outcome(float(chance[one]), not correct[one]) for one in seen])
        errors.append(calibration_error(found.chances(chance[rest].tolist()), correct[rest], bins=15))
        ways.append(found.how)
    return errors, ways


def unseen(rows: Sequence[Row], every: int) -> tuple[list[Row], list[Row]]:
    """Taught and asked, from one file: each `every`-th intent in order of its name is never taught."""
    hidden = set(sorted({row.intent for row in rows})[::every])
    taught = [row for row in rows if not kept_aside(row) and row.intent not in hidden]
    return taught, [Row(row.text, OUT if row.intent in hidden else row.intent) for row in rows if kept_aside(row)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--unseen", type=int, metavar="N", help="with --train alone: leave out every N-th intent")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    if (arguments.test is None) == (arguments.unseen is None):
        parser.error("give either --test FILE or --unseen N")
    rows = load(arguments.train)
    taught, asked = (rows, load(arguments.test)) if arguments.test is not None else unseen(rows, arguments.unseen)
    figures = asdict(measure(taught, asked))
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):34s} {f'{value:.4f}' if isinstance(value, float) else value:>10}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
