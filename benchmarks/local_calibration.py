"""How the coefficients of `voicegit.adapters.models.local.calibration` were derived. Prints them, with what they do on workspaces they were not fitted on.

    python -m benchmarks.local_calibration --gate FOLDER

FOLDER holds the files of `gate/` (CLINC150, CC BY 3.0; Banking77, CC BY 4.0, PolyAI; Bitext, CDLA-Sharing 1.0; MultiDoGO, CDLA-Permissive 1.0).
A quarter of the rows of each file and all of CLINC150's validation file are never touched here: they are what `benchmarks.gate` measures with.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.workspaces import OUT, Row, Workspace, answer, directives, grown, kept_aside, load, small

from voicegit.adapters.models.local.calibration import Reading
from voicegit.adapters.models.local.matching import Index

RIDGE = 0.02
UNTAUGHT = 0.25
"""The share of what customers ask that was never taught, once enough is taught for a classifier. In the made-up workspaces it is half, as at the beginning;
fitted to that, a business of some thousand phrasings was told 0.5 where 0.7 came true.
"""


@dataclass(frozen=True)
class Seen:
    """One question in one simulated workspace, what spoke for its match, and whether the match was right; `taught` if its intent was taught."""

    workspace: int
    source: str
    taught: bool
    reading: Reading
    right: bool


def sources(folder: Path) -> dict[str, tuple[list[Row], list[Row]]]:
    """Per source the rows that may be fitted on, and messages that belong to no intent of it."""
    clinc, banking, bitext = (
        [row for row in load(folder / name) if not kept_aside(row)]
        for name in ("clinc150_train.jsonl.gz", "banking77_train.jsonl.gz", "bitext_intents.jsonl.gz")
    )
    outside = [row for row in clinc if row.intent == OUT]
    clinc = [row for row in clinc if row.intent != OUT]
    talk, chatter = _multidogo(folder / "multidogo_intents.jsonl.gz")
    strangers = outside + clinc[::20]
    return {
        "clinc": (clinc, outside),
        "banking": (banking, strangers),
        "bitext": (bitext, strangers),
        "multidogo": (talk, chatter),
        "mixed": (clinc + banking + bitext + talk, outside),
    }


def _multidogo(path: Path) -> tuple[list[Row], list[Row]]:
    """Requests of six trades, and turns that ask for nothing."""
    import gzip

    general = {"contentonly", "confirmation", "rejection", "thankyou", "openinggreeting", "closinggreeting", "outofdomain"}
    talk, chatter = [], []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            one = Row(row["text"], f"{row['business']} {'+'.join(row['intent'])}")
            if len(row["intent"]) != 1 or len(one.text.split()) < 3 or kept_aside(one):
                continue
            if row["intent"][0] not in general:
                talk.append(one)
            elif row["intent"][0] in {"contentonly", "outofdomain"}:
                chatter.append(one)
    return talk, chatter


def workspaces(folder: Path, *, large: bool, chance: random.Random) -> Iterator[tuple[str, Workspace]]:
    """Many small businesses with 1 to 5 phrasings per case, some middling, some that grow message by message, and (with `large`) some with thousands."""
    found = sources(folder)
    for _ in range(10):
        for name, (rows, outside) in found.items():
            yield f"{name} small", small(rows, outside, chance, intents=(5, 15), each=(1, 5), asked=60)
    for _ in range(4):
        for name, (rows, outside) in found.items():
            yield f"{name} middle", small(rows, outside, chance, intents=(10, 40), each=(3, 12), asked=150)
    for size in (250, 500, 1000, 2000) if large else (250,):
        for name, (rows, outside) in found.items():
            for _ in range(2 if size < 1000 else 1):
                yield f"{name} grown", grown(rows, outside, chance, taught=size, asked=300)
    if not large:
        return
    for _ in range(4):
        for name, (rows, outside) in found.items():
            yield f"{name} large", small(rows, outside, chance, intents=(10, 50), each=(10, 60), asked=300)
    for name, intents in (("clinc", 120), ("banking", 58)):
        yield f"{name} whole", small(*found[name], chance, intents=(intents, intents), each=(60, 90), asked=1200)


def observed(made: Iterator[tuple[str, Workspace]]) -> list[Seen]:
    """Every question of every workspace put to the real index."""
    seen = []
    for number, (source, workspace) in enumerate(made):
        known = directives(workspace.taught)
        index = Index(known.directives, known.policy.gate.words)
        intents = {row.intent for row in workspace.taught}
        for row in workspace.asked:
            match = index.best(row.text)
            if match is not None:
                seen.append(Seen(number, source, row.intent in intents, match.reading, match.answer.text == answer(row.intent)))
    return seen


def fitted(seen: Sequence[Seen]) -> Any:
    """Intercept and weights of a logistic regression in which nothing that speaks for a match may count against it.

    Each workspace counts the same, and in it what was never taught `UNTAUGHT` where a classifier was fitted; one that grew has its own share of it.
    Bounds keep the function sensible where the public data say nothing, such as a repeated message.
    """
    from scipy.optimize import minimize

    inputs, right, weight = _inputs(seen), np.array([one.right for one in seen], dtype=float), _weights(seen)

    def loss(c: Any) -> tuple[float, Any]:
        score = c[0] + inputs @ c[1:]
        error = (1.0 / (1.0 + np.exp(-score)) - right) * weight
        value = float((weight * (np.logaddexp(0.0, score) - right * score)).sum()) + RIDGE * 1e-3 * float(c[1:] @ c[1:])
        return value, np.concatenate([[error.sum()], inputs.T @ error + 2e-3 * RIDGE * c[1:]])

    bounds = [(None, None), *SIGNS[: inputs.shape[1]]]
    exactly = {"maxiter": 20_000, "maxfun": 50_000, "ftol": 1e-13, "gtol": 1e-9}
    return minimize(loss, np.zeros(inputs.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B", options=exactly).x


def _weights(seen: Sequence[Seen]) -> Any:
    """What each question counts; 1 in all."""
    numbers = np.array([one.workspace for one in seen])
    weight = np.ones(len(seen))
    for number in np.unique(numbers):
        here = numbers == number
        some = [one for one, inside in zip(seen, here, strict=True) if inside]
        taught = np.array([one.taught for one in some])
        if some[0].reading.learned and not some[0].source.endswith("grown") and 0 < taught.sum() < len(taught):
            weight[here] = np.where(taught, (1 - UNTAUGHT) / taught.sum(), UNTAUGHT / (~taught).sum())
        weight[here] /= weight[here].sum()
    return weight / weight.sum()


_FOR, _AGAINST, _EITHER = (0.0, None), (None, 0.0), (None, None)
_TELLING = (2.0, None)
"""Of a trigger that one topic alone has: labelled public messages seldom turn on one, those to a small business about something broken do."""
SIGNS = (_FOR, _FOR, _FOR, _FOR, _FOR, _FOR, _TELLING, _AGAINST, _EITHER, _AGAINST, _FOR, _FOR, _FOR, _EITHER, _EITHER, _EITHER, _FOR, _FOR)
"""For each input of `Reading.values` and `more_values`."""


def _inputs(seen: Sequence[Seen]) -> Any:
    return np.array([one.reading.values + (one.reading.more_values if one.reading.learned else ()) for one in seen])


def chances(seen: Sequence[Seen], coefficients: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-(coefficients[0] + _inputs(seen) @ coefficients[1:])))


def crossed(seen: Sequence[Seen]) -> Any:
    """The chance of each, by coefficients fitted on the other half of the workspaces."""
    found = np.zeros(len(seen))
    odd = np.array([one.workspace % 2 == 1 for one in seen])
    for half in (odd, ~odd):
        others = [one for one, mine in zip(seen, half, strict=True) if not mine]
        mine = [one for one, here in zip(seen, half, strict=True) if here]
        found[half] = chances(mine, fitted(others))
    return found


def report(name: str, seen: Sequence[Seen]) -> None:
    from sklearn.metrics import log_loss, roc_auc_score

    right, chance, weight = np.array([one.right for one in seen]), crossed(seen), _weights(seen)
    overall = f"{np.average(right, weights=weight):.1%} right; log loss {log_loss(right, chance, sample_weight=weight):.4f}"
    print(f"\n{name}: {len(seen)} questions, {overall}, AUROC {roc_auc_score(right, chance, sample_weight=weight):.4f}")
    print("  said       questions  were right")
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (chance >= low) & (chance < low + 0.1 + 1e-9 * (low > 0.85))
        if inside.any():
            print(f"  {low:.1f}..{low + 0.1:.1f}  {inside.sum():9d}  {np.average(right[inside], weights=weight[inside]):10.1%}")
    for source in sorted({one.source for one in seen}):
        here = np.array([one.source == source for one in seen])
        sure = here & (chance >= 0.7)
        said, were = (np.average(values[here], weights=weight[here]) for values in (chance, right))
        answered, good = weight[sure].sum() / weight[here].sum(), np.average(right[sure], weights=weight[sure])
        print(f"  {source:18s} said {said:.2f}, were {were:.2f}; at 0.7: {answered:.1%} answered, {good:.1%} right")
    print("  coefficients:", tuple(round(float(value), 3) for value in fitted(seen)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gate", type=Path, required=True, help="the folder with the labelled messages")
    parser.add_argument("--small-only", action="store_true", help="leave out the large workspaces (a minute less)")
    arguments = parser.parse_args()
    seen = observed(workspaces(arguments.gate, large=not arguments.small_only, chance=random.Random(7)))
    for name, learned in (("SMALL", False), ("LARGE", True)):
        # What grows soon has a classifier; a small business that does not is what the other function is for.
        chosen = [one for one in seen if one.reading.learned is learned and (learned or not one.source.endswith("grown"))]
        if len({one.workspace for one in chosen}) > 3:
            report(name, chosen)


if __name__ == "__main__":
    main()
