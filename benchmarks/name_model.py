"""Makes voicegit/domain/privacy/guess.bin, the model of names that no rule knows, and says what it is worth on texts it was not made from.

    python -m benchmarks.name_model DATA/pii/*.jsonl.gz DATA/dialogues/star_part1.jsonl.gz DATA/dialogues/sgd_dev.jsonl.gz \\
        DATA/sentiment/goemotions_train20k.jsonl.gz DATA/gate/banking77_train.jsonl.gz DATA/gate/bitext_intents.jsonl.gz \\
        DATA/policies/tau_bank_knowledge_docs.jsonl.gz [--hold-out]

Files are told apart by name. Labelled: presidio_* (MIT), multidogo_* (CDLA-Permissive 1.0), star_part* (MIT, the customer's names), GoEmotions (Apache-2.0;
where its authors masked names, others are put). Taken to hold no names but those in our lists: Banking77 (CC BY 4.0), Bitext (CDLA-Sharing 1.0), tau2-bench
(MIT), SGD (CC BY-SA 4.0). The weights are those of hashed features; no text can be read from them.

With --hold-out nothing is written. Four models are made, each without a quarter of presidio's sentence templates and of multidogo's conversations, and asked
about those. The rules were written while looking at all of them, so what they find alone is the best that they do; the gain of the model is not.
"""

import argparse
import random
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.privacy import NEUTRAL, OURS, TITLES, covered, mentions, rows

from voicegit.domain import privacy
from voicegit.domain.privacy import Span, address, cues, guess, persons
from voicegit.domain.privacy.lists import lists

OUT = Path(guess.__file__).parent / "guess.bin"
FOLDS = 4
# Each synthetic sentence once as it is, and with names of other people, of whom the rules are made to know half and to miss some more.
COPIES = 5
MISSED = 0.5


class Example(NamedTuple):
    fold: int | None
    places: list[int]
    name: bool
    weight: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--hold-out", action="store_true")
    given = parser.parse_args()
    examples = [example for path in given.files for example in read(path)]
    print(f"{len(examples)} words, {sum(example.name for example in examples)} of them names")
    if given.hold_out:
        hold_out(given.files, examples)
    else:
        OUT.write_bytes(zlib.compress(fitted(examples).tobytes(), 9))
        print(f"{OUT.name}: {OUT.stat().st_size} bytes")


def read(path: Path) -> Iterator[Example]:
    chance = random.Random(path.name)
    if path.name.startswith("presidio"):
        for row in rows(path):
            for copy in range(1 + COPIES):
                text, labels = renamed(row, chance) if copy else (row["text"], row["spans"])
                with half_known() if copy else nullcontext():
                    yield from asked(text, labels, chance, fold=fold_of(row), weight=1, missed=MISSED if copy else 0)
    elif path.name.startswith("goemotions"):
        with half_known():
            for row in rows(path):
                text, labels = renamed(masked(row["text"]), chance)
                yield from asked(text, labels, chance, weight=0.7, missed=MISSED)
    elif path.name.startswith("multidogo"):
        for row in rows(path):
            yield from asked(row["text"], row["spans"], chance, fold=fold_of(row), weight=0.5)
    elif path.name.startswith("star_part"):
        for row in rows(path)[:800]:
            known = [entry["value"] for entry in row["labels"]["pii"] if entry["type"] == "PERSON"]
            for text in (turn["text"] or "" for turn in row["turns"] if turn["role"] in {"customer", "agent"}):
                labels = [{"start": start, "end": end, "type": "PERSON"} for value in known for start, end in mentions(text, value)]
                yield from asked(text, labels, chance, weight=0.5, missed=0.3 * MISSED, complete=False)
    else:
        for text in unlabelled(path):
            yield from asked(text, [], chance, weight=0.5, complete=False)


def unlabelled(path: Path) -> list[str]:
    if path.name.startswith("sgd"):
        return [turn["text"] for row in rows(path)[250:600] for turn in row["turns"]]
    if path.name.startswith("tau_bank"):
        return [line for row in rows(path)[250:] for text in row.values() if isinstance(text, str) for line in text.splitlines()[:12]]
    return [row["text"] for row in rows(path)[:9000]]


def masked(text: str) -> dict[str, Any]:
    """GoEmotions has [NAME] where its authors took a name out: who writes what about whom, in their own words."""
    labels = [{"start": found.start(), "end": found.end(), "type": "PERSON"} for found in re.finditer(r"\[NAME\]", text)]
    return {"text": text, "spans": labels}


@contextmanager
def half_known() -> Iterator[None]:
    """As if our lists held every other name only: the other half stands for the names that no list holds."""
    whole = lists()
    half = replace(whole, **{kind: frozenset(name for name in getattr(whole, kind) if zlib.crc32(name.encode()) % 2) for kind in ("given", "family")})
    modules = (address, cues, guess, persons)
    for module in modules:
        module.lists = lambda: half
    try:
        yield
    finally:
        for module in modules:
            module.lists = lists


def fold_of(row: dict[str, Any]) -> int:
    """The same for all sentences of one template, and for all messages of one conversation."""
    if "conv" in row:
        return zlib.crc32(row["conv"].encode()) % FOLDS
    text, at, template = row["text"], 0, ""
    for label in sorted(row["spans"], key=lambda label: label["start"]):
        template += f"{text[at : label['start']]}<{label['type']}>"
        at = label["end"]
    return zlib.crc32((template + text[at:]).lower().encode()) % FOLDS


def renamed(row: dict[str, Any], chance: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """The sentence with other people in it: listed names, some of them changed by a letter or an ending."""
    out, at, labels = "", 0, []
    called: dict[str, str] = {}
    for label in sorted(row["spans"], key=lambda label: label["start"]):
        out += row["text"][at : label["start"]]
        value = row["text"][label["start"] : label["end"]]
        if value == "[NAME]":
            parts = [another("Dana", i == 0, chance) for i in range(1 if chance.random() < 0.6 else 2)]
            value = " ".join(parts) if chance.random() < 0.8 else " ".join(parts).lower()
        elif label["type"] == "PERSON":
            value = called.setdefault(value, " ".join(another(part, i == 0, chance) for i, part in enumerate(value.split())))
        labels.append({"start": len(out), "end": len(out) + len(value), "type": label["type"]})
        out, at = out + value, label["end"]
    return out + row["text"][at:], labels


def another(part: str, first: bool, chance: random.Random) -> str:
    if len(part) < 3 or part.rstrip(".").lower() in TITLES:
        return part
    name = chance.choice(sorted_names("given") if first and chance.random() < 0.8 else sorted_names("family"))
    if chance.random() < 0.25:
        at = chance.randrange(len(name))
        name = name[:at] + chance.choice("aeioukrstln") + name[at + 1 :]
        name += chance.choice(["a", "o", "i", "ez", "ski", "na", "us", "ka", "in"]) if chance.random() < 0.5 else ""
    return name.capitalize() if part[0].isupper() else name


def sorted_names(kind: str, kept: dict[str, list[str]] = {}) -> list[str]:  # noqa: B006
    return kept.setdefault(kind, sorted(getattr(lists(), kind)))


def asked(
    text: str, labels: list[dict[str, Any]], chance: random.Random, *, weight: float, fold: int | None = None, missed: float = 0, complete: bool = True
) -> Iterator[Example]:
    """What the model would be asked about the text, with the answers. Other personal data is no error; nor is a listed name where labels are missing."""
    found = [span for span in privacy.ruled(text) if span.type != "name" or chance.random() >= missed]
    for word, features in guess.asked(privacy.without(text, found)):
        kinds = [label["type"] for label in labels if label["start"] < word.end() and word.start() < label["end"]]
        name = "PERSON" in kinds
        if name or not (any(kind in OURS or kind == "CITY" for kind in kinds) or (not complete and lists().known(word[0].casefold()))):
            yield Example(fold, sorted(set(guess.places(features))), name, weight)


def fitted(examples: Sequence[Example]) -> "array[int]":
    import numpy
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    where = [place for example in examples for place in example.places]
    ends = numpy.cumsum([0, *(len(example.places) for example in examples)])
    seen = csr_matrix((numpy.ones(len(where), numpy.float32), where, ends), shape=(len(examples), 1 << guess.BITS))
    model = LogisticRegression(C=1, solver="liblinear", random_state=1)
    model.fit(seen, [example.name for example in examples], [example.weight for example in examples])
    weights = model.coef_[0].copy()
    weights[guess.places(["bias"])[0]] += model.intercept_[0]
    return array("b", numpy.clip(numpy.rint(weights * guess.STEPS), -127, 127).astype(numpy.int8).tobytes())


def hold_out(paths: Sequence[Path], examples: Sequence[Example]) -> None:
    tallies: dict[tuple[str, str], Counter[str]] = {}
    for fold in range(FOLDS):
        weights = fitted([example for example in examples if example.fold != fold])
        for path in (path for path in paths if path.name.startswith(("presidio", "multidogo"))):
            kind = path.name.split("_")[0]
            for row in (row for row in rows(path) if fold_of(row) == fold):
                found = privacy.ruled(row["text"])
                left = privacy.without(row["text"], found)
                scores = [(word.span(), sum(weights[place] for place in guess.places(features)) / guess.STEPS) for word, features in guess.asked(left)]
                count(tallies.setdefault((kind, "rules"), Counter()), row, found)
                for least in (0.0, guess.LEAST, 1.5):
                    more = [Span(*span, "name") for span, score in scores if score > least]
                    count(tallies.setdefault((kind, f"with the model above {least}"), Counter()), row, (*found, *more))
    for (kind, setting), tally in sorted(tallies.items()):
        print(
            f"{kind:10} {setting:28} names {tally['names']}  seen {tally['seen'] / tally['names']:.3f}  wholly removed {tally['removed'] / tally['names']:.3f}"
            f"  precision of all that was found {tally['personal'] / tally['found']:.3f}"
        )


def count(tally: Counter[str], row: dict[str, Any], spans: tuple[Span, ...]) -> None:
    for label in row["spans"]:
        if label["type"] == "PERSON":
            share = covered(spans, label["start"], label["end"], row["text"])
            tally["names"] += 1
            tally["seen"] += share >= 0.5
            tally["removed"] += share == 1
    for span in spans:
        kinds = [label["type"] for label in row["spans"] if label["start"] < span.end and span.start < label["end"]]
        tally["found"] += 1
        tally["personal"] += any(kind in OURS or kind in NEUTRAL for kind in kinds)


if __name__ == "__main__":
    main()
