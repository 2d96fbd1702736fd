"""Writes voicegit/domain/privacy/world.txt: given names of many countries, and frequent family names, beyond the lists that are kept by hand.

    pip install faker names   # Only to make the list again: neither is a dependency.
    python benchmarks/name_lists.py DATA/sentiment/*.jsonl.gz DATA/gate/banking77_train.jsonl.gz DATA/gate/bitext_intents.jsonl.gz DATA/policies/*

The names are those of Faker's locales (MIT) and of the US census of 1990 (public domain, as the package `names` has them). What people write in lower case at
least as often as not in the texts given, what is a country or a state, and what our other lists hold is left out.
"""

import argparse
import gzip
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent.parent / "voicegit" / "domain" / "privacy"
HEAD = "# {}, made by benchmarks/name_lists.py from Faker (MIT) and the US census of 1990 (public domain).\n"
FREQUENT = 2000
_WORD = re.compile(r"(?<![\w'’-])[^\W\d_]{2,20}(?![\w’'-])")
_NAME = re.compile(r"[a-zß-ɏ]{3,20}\Z")
_ENDS = ("s", "es", "ed", "d", "ing", "ly", "er")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    small, capital = _counted(parser.parse_args().files)
    lists = {entry.rstrip("~") for name in ("given", "family", "words", "common") for entry in _entries(HERE / f"{name}.txt")}
    common = set(_entries(HERE / "common.txt"))
    out = lists | _places() | {word for word in small if small[word] >= capital[word]}

    def wanted(names: set[str], least: int) -> list[str]:
        return sorted(
            name
            for name in names - out
            if _NAME.match(name) and len(name) >= least and not any(name.removesuffix(end) in common for end in _ENDS if name.endswith(end))
        )

    given = wanted({*_of_faker("first_name"), *_of_census("dist.male.first"), *_of_census("dist.female.first")}, 3)
    family = wanted(set(_of_census("dist.all.last")[:FREQUENT]) - set(given), 4)
    for file, title, names in (("given_world", "Given names of many countries", given), ("family_us", "Frequent family names of the United States", family)):
        (HERE / f"{file}.txt").write_text(HEAD.format(title) + "".join(f"{row}\n" for row in _rows(names)), "utf-8")
        print(f"{file}: {len(names)} names")


def _counted(paths: list[Path]) -> tuple[Counter[str], Counter[str]]:
    """How often words stand in lower case, and capitalised inside a sentence."""
    small, capital = Counter[str](), Counter[str]()
    for path in paths:
        text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode("utf-8")
        for found in _WORD.finditer(text.replace("\\n", "\n")):
            if found[0].islower():
                small[found[0]] += 1
            elif text[max(0, found.start() - 2)] not in '.!?\n":[':
                capital[found[0].casefold()] += 1
    return small, capital


def _of_faker(part: str) -> Iterator[str]:
    import faker.providers.person as person

    for locale in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{locale.name}").Provider
        for names in (getattr(provider, member) for member in dir(provider) if part in member):
            if isinstance(names, (tuple, list, dict)):
                yield from (name.strip().casefold() for name in names if isinstance(name, str))


def _of_census(file: str) -> list[str]:
    import names

    return [line.split()[0].casefold() for line in (Path(names.__file__).parent / file).read_text("utf-8").splitlines()]


def _places() -> set[str]:
    from faker.providers.address.en import Provider as World
    from faker.providers.address.en_US import Provider as States

    return {word.casefold() for place in (*World.countries, *States.states) for word in place.split()}


def _entries(path: Path) -> list[str]:
    return [entry for line in path.read_text("utf-8").splitlines() if not line.startswith("#") for entry in line.split()]


def _rows(words: list[str]) -> Iterator[str]:
    row = ""
    for word in words:
        if len(row) + len(word) > 150:
            yield row
            row = ""
        row = f"{row} {word}".strip()
    yield row


if __name__ == "__main__":
    main()
