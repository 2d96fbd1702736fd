"""The book of "no": what people declined or took back, and whether an operation asks for that again. Decided by code, whatever a model makes of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz import fuzz

from voicegit.domain import wordforms
from voicegit.domain.directive import Directive, Guards
from voicegit.domain.ids import SignalId
from voicegit.domain.operation import Change, Dropped, Operation, in_words
from voicegit.domain.outgoing import guard_hits
from voicegit.domain.signal import TEACHING, Signal

ALIKE = 72.0
"""How alike two rules must be to count as one said twice, 0..100: the mean of rapidfuzz's token sort ratio and of twice the shared words over all words
(Dice), both of the words that carry meaning, without their endings. Of 19 reworded pairs 17 reach it, of 20 pairs of different rules about one thing 1.
"""

RELATED = 45.0
"""How alike, as `ALIKE` says, what a person said must be to what was declined, or to what spoke for it then, to be about it. Chosen on dialogues (STAR part 1):
of replies to the same step of the same task it lets 78 % speak again for what three of them had spoken for, of those of another task 4 % (docs/figures.md).
"""


@dataclass(frozen=True)
class No:
    """One thing that people said no to. `says`, `never` and `takes` are the rules and answers, the guarded words and the retired rules that it asked for.

    `evidence` spoke for it then; `about` are the words of that, and the names of the directives. Only what people did after `at` speaks for it again.
    `taken_back`: it was live before. `told` is what a distillation asked for, in words.
    """

    reason: str
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    confirms: tuple[str, ...] = ()
    evidence: frozenset[SignalId] = frozenset()
    at: datetime | None = None
    taken_back: bool = False
    about: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def in_words(self) -> tuple[str, ...]:
        """What it asked for, one line each: for a model that must not ask for it again."""
        if self.told:
            return self.told
        never = (f"never say “{word}”" for word in self.never)
        return (*self.says, *never, *(f"retire “{text}”" for text in self.takes))


def declined(operations: Sequence[Operation], reason: str, *, at: datetime | None = None) -> No:
    """What a person declined of a distillation's proposal."""
    return No(
        reason,
        says=tuple(text for one in operations for text in _says(one)),
        never=tuple(word for one in operations for word in one.guards.never_say),
        takes=tuple(text for one in operations for text in _takes(one)),
        confirms=tuple(one.directive for one in operations if one.change is Change.REINFORCE),
        evidence=frozenset(id for one in operations for id in one.evidence),
        at=at,
        about=tuple(name for one in operations for name in (one.title, _named(one.directive)) if name),
        told=tuple(map(in_words, operations)),
    )


def brought(
    before: Sequence[Directive], after: Sequence[Directive], left: Sequence[Directive], *, reason: str, evidence: Iterable[SignalId] = (), at: datetime
) -> No:
    """What a change brought, or would have: told from the directives before and after it, and what is `left` of it, so that it holds for what people wrote
    by hand too.
    """
    old, new = _said(before), _said(after)
    guarded = [{word for one in known for word in one.guards.never_say} for known in (before, after, left)]
    says, never = _not_in(new, [*old, *_said(left)]), tuple(sorted(guarded[1] - guarded[0] - guarded[2]))
    same = {one.id: one.source for one in before}
    names = tuple(name for one in after if same.get(one.id) != one.source for name in (one.title, _named(one.id)))
    return No(reason, says, never, _not_in(old, new), evidence=frozenset(evidence), at=at, about=names)


def _named(directive: str) -> str:
    return directive.rsplit("/", maxsplit=1)[-1].replace("-", " ")


def _said(known: Sequence[Directive]) -> list[str]:
    return [text for one in known for text in (*(rule.text for rule in one.rules), *(example.us for example in one.examples))]


def _not_in(texts: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    there = set(others)
    return tuple(text for text in texts if text not in there)


def without(operation: Operation, book: Sequence[No], signals: Mapping[SignalId, Signal]) -> tuple[Operation | None, list[Dropped]]:
    """The operation without what somebody said no to before, where nothing new speaks for it; None when nothing is left. What was dropped, and why."""

    def again(text: str, kind: Callable[[No], Sequence[str]], same: Callable[[str, str], bool]) -> str | None:
        return _again([no for no in book if any(same(text, one) for one in kind(no))], operation, signals)

    dropped: list[Dropped] = []
    left = operation
    taken = _takes(operation)
    whole = next((why for one in taken if (why := again(one, lambda no: no.takes, alike))), None)
    if operation.change is Change.REINFORCE and not operation.examples and not operation.guards:
        whole = whole or again(operation.directive, lambda no: no.confirms, str.__eq__)
    text = again(operation.text, lambda no: no.says, alike) if operation.text else None
    if whole or (text and operation.change is not Change.ADD):
        return None, [Dropped(operation, whole or text or "")]
    if text:
        left = replace(left, text=None)
        dropped.append(Dropped(replace(operation, examples=(), guards=type(operation.guards)()), text))
    for example in operation.examples:
        if why := again(example.us, lambda no: no.says, alike):
            left = replace(left, examples=tuple(one for one in left.examples if one != example))
            dropped.append(Dropped(replace(operation, text=None, examples=(example,), guards=type(operation.guards)()), why))
    for word in operation.guards.never_say:
        if why := again(word, lambda no: no.never, _same_word):
            left = replace(left, guards=replace(left.guards, never_say=tuple(one for one in left.guards.never_say if one != word)))
            dropped.append(Dropped(replace(operation, text=None, examples=(), guards=replace(operation.guards, never_say=(word,))), why))
    return (None if dropped and not (left.text or left.examples or left.guards) else left), dropped


def alike(one: str, other: str) -> bool:
    """Whether two rules or answers say the same thing in whatever words: alike by `ALIKE`, with the same figures, and both with or without a "not"."""
    if wordforms.figures(one) != wordforms.figures(other) or wordforms.negated(one) != wordforms.negated(other):
        return False
    return likeness(one, other) >= ALIKE


def likeness(one: str, other: str) -> float:
    """0..100, as `ALIKE` says."""
    first, second = wordforms.content(one), wordforms.content(other)
    if not first or not second:
        return 100.0 if wordforms.tokens(one) == wordforms.tokens(other) else 0.0
    shared = 200.0 * len(set(first) & set(second)) / (len(set(first)) + len(set(second)))
    return (float(fuzz.token_sort_ratio(" ".join(first), " ".join(second))) + shared) / 2


def _again(nos: Sequence[No], operation: Operation, signals: Mapping[SignalId, Signal]) -> str | None:
    """Why it may not be asked for again; None when nobody said no to it, or something new speaks for it."""
    if not nos:
        return None
    known = frozenset(id for no in nos for id in no.evidence)
    since = max((no.at for no in nos if no.at is not None), default=None)
    for id in operation.evidence:
        one = signals.get(id)
        teaches = one is not None and (one.kind in TEACHING or operation.change is Change.REINFORCE)
        if one is not None and teaches and id not in known and (since is None or one.at > since) and any(_speaks_of(one, no) for no in nos):
            return None
    back = max((no.at for no in nos if no.at is not None and no.taken_back), default=None)
    if back is not None:
        return f"it was taken back on {back:%d %b %Y}, and nothing that was taught since speaks for it{_because(nos)}"
    return f"a person declined the same before, and nothing new speaks for it{_because(nos)}"


def _speaks_of(signal: Signal, no: No) -> bool:
    """Whether what a person said, or was asked, is about what was declined: as `RELATED` says, or with a word that was to be guarded."""
    texts = [text for text in (signal.text, signal.reason, signal.customer_text) if text]
    told = (*no.says, *no.takes, *no.about)
    return any(likeness(text, one) >= RELATED for text in texts for one in told) or any(guard_hits(text, Guards(no.never)) for text in texts)


def _because(nos: Sequence[No]) -> str:
    reason = " ".join(nos[0].reason.split())
    return f": “{reason if len(reason) <= 120 else reason[:119].rstrip() + '…'}”" if reason else ""


def _says(operation: Operation) -> tuple[str, ...]:
    return (*([operation.text] if operation.text else []), *(example.us for example in operation.examples))


def _takes(operation: Operation) -> tuple[str, ...]:
    return (operation.rule or f"all of {operation.directive}",) if operation.change is Change.RETIRE else ()


def _same_word(one: str, other: str) -> bool:
    return [wordforms.stem(word) for word in wordforms.tokens(one)] == [wordforms.stem(word) for word in wordforms.tokens(other)]
