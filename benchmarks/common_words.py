"""Writes voicegit/domain/privacy/common.txt: everyday words of English, as people write them in lower case to a service and services to people.

    python benchmarks/common_words.py DATA/gate/clinc150_train.jsonl.gz DATA/gate/banking77_train.jsonl.gz DATA/sentiment/goemotions_train20k.jsonl.gz \\
        DATA/gate/bitext_intents.jsonl.gz DATA/policies/tau_bank_knowledge_docs.jsonl.gz DATA/policies/abcd_*.json

A word counts when it stands at least four times in lower case and is in none of the lists of names, or is in one as a word too. The sources are
CLINC150 (CC BY 3.0), Banking77 (CC BY 4.0), GoEmotions (Apache-2.0), Bitext (CDLA-Sharing 1.0), tau2-bench and ABCD (MIT); single words are no part of them
that a licence covers, and are named here for whoever wants to make the list again.
"""

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LEAST = 4
HERE = Path(__file__).parent.parent / "voicegit" / "domain" / "privacy"
HEAD = "# Everyday words of English, made by benchmarks/common_words.py. One that a sentence capitalises is no name for that.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    names = {entry for name in ("given", "family") for entry in _entries(HERE / f"{name}.txt") if not entry.endswith(("~", "^"))}
    seen: Counter[str] = Counter()
    for path in parser.parse_args().files:
        text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode("utf-8")
        for line in text.splitlines() if path.name.endswith("jsonl.gz") else [text]:
            for part in _texts(json.loads(line)):
                seen.update(re.findall(r"(?<![\w'’-])[a-z]{2,20}(?![\w'’-])", part))
    words = sorted(word for word, count in seen.items() if count >= LEAST and word not in names)
    text, row = HEAD, ""
    for word in words:
        if len(row) + len(word) > 150:
            text, row = f"{text}{row}\n", ""
        row = f"{row} {word}".strip()
    (HERE / "common.txt").write_text(f"{text}{row}\n", "utf-8")
    print(f"{len(words)} words")


def _texts(value: Any) -> Iterator[str]:
    """Whatever is written in a document of JSON, its keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _entries(path: Path) -> list[str]:
    return [entry for line in path.read_text("utf-8").splitlines() if not line.startswith("#") for entry in line.split()]


if __name__ == "__main__":
    main()
