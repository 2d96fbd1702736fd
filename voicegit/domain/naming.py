"""Ids, titles and topics: words that stand in paths, branches and trailers for good. None of them is a person's name, address or handle. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from voicegit.domain import privacy
from voicegit.domain.ids import DirectiveId
from voicegit.domain.learning import Ground
from voicegit.domain.operation import Change, Operation
from voicegit.domain.privacy.lists import lists

TITLE = {"voice": "How we speak", "situations": "What customers asked", "facts": "What we know"}
PROPOSAL = "What was learned from conversations"
WHY = "A person taught this."

LEAST = 3
"""Letters that a part of a name needs to be told from other words."""

_ADDRESS = re.compile(r"[^\s@]*@[^\s@]+")


@dataclass(frozen=True)
class Known:
    """Words of people: `sure` are nobody else's, `perhaps` a place's or another thing's too. `whole` are full names, in both orders."""

    sure: frozenset[str]
    perhaps: frozenset[str]
    whole: frozenset[str]

    def names(self, text: str) -> bool:
        """Whether somebody is surely named in a slug, a title or a topic."""
        return not self.sure.isdisjoint(words(text)) or self.names_in_full(text)

    def names_in_full(self, text: str) -> bool:
        """Whether a name of two to four words stands in a text, its last word last or first."""
        told = words(text) if self.whole else []
        return any(" ".join(told[at : at + size]) in self.whole for size in (2, 3, 4) for at in range(len(told) - size + 1))

    def may_name(self, text: str) -> bool:
        return self.names(text) or not self.perhaps.isdisjoint(words(text))


def known(names: Iterable[str], full_names: Iterable[str], *, live: str = "") -> Known:
    """`names` are people near, every part of whom counts; of `full_names` a part alone counts for sure only where it is no name that others have too.

    Everyday words and those of `live` texts are nobody's.
    """
    ours = set(words(live))
    near, everybody = _parts(names) - ours, _parts(full_names) - ours
    rare = {word for word in everybody if not lists().known(word)}
    full = [told for name in (*names, *full_names) if len(told := words(name)) > 1]
    whole = {" ".join(order) for told in full for order in (told, [told[-1], *told[:-1]])}
    return Known(frozenset(near | rare), frozenset(everybody - rare), frozenset(whole))


def words(text: str) -> list[str]:
    """As a slug has them: without case, accents and digits."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return re.findall(r"[^\W\d_]+", "".join(char for char in plain if not unicodedata.combining(char)))


def _parts(names: Iterable[str]) -> set[str]:
    """Each part, and all of them run together as in a handle."""
    told = [words(name) for name in names]
    parts = {word for name in told for word in name} | {"".join(order) for name in told if len(name) > 1 for order in (name, name[::-1])}
    return {word for word in parts if len(word) >= LEAST and not lists().everyday_word(word)}


def neutral(operations: Sequence[Operation], ground: Ground, full_names: Collection[str]) -> list[Operation]:
    """The operations with other ids, titles, topics and reasons where a distiller made one of somebody's name, address or handle."""
    live = "\n".join(directive.source for directive in ground.known.directives)
    people = known([*ground.names, *_told(operations, ground)], full_names, live=live)
    taken = {directive.id for directive in ground.known.directives} | {one.directive for one in operations}
    ids: dict[DirectiveId, DirectiveId] = {}
    found = []
    for one in operations:
        folder, _, slug = one.directive.partition("/")
        fresh = one.change is Change.ADD and one.title is not None and ground.known.get(one.directive) is None
        if fresh and one.directive not in ids and people.may_name(slug):
            ids[one.directive] = next(id for n in range(1, len(taken) + 2) if (id := DirectiveId(f"{folder}/lesson-{n}")) not in taken)
            taken.add(ids[one.directive])
        title = TITLE.get(folder, PROPOSAL) if fresh and one.title and _unfit(one.title, people, ground) else one.title
        why = WHY if people.names(one.why) or privacy.certain(one.why, names=ground.names) else one.why
        found.append(replace(one, title=title, why=why, topics=tuple(topic for topic in one.topics if not people.may_name(topic))))
    return [replace(one, directive=ids.get(one.directive, one.directive)) for one in found]


def headline(title: str, operations: Sequence[Operation], ground: Ground, full_names: Collection[str]) -> str:
    """A proposal's title, or a neutral one."""
    live = "\n".join(directive.source for directive in ground.known.directives)
    return PROPOSAL if _unfit(title, known([*ground.names, *_told(operations, ground)], full_names, live=live), ground) else title


def _unfit(title: str, people: Known, ground: Ground) -> bool:
    return people.may_name(title) or privacy.certain(title, names=ground.names) is not None


def _told(operations: Sequence[Operation], ground: Ground) -> set[str]:
    """Names, addresses and handles in what was said where these were learned: their words, one text each."""
    signals = {id: ground.signals[id] for one in operations if one.title for id in one.evidence if id in ground.signals}.values()
    texts = [text for signal in signals for text in (signal.customer_text, signal.text, signal.ours, signal.reason) if text]
    found = {match[0] for text in texts for match in _ADDRESS.finditer(text)}
    return found | {text[span.start : span.end] for text in texts for span in privacy.find(text, names=ground.names) if span.type == "name"}
