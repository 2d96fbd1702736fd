"""What can be said in words about a set of replies, and what to call a set of messages. Counts and shares only: each claim names its support."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from voicegit.adapters.models.local import language
from voicegit.domain.policy import Trigger
from voicegit.domain.triggers import fired

LEAST = 3
"""Replies below which nothing is claimed about how a person writes."""
SHARE = 2 / 3

_NAMES = {
    Trigger.INJURY_OR_DANGER: ("injuries-and-danger", "When somebody may be hurt"),
    Trigger.DAMAGE: ("damage-claims", "When something is damaged"),
    Trigger.COMPLAINT: ("complaints", "When a customer complains"),
    Trigger.LEGAL_THREAT: ("legal-matters", "When a customer speaks of legal steps"),
    Trigger.ASKS_FOR_PERSON: ("asking-for-a-person", "When a customer asks for a person"),
    Trigger.MONEY: ("prices-and-payments", "When it is about money"),
}


@dataclass(frozen=True)
class Habit:
    """A rule that follows from replies; `support` holds the positions of the replies that show it, `why` the count in words."""

    rule: str
    why: str
    support: tuple[int, ...]


@dataclass(frozen=True)
class Name:
    """What a new case is called: the last part of a directive's id, a readable title, its topics (triggers first)."""

    slug: str
    title: str
    topics: tuple[str, ...]

    def answering(self, answer: str) -> "Name":
        """The same case called by what is said to it, where that is always the same."""
        said = " ".join(language.PLACEHOLDER.sub("…", answer).split())
        short = said if len(said) <= 80 else said[:80].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
        return Name(_slug(said) or self.slug, f"Answered with “{short}”", self.topics)


def habits(replies: Sequence[str]) -> list[Habit]:
    """What at least two thirds of three or more replies have in common, at most four rules of one line."""
    if len(replies) < LEAST:
        return []
    return [*_phrase(replies), *_person(replies), *_length(replies), *_question(replies)]


def _phrase(replies: Sequence[str]) -> Iterator[Habit]:
    """The longest run of 3 to 6 words that most replies hold."""
    holders: dict[tuple[str, ...], set[int]] = {}
    for number, reply in enumerate(replies):
        for sentence in re.split(r"[.!?;:\n]+", language.PLACEHOLDER.sub(";", reply)):
            said = re.findall(r"[\w'’-]+", sentence)
            for size in range(3, 7):
                for at in range(len(said) - size + 1):
                    holders.setdefault(tuple(word.lower().replace("’", "'") for word in said[at : at + size]), set()).add(number)
    common = [(run, held) for run, held in holders.items() if len(held) >= SHARE * len(replies) and any(language.is_content(word) for word in run)]
    if not common:
        return
    run, held = min(common, key=lambda found: (-len(found[0]), -len(found[1]), found[0]))
    pattern = re.compile(r"[\s,]+".join(re.escape(word).replace("'", "['’]") for word in run), re.IGNORECASE)
    spots = [(found, len(replies[number])) for number in sorted(held) if (found := pattern.search(replies[number]))]
    if not spots:
        return
    early = sum(found.start() < 0.4 * length for found, length in spots) >= SHARE * len(spots)
    words = spots[0][0][0]
    yield Habit(f"Say “{words}”{' early on' if early else ''}", f"{len(held)} of {len(replies)} replies say “{words}”.", tuple(sorted(held)))


def _person(replies: Sequence[str]) -> Iterator[Habit]:
    i = [bool(re.search(r"\bI(?:['’](?:m|ll|ve|d))?\b", reply)) for reply in replies]
    we = [bool(re.search(r"\b(?:we|our|us)\b", reply, re.IGNORECASE)) for reply in replies]
    if all(i) and not any(we):
        yield Habit("Use “I”, not “we”", f"All {len(replies)} replies say “I” and none says “we”.", tuple(range(len(replies))))


def _length(replies: Sequence[str]) -> Iterator[Habit]:
    counts = [len(reply.split()) for reply in replies]
    middle = median(counts)
    near = [number for number, count in enumerate(counts) if 0.6 * middle <= count <= 1.4 * middle]
    if len(near) >= SHARE * len(replies) and 4 <= middle <= 80:
        about = max(5, 5 * round(middle / 5))
        yield Habit(f"Keep it to about {about} words", f"{len(near)} of {len(replies)} replies have about {about} words.", tuple(near))


def _question(replies: Sequence[str]) -> Iterator[Habit]:
    asking = [number for number, reply in enumerate(replies) if reply.rstrip().endswith("?")]
    if len(asking) >= SHARE * len(replies):
        yield Habit("End with a question", f"{len(asking)} of {len(replies)} replies end with a question.", tuple(asking))


def majority(texts: Sequence[str], words: language.Words) -> tuple[Trigger, ...]:
    """The triggers that more than half of the texts fire, in the order of `Trigger`."""
    counts = Counter(trigger for text in texts for trigger in fired(text, words))
    return tuple(trigger for trigger in Trigger if counts[trigger] * 2 > len(texts))


def telling(texts: Sequence[str], others: Sequence[str], most: int = 3) -> list[str]:
    """The words that tell these texts from others, most telling first: their share here against their share elsewhere."""
    here, there = _said(texts), _said(others)
    spelt: dict[str, str] = {}
    for text in texts:
        for token in language.tokens(text):
            root = language.stem(token)
            spelt[root] = min(spelt.get(root, token), token, key=lambda word: (len(word), word))

    things = Counter(root for text in texts for root in _things(text))

    def score(root: str) -> float:
        told = here[root] / len(texts) * math.log((1 + here[root] / len(texts)) / (0.05 + there[root] / max(1, len(others))))
        return told * (1.5 if things[root] * 2 >= here[root] else 1.0)

    ranked = sorted(here, key=lambda root: (-score(root), root))
    return [spelt[root] for root in ranked[:most]]


def _things(text: str) -> set[str]:
    """What a message is about, roughly: the last word of "my white bag", "a new key", "the oven"."""
    found: set[str] = set()
    run: list[str] = []
    named = False
    for token in [*language.tokens(text), "and"]:
        if language.is_content(token) and token not in language.CONCEPT_WORDS["past-day"]:
            run.append(token)
            continue
        if named and run:
            found.add(language.stem(run[-1]))
        run, named = [], token in _OWNED
    return found


_OWNED = frozenset({"my", "our", "the", "a", "an", "his", "her", "their", "your"})


def _said(texts: Sequence[str]) -> Counter[str]:
    """In how many texts each content word of three letters or more stands, by its stem."""
    return Counter(root for text in texts for root in _roots(text))


@lru_cache(maxsize=32768)
def _roots(text: str) -> frozenset[str]:
    return frozenset(language.stem(token) for token in language.tokens(text) if len(token) > 2 and language.is_content(token) and token.isalpha())


def name(texts: Sequence[str], others: Sequence[str], words: language.Words) -> Name:
    """What a case made of these messages is called."""
    triggers = majority(texts, words)
    lead = next((trigger for trigger in _NAMES if trigger in triggers), None)
    said = [word for word in telling(texts, others, most=8) if word not in language.CONCEPT_WORDS["staff"] and lead not in fired(word, words)][:3]
    plain = [slug for word in said if (slug := _slug(word))]
    topics = tuple(dict.fromkeys([*(trigger.topic for trigger in triggers), *plain]))
    if lead is not None:
        slug, title = _NAMES[lead]
        return Name(slug, (f"{title}: {', '.join(said)}" if said else title)[:120], topics)
    if not plain:
        return Name("other-questions", "Other questions", topics)
    return Name("-".join(plain[:2])[:60].strip("-"), f"Questions about {' and '.join(said[:2])}"[:120], topics)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
