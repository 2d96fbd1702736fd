"""How often a takeover would be taken for the opposite of what is in force though nobody contradicted anything.

    python -m benchmarks.contradictions FILE… [--json OUT] [--show N] [--most N]

Files are JSON lines (plain or gzip), one conversation a line: `id`, and `turns` of `role` and `text`. Half of the conversations (by a hash of the id) are in
force, each answer of the business as an approved example; the exchanges of the other half are held against them as takeovers. In these sources an answer
belongs to one customer (a total, an address), so what is found is nearly all false: the share is an upper bound for a business that approves what holds for
every customer.
"""

import argparse
import gzip
import hashlib
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from voicegit.domain.contradiction import Contradiction, InForce
from voicegit.domain.directive import Directive, Example
from voicegit.domain.ids import DirectiveId
from voicegit.domain.rephrased import Rephrased

EXAMPLES = 8
"""Examples of one directive."""


def exchanges(path: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Question and answer of the conversations that are in force, and of the others, in an order by chance."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    force: list[tuple[str, str]] = []
    taken: list[tuple[str, str]] = []
    for row in map(json.loads, content.decode("utf-8").splitlines()):
        half = int(hashlib.sha256(str(row["id"]).encode()).hexdigest(), 16) % 2
        asked: list[str] = []
        for said in row["turns"]:
            if said["role"] == "customer":
                asked.append(said["text"])
            elif said["role"] == "agent" and said["text"].strip():
                if asked:
                    (force if half else taken).append(("\n".join(asked), said["text"]))
                asked = []
    random.Random(1).shuffle(force)
    random.Random(2).shuffle(taken)
    return force, taken


def measured(path: Path, most: int, show: int) -> dict[str, Any]:
    force, taken = (part[:most] for part in exchanges(path))
    groups = [force[at : at + EXAMPLES] for at in range(0, len(force), EXAMPLES)]
    known = InForce([_directive(number, group) for number, group in enumerate(groups)])
    rephrased = Rephrased(known)
    began = time.perf_counter()
    found = [(asked, answer, _found(known, rephrased, asked, answer)) for asked, answer in taken]
    seconds = time.perf_counter() - began
    for asked, answer, ones in [one for one in found if one[2]][:show]:
        print(f"  {asked!r} → {answer!r}: {[(one.kind.value, one.asked, one.old) for one in ones]}")
    kinds = Counter(one.kind.value for _, _, ones in found for one in ones)
    asked_about = sum(bool(ones) for _, _, ones in found)
    return {
        "file": path.name,
        "in_force": len(force),
        "takeovers": len(taken),
        "asked_about": asked_about,
        "share": asked_about / max(1, len(taken)),
        "same_words": sum(bool(known.against(asked, answer)) for asked, answer, ones in found if ones),
        "kinds": dict(kinds),
        "ms": 1000 * seconds / max(1, len(taken)),
    }


def _directive(number: int, group: list[tuple[str, str]]) -> Directive:
    source = "\n".join(text for pair in group for text in pair)
    examples = tuple(Example((asked,), us, 1) for asked, us in group)
    return Directive(DirectiveId(f"situations/d{number}"), f"Situation {number}", source, examples=examples)


def _found(known: InForce, rephrased: Rephrased, asked: str, answer: str) -> list[Contradiction]:
    same = known.against(asked, answer)
    return [*same, *(one for one in rephrased.against(asked, answer) if one.kind not in {found.kind for found in same})]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=0, help="print so many of those that are asked about")
    parser.add_argument("--most", type=int, default=2000, help="exchanges of each half")
    given = parser.parse_args()
    rows = [measured(path, given.most, given.show) for path in given.files]
    for row in rows:
        print(
            f"{row['file']}: {row['asked_about']} of {row['takeovers']} asked about ({row['share']:.1%}), {row['in_force']} in force, {row['ms']:.1f} ms each"
        )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
