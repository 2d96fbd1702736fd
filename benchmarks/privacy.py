"""How much personal data the rules see, and what they take for it wrongly: recall and precision per type, the gate, messages a second.

    python benchmarks/privacy.py DATA/pii/*.jsonl.gz DATA/dialogues/star_*.jsonl.gz DATA/policies/*.md [--json OUT]

Files are told apart by name: presidio_* and multidogo_* hold labelled spans, star_part* and tau_fewshot* dialogues with the strings known to
be personal, *.md and star_playbooks* text that is clean. Prose is read with names=[]. Dialogues are read twice: with no names, and with the name
that the customer gave, as a customer record would have it. The latter is the labels' own list, so it measures the matching, not the finding.
The model of names was made from presidio_*, multidogo_* and half of star_part1: what it adds there is said by `benchmarks/name_model.py --hold-out`.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from voicegit.domain.privacy import Span, find, ruled, suspicious

# What the sources call a thing, and the types of ours that count as the right answer for precision.
OURS = {
    "EMAIL_ADDRESS": {"email"}, "EMAIL": {"email"}, "PHONE_NUMBER": {"phone"}, "PHONE": {"phone"}, "CREDIT_CARD": {"card"}, "IBAN_CODE": {"iban"},
    "US_SSN": {"id"}, "US_DRIVER_LICENSE": {"id"}, "IP_ADDRESS": {"id"}, "STREET_ADDRESS": {"address"}, "ADDRESS": {"address"}, "ZIP_CODE": {"address"},
    "ZIP": {"address"}, "PERSON": {"name"}, "ACCOUNT": {"account", "order"}, "PASSWORD": {"account"}, "USERNAME": {"account"},
}  # fmt: skip
# Not personal by our rules, yet no error to cover: a town that belongs to an address, a title before a name, a date that is one of birth.
TITLES = {"mr", "mrs", "ms", "miss", "dr"}
NEUTRAL = {"GPE", "LOCATION", "CITY", "TITLE", "DATE_TIME", "AGE", "DOMAIN_NAME"}


def rows(path: Path) -> list[dict[str, Any]]:
    """Packed or not. Ends with a sentence when nothing, or something else, stands in it."""
    content = path.read_bytes()
    try:
        found = [json.loads(line) for line in (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).splitlines() if line.strip()]
    except (ValueError, OSError, EOFError) as exc:
        raise SystemExit(f"{path.name} holds no JSON lines ({exc}).") from exc
    if not found or not all(isinstance(row, dict) for row in found):
        raise SystemExit(f"{path.name} holds no JSON lines: nothing to measure.")
    return found


def category(kind: str, value: str) -> str:
    """Addresses by form: a street has letters and digits; a bare house number, zip or unit is another matter."""
    if kind in {"ADDRESS", "STREET_ADDRESS"}:
        letters = sum(char.isalpha() for char in value)
        if letters < 4 or value.lower().startswith(("apt", "suite")):
            return "address fragment"
        return "street address" if any(char.isdigit() for char in value) else "street without number"
    return {"PERSON": "name", "ZIP_CODE": "zip", "CREDIT_CARD": "card", "US_SSN": "ssn"}.get(
        kind, kind.lower().removesuffix("_address").removesuffix("_number").removesuffix("_code")
    )


def covered(spans: tuple[Span, ...], start: int, end: int, text: str) -> float:
    """The share of the letters and digits of text[start:end] that some placeholder takes away."""
    counted = [i for i in range(start, end) if text[i].isalnum()]
    return sum(any(span.start <= i < span.end for span in spans) for i in counted) / len(counted) if counted else 1.0


class Tally:
    def __init__(self) -> None:
        self.labelled: Counter[str] = Counter()
        self.touched: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.gated: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.personal: Counter[str] = Counter()

    def add(self, text: str, labels: list[dict[str, Any]]) -> None:
        spans, flagged = find(text), suspicious(text)
        for label in labels:
            if label["type"] in OURS:
                name = category(label["type"], text[label["start"] : label["end"]])
                share = covered(spans, label["start"], label["end"], text)
                self.labelled[name] += 1
                self.touched[name] += share >= 0.5
                self.removed[name] += share == 1
                self.gated[name] += any(span.start < label["end"] and label["start"] < span.end for span in flagged)
        for span in spans:
            over = [label["type"] for label in labels if label["start"] < span.end and span.start < label["end"]]
            self.found[span.type] += 1
            self.right[span.type] += any(span.type in OURS.get(kind, ()) for kind in over)
            self.personal[span.type] += any(kind in OURS or kind in NEUTRAL for kind in over)

    def table(self) -> dict[str, Any]:
        return {
            "recall": {
                name: {"labelled": count, "seen": self.touched[name] / count, "wholly_removed": self.removed[name] / count, "gate": self.gated[name] / count}
                for name, count in sorted(self.labelled.items())
            },
            "precision": {
                kind: {"found": count, "right_type": self.right[kind] / count, "personal_at_all": self.personal[kind] / count}
                for kind, count in sorted(self.found.items())
            },
        }


def labelled(path: Path) -> dict[str, Any]:
    tally = Tally()
    for row in rows(path):
        tally.add(row["text"], row["spans"])
    return tally.table()


# A rule that somebody wrote with a person in it: each labelled value stands in each once.
PLANTED_IN = ("- Ask {} before you answer", "- Offer another day, as we did for {}", "- Reply that {} has it, and stop there")


def planted(path: Path) -> dict[str, Any]:
    """Of the labelled values, each put into clean rules, the share that the gate flags. House numbers, zips and titles alone are not somebody's."""
    values = {
        (category(label["type"], value), value)
        for row in rows(path)
        for label in row["spans"]
        if label["type"] in OURS and (value := " ".join(row["text"][label["start"] : label["end"]].split()))
    }
    told = [(kind, value) for kind, value in sorted(values) if kind not in {"address fragment", "zip"} and value.lower().strip(".") not in TITLES]
    asked: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for kind, value in told:
        for rule in PLANTED_IN:
            at, line = rule.index("{}"), rule.replace("{}", value)
            asked[kind] += 1
            flagged[kind] += any(span.start < at + len(value) and at < span.end for span in suspicious(line))
    share = {kind: {"planted": count, "seen": flagged[kind] / count} for kind, count in sorted(asked.items())}
    return share | {"all of it": {"planted": asked.total(), "seen": flagged.total() / max(1, asked.total())}}


# Sentences that announce nothing: what is seen here is seen for its own form.
ELSEWHERE = {
    "name": (
        "I saw {} yesterday at the store.", "{} went home early.", "The book by {} was fine.", "Did {} pay already?", "We invited {} and two others.",
        "That was {}'s idea.", "the one {} recommended was better", "please forward this to {} asap",
    ),
    "street address": (
        "Can you come by {} tomorrow?", "{} is where we met.", "The parcel went to {} instead.", "We opened a second office near {} last year.",
        "Her flat, {}, was sold.", "I think it was {}, not sure.",
    ),
    "phone": ("{} is mine", "you can find me under {}", "Try {} or write.", "the number on the sign was {}"),
}  # fmt: skip


def elsewhere(path: Path) -> dict[str, Any]:
    """Of the labelled values, each put into other sentences than the file's, the share of which the rules, and all together, take away half and more."""
    values = {
        (category(label["type"], value), value)
        for row in rows(path)
        for label in row["spans"]
        if label["type"] in OURS and (value := " ".join(row["text"][label["start"] : label["end"]].split()))
    }
    asked: Counter[str] = Counter()
    seen = {setting: Counter[str]() for setting in ("rules", "seen")}
    for kind, value in sorted((kind, value) for kind, value in values if kind in ELSEWHERE and value.lower().strip(".") not in TITLES):
        for sentence in ELSEWHERE[kind]:
            at, text = sentence.index("{}"), sentence.replace("{}", value)
            asked[kind] += 1
            for setting, look in (("rules", ruled), ("seen", find)):
                seen[setting][kind] += covered(look(text), at, at + len(value), text) >= 0.5
    return {kind: {"sentences": count, **{setting: seen[setting][kind] / count for setting in seen}} for kind, count in sorted(asked.items())}


def mentions(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Each place where the string stands as a whole word, in any case."""
    low, at = text.lower(), 0
    while (at := low.find(value.lower(), at)) >= 0:
        end = at + len(value)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            yield at, end
        at = end


def dialogues(path: Path) -> dict[str, Any]:
    """Of the known personal strings, as they stand in what customer and agent wrote, the share removed."""
    total: Counter[str] = Counter()
    gone = {setting: Counter[str]() for setting in ("names unknown", "customer's name known")}
    for row in rows(path):
        pii = row["labels"]["pii"]
        known = sorted({entry["value"] for entry in pii if entry["type"] == "PERSON"})
        for turn in row["turns"]:
            text = turn["text"] or ""
            if turn["role"] not in {"customer", "agent", "agent_typed"} or not pii:
                continue
            for setting, names in (("names unknown", []), ("customer's name known", known)):
                spans = find(text, names=names)
                for kind, value in {(entry["type"], entry["value"]) for entry in pii}:
                    places = list(mentions(text, value))
                    total[kind] += len(places) if not names and setting == "names unknown" else 0
                    gone[setting][kind] += sum(covered(spans, start, end, text) == 1 for start, end in places)
    return {kind: {"mentions": total[kind], **{setting: gone[setting][kind] / total[kind] for setting in gone}} for kind in total}


def clean(path: Path) -> dict[str, Any]:
    """Lines of text without personal data, and the share each setting flags."""
    texts = [path.read_text("utf-8")] if path.suffix == ".md" else [text for row in rows(path) for text in row["responses"].values()]
    lines = [line for text in texts for line in text.splitlines()]
    lines = sorted({line.strip() for line in lines if line.strip()})
    if not lines:
        raise SystemExit(f"{path.name} is empty: nothing to measure.")
    flagged = [line for line in lines if suspicious(line)]
    return {
        "lines": len(lines),
        "gate_flags": len(flagged) / len(lines),
        "redact_changes": sum(bool(find(line)) for line in lines) / len(lines),
        "flagged": flagged[:20],
    }


def speed(texts: list[str]) -> dict[str, float]:
    """Messages a second of CPU: the rules alone, and with the model of names. The best of three rounds, since others use the core's cache too."""
    texts = texts[:5000]
    taken: dict[Callable[..., object], list[float]] = {ruled: [], find: []}
    for seen in (*taken, *taken, *taken, *taken):
        began = time.process_time()
        for text in texts:
            seen(text, names=("Dana Reyes",))
        taken[seen].append(time.process_time() - began)
    per_second = {"rules_per_second": len(texts) / min(taken[ruled][1:]), "per_second": len(texts) / min(taken[find][1:])}
    return {"messages": len(texts), "characters": sum(map(len, texts)) / len(texts), **per_second}


def show(name: str, result: Any, indent: str = "") -> None:
    if isinstance(result, dict) and any(isinstance(value, dict) for value in result.values()):
        print(f"{indent}{name}")
        for key, value in result.items():
            show(key, value, indent + "  ")
    elif isinstance(result, dict):
        print(
            f"{indent}{name:24}"
            + "  ".join(f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in result.items() if key != "flagged")
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results: dict[str, Any] = {}
    for path in given.files:
        if not path.is_file():
            raise SystemExit(f"There is no file {path}.")
        if path.name.startswith(("presidio", "multidogo")):
            more = {"planted in rules": planted(path), "in sentences that announce nothing": elsewhere(path)} if path.name.startswith("presidio") else {}
            results[path.name] = {**labelled(path), **more, "speed": speed([row["text"] for row in rows(path)])}
        elif path.name.startswith(("star_part", "tau_fewshot")):
            texts = [turn["text"] for row in rows(path)[:500] for turn in row["turns"] if turn["role"] in {"customer", "agent"} and turn["text"]]
            results[path.name] = {**dialogues(path), "speed": speed(texts)}
        else:
            results[path.name] = clean(path)
        show(path.name, results[path.name])
    if given.json is not None:
        given.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
