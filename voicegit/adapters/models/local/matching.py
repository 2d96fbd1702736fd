"""Finds the approved answer that fits a message, and how likely it is the right one.

An `Index` is built once for a set of directives on a day; a match is then a sparse product and a few reductions.
It decides nothing: whether a match is good enough is for the gate.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from voicegit.adapters.models.local import language, meaning
from voicegit.adapters.models.local.calibration import Reading, chance
from voicegit.adapters.models.local.ridge import Ridge
from voicegit.adapters.models.local.space import Space
from voicegit.domain.directive import NOT_FOR, Directive, Kind
from voicegit.domain.ids import DirectiveId
from voicegit.domain.policy import Trigger

NEIGHBOURS = 7
SEVERAL = 3
"""How many phrasings of a topic are looked at together: one alike may be chance, three are not."""
SAME_CONCEPT = 0.7
"""What a word counts, 0..1, that a topic has only by another word of the same meaning."""
OWN_SHARE = 0.25
"""What the nearest phrasings count beside the classifier when the topic is chosen."""
MOST_COMPARED = 60
"""Phrasings of a topic that are compared with one another."""


@dataclass(frozen=True)
class Answer:
    """A text that a person approved. `topic` is the number of the case it belongs to; answers of one topic do not compete for confidence."""

    directive: DirectiveId
    kind: Kind
    text: str
    topic: int
    stated: bool = False
    """It is a fact's own sentence, found by its own words and not by what a customer once wrote."""


@dataclass(frozen=True)
class Match:
    """`phrasing` is what it was matched by, `similarity` how alike the message is to it (0..1), `confidence` the chance that it is right (0..1)."""

    answer: Answer
    phrasing: str
    similarity: float
    confidence: float
    reading: Reading


class Index:
    """Everything quotable in some directives. `words` are the business's own trigger words."""

    def __init__(self, directives: Sequence[Directive], words: language.Words) -> None:
        self._own_words = words
        pairs = sorted(_quotable(directives), key=lambda pair: pair[0].topic)
        self.answers = [answer for answer, _ in pairs]
        self.phrasings = [phrasing for _, phrasing in pairs]
        exceptions = [(directive.id, found[1]) for directive in directives for rule in directive.rules if (found := NOT_FOR.fullmatch(rule.text))]
        # The words of an exception are known words: else what sets it apart from the phrasings would not be seen.
        texts = [*self.phrasings, *(text for _, text in exceptions)]
        self.space = Space(texts, self._own_words)
        self._meant = meaning.points(texts)
        self._matrix = self.space.matrix[: len(self.phrasings)]
        self._arrange()
        self._refused = self._exceptions(exceptions)

    def _exceptions(self, exceptions: Sequence[tuple[DirectiveId, str]]) -> dict[int, list[tuple[tuple[str, ...], int]]]:
        """For each topic the questions that a person said it is not for, as tokens and by their row."""
        topics: dict[DirectiveId, set[int]] = {}
        for row, answer in enumerate(self.answers):
            topics.setdefault(answer.directive, set()).add(int(self._row_topic[row]))
        found: dict[int, list[tuple[tuple[str, ...], int]]] = {}
        for row, (directive, text) in enumerate(exceptions, len(self.phrasings)):
            for topic in topics.get(directive, ()):
                found.setdefault(topic, []).append((language.tokens(text), row))
        return found

    def _is_refused(self, text: str, alike: Any, topic: int, similarity: float) -> bool:
        """Whether a person said of this question, or of one that it is as much like as any that the topic answers, that the topic is not for it."""
        return any(language.tokens(text) == tokens or float(alike[row]) >= similarity for tokens, row in self._refused.get(topic, ()))

    def _arrange(self) -> None:
        import numpy as np

        topics = np.array([answer.topic for answer in self.answers], dtype=np.int64)
        self._topics, self._first, self._sizes = np.unique(topics, return_index=True, return_counts=True)
        self._row_topic = np.repeat(np.arange(len(self._topics)), self._sizes)
        self._by_feature = self.space.matrix.T.tocsr()
        member = _grouping(self._row_topic, len(self._topics))
        self._topic_features: Any = (member @ self._matrix).tocsr()
        stated = np.array([answer.stated for answer in self.answers], dtype=bool)
        self._ridge = Ridge.fitted(self._block, self._row_topic, self._sizes) if self.answers and not stated.all() else None
        self._fresh = float((self._sizes == 1).sum() / max(1, len(self.answers)))
        self._firing = self._fired_by_topic()
        self._usual = self._usual_similarities() if self._ridge is not None else np.zeros(len(self._topics))

    def _usual_similarities(self) -> Any:
        """For each topic how alike its phrasings usually are to the `SEVERAL` nearest of their own: what counts as near differs from case to case.

        The idea is that of the local outlier factor (Breunig et al. 2000).
        """
        import numpy as np

        usual = np.zeros(len(self._topics))
        for topic, (first, size) in enumerate(zip(self._first, self._sizes, strict=True)):
            mine = np.arange(first, first + min(size, MOST_COMPARED))
            if len(mine) > SEVERAL:
                alike = self._block(mine, mine)
                np.fill_diagonal(alike, 0.0)
                usual[topic] = np.sort(alike, axis=1)[:, -SEVERAL:].mean()
        return usual

    def _fired_by_topic(self) -> dict[str, Any]:
        """For each trigger: how many phrasings of each topic fire it."""
        import numpy as np

        columns = self._matrix.tocsc()
        found = {}
        for trigger in language.TOPICAL:
            number = self.space.word_number(f"@!{trigger.value}")
            if number is not None:
                rows = columns.indices[columns.indptr[number] : columns.indptr[number + 1]]
                found[trigger.value] = np.bincount(self._row_topic[rows], minlength=len(self._topics))
        return found

    def __len__(self) -> int:
        return len(self.answers)

    def knows_a_word_of(self, text: str) -> bool:
        return any(self.space.knows(language.stem(token)) for token in language.tokens(text))

    def best(self, text: str) -> Match | None:
        """The likeliest answer, None when nothing at all is shared."""
        found = self.ranked(text)
        return found[0] if found else None

    def ranked(self, text: str) -> list[Match]:
        """The answers of the likeliest topic, best first; each text once. All have the confidence of their topic."""
        if not self.answers:
            return []
        of_all, meant = self._similarities(text)
        alike = of_all[: len(self.answers)]
        reading, topic = self._read(text, alike, meant)
        if reading.similarity <= 0.0:
            return []
        rows = range(self._first[topic], self._first[topic] + self._sizes[topic])
        stated = self.answers[max(rows, key=lambda row: float(alike[row]))].stated
        confidence = 0.0 if self._is_refused(text, of_all, topic, reading.similarity) else chance(reading, stated=stated)
        seen: set[str] = set()
        found = []
        for row in sorted(rows, key=lambda row: (-float(alike[row]), row)):
            answer = self.answers[row]
            if answer.text not in seen:
                seen.add(answer.text)
                found.append(Match(answer, self.phrasings[row], float(alike[row]), confidence, reading))
        return found

    def _similarities(self, text: str) -> tuple[Any, Any]:
        """How alike a text is to each phrasing, and then to each exception, 0..1: in words and meaning together, and in meaning alone."""
        import numpy as np

        numbers, values = self.space.vector(text)
        alike = values @ self._by_feature[numbers] if len(numbers) else np.zeros(len(self._meant), dtype=np.float32)
        meant = self._meant @ meaning.point(text)
        return _mean(np.minimum(alike, 1.0), meant), meant

    def _block(self, some: Any, others: Any) -> Any:
        """As `_similarities`, of some phrasings to others, by their rows."""
        return _mean((self._matrix[some] @ self._matrix[others].T).toarray(), self._meant[some] @ self._meant[others].T)

    def _read(self, text: str, alike: Any, meant: Any) -> tuple[Reading, int]:
        """The topic that fits best, and what speaks for it."""
        import numpy as np

        nearest = np.maximum.reduceat(alike, self._first)
        scores = nearest + 0.5 * np.add.reduceat(alike, self._first) / self._sizes
        learned = None if self._ridge is None else self._ridge.scores(alike)
        topic = int(np.argmax(scores if learned is None else OWN_SHARE * scores + learned))
        known, owned = self._shares(text, topic)
        shared, alien = self._triggers(text, topic)
        return Reading(
            similarity=float(nearest[topic]),
            margin=_lead(nearest, topic),
            several=float(np.sort(alike[self._first[topic] : self._first[topic] + self._sizes[topic]])[-SEVERAL:].mean()),
            agreement=self._agreement(alike, topic),
            known=known,
            owned=owned,
            shared=shared,
            alien=alien,
            usual=float(self._usual[topic]),
            fit=0.0 if learned is None else float(learned[topic]),
            lead=0.0 if learned is None else _lead(learned, topic),
            alone=0.0 if learned is None else float(learned[topic] / max(1e-6, float(np.maximum(learned, 0.0).sum()))),
            told=0.0 if learned is None or self._ridge is None else self._ridge.told(learned),
            learned=learned is not None,
            fresh=self._fresh,
            meant=float(np.sort(meant[self._first[topic] : self._first[topic] + self._sizes[topic]])[-SEVERAL:].mean()),
            phrasings=math.log(float(self._sizes[topic])),
            topics=math.log(float(len(self._topics))),
            length=math.log(1.0 + len(language.tokens(text))),
        ), topic

    def _agreement(self, alike: Any, topic: int) -> float:
        """The topic's share among the nearest phrasings of all, each counting by the square of its similarity."""
        import numpy as np

        closest = np.argpartition(-alike, NEIGHBOURS)[:NEIGHBOURS] if len(alike) > NEIGHBOURS else np.arange(len(alike))
        weights = np.square(alike[closest])
        return float(weights[self._row_topic[closest] == topic].sum() / max(1e-9, float(weights.sum())))

    def _shares(self, text: str, topic: int) -> tuple[float, float]:
        """How much of what the message says was ever seen in any phrasing, and in those of this topic (both 0..1)."""
        features = self._topic_features
        mine = set(features.indices[features.indptr[topic] : features.indptr[topic + 1]].tolist())
        whole = known = owned = 0.0
        for token in dict.fromkeys(language.tokens(text)):
            root = language.stem(token)
            weight = self.space.weight(root, 1.0 if language.is_content(token) else language.FUNCTION_WEIGHT)
            number = self.space.word_number(root)
            meant = any(self.space.word_number(f"@{name}") in mine for name in language.word_concepts(token))
            whole += weight
            known += weight if number is not None or meant else 0.0
            owned += weight if number in mine else weight * SAME_CONCEPT if meant else 0.0
        return (known / whole, owned / whole) if whole else (0.0, 0.0)

    def _triggers(self, text: str, topic: int) -> tuple[float, float]:
        """How far a trigger of the message is what this topic is about, and this topic alone (0..1); and how many it has that the topic never met.

        Money says too little for the first: half of all messages to a bank are about it.
        """
        shared, alien = 0.0, 0.0
        for name in (concept[1:] for concept in language.concepts(text, self._own_words) if concept.startswith("!")):
            counts = self._firing.get(name)
            if counts is None or counts[topic] == 0:
                alien += 1.0
            elif name != Trigger.MONEY:
                shared = max(shared, float(counts[topic] / self._sizes[topic] * counts[topic] / counts.sum()))
        return shared, alien


def _mean(in_words: Any, in_meaning: Any) -> Any:
    """Two cosines as one similarity. That of the meaning is squared: half alike is still far."""
    import numpy as np

    return 0.5 * in_words + 0.5 * np.square(np.maximum(in_meaning, 0.0))


def _lead(scores: Any, topic: int) -> float:
    """How far a topic's score is above the best other one."""
    import numpy as np

    return float(scores[topic] - np.max(np.delete(scores, topic), initial=0.0))


def _grouping(row_topic: Any, topics: int) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    rows = len(row_topic)
    return csr_matrix((np.ones(rows, dtype=np.float32), (row_topic, np.arange(rows))), shape=(topics, rows))


def _quotable(directives: Sequence[Directive]) -> Iterator[tuple[Answer, str]]:
    """Each answer with each phrasing it answers."""
    numbering = _Topics()
    for directive in directives:
        for example in directive.examples:
            if language.BRACKETED.search(example.us):
                continue
            topic = numbering.of(directive, example.us)
            for phrasing in example.customer:
                yield Answer(directive.id, directive.kind, example.us, topic), phrasing
        if directive.kind is Kind.FACT:
            for rule in directive.rules:
                if not (language.BRACKETED.search(rule.text) or NOT_FOR.fullmatch(rule.text)):
                    yield Answer(directive.id, directive.kind, rule.text, numbering.of(directive, rule.text), stated=True), rule.text


class _Topics:
    """Numbers for cases: a situation is one case, whichever of its answers is quoted; elsewhere each answer is. The same answer twice is one case."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, directive: Directive, answer: str) -> int:
        keys = [f"= {' '.join(answer.lower().split())}"]
        if directive.kind is Kind.SITUATION:
            keys.append(f"/ {directive.id}")
        number = next((self._numbers[key] for key in keys if key in self._numbers), len(self._numbers))
        for key in keys:
            self._numbers.setdefault(key, number)
        return number
