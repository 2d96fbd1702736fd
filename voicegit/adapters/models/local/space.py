"""Texts as points: TF-IDF over the features of `language`, with cosine similarity. numpy and scipy are loaded on first use.

Two blocks, words and letters, are brought to length 1 each and then weighted, so that a similarity is the weighted mean of two cosines.
A word that the space has never seen keeps its share of a text's length: "paint my fence" is not like "clean my oven" just because `my` is known.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from voicegit.adapters.models.local import language

WORD_SHARE = 0.65
"""Share of the word block in a similarity, 0..1; the letter block has the rest."""
PRIOR_TEXTS = 500.0
"""How many texts it takes until counted rarity says as much about a word as the list of function words does."""


class Space:
    """The features of a body of texts. `matrix` has one row per text (scipy CSR, float32), `size` is the number of features."""

    def __init__(self, texts: Sequence[str], words: language.Words) -> None:
        self._own_words = words
        read = [(language.word_features(text, words), language.letter_features(text)) for text in texts]
        self._trust = len(texts) / (len(texts) + PRIOR_TEXTS)
        self._words, self._word_idf = _rarity([features for features, _ in read], 0)
        self._letters, self._letter_idf = _rarity([features for _, features in read], len(self._words))
        self.size = len(self._words) + len(self._letters)
        self._unseen = 1.0 + math.log(1.0 + len(texts))
        self.matrix = self._rows(read)

    def vector(self, text: str) -> tuple[Any, Any]:
        """Feature numbers and values of one text; at most length 1, less for what the space has never seen."""
        return self._vector(language.word_features(text, self._own_words), language.letter_features(text))

    def knows(self, stem: str) -> bool:
        return stem in self._words

    def word_number(self, stem: str) -> int | None:
        return self._words.get(stem)

    def weight(self, stem: str, base: float) -> float:
        """How telling a word is here, above 0; the more so the rarer it is."""
        return self._blended(base) * self._word_idf.get(stem, self._unseen)

    def rows(self, texts: Sequence[str]) -> Any:
        """A matrix of further texts in this space."""
        return self._rows([(language.word_features(text, self._own_words), language.letter_features(text)) for text in texts])

    def _blended(self, base: float) -> float:
        return base + (1.0 - base) * self._trust

    def _vector(self, words: dict[str, float], letters: dict[str, float]) -> tuple[Any, Any]:
        import numpy as np

        numbers: list[int] = []
        values: list[float] = []
        for features, vocabulary, idf, share in (
            (words, self._words, self._word_idf, WORD_SHARE),
            (letters, self._letters, self._letter_idf, 1.0 - WORD_SHARE),
        ):
            weighted = {name: self._blended(base) * idf.get(name, self._unseen) for name, base in features.items()}
            length = math.sqrt(sum(value * value for value in weighted.values())) or 1.0
            scale = math.sqrt(share) / length
            for name, value in weighted.items():
                number = vocabulary.get(name)
                if number is not None:
                    numbers.append(number)
                    values.append(value * scale)
        return np.array(numbers, dtype=np.int32), np.array(values, dtype=np.float32)

    def _rows(self, read: Sequence[tuple[dict[str, float], dict[str, float]]]) -> Any:
        import numpy as np
        from scipy.sparse import csr_matrix

        parts = [self._vector(words, letters) for words, letters in read]
        starts = np.zeros(len(parts) + 1, dtype=np.int64)
        starts[1:] = np.cumsum([len(numbers) for numbers, _ in parts])
        numbers = np.concatenate([n for n, _ in parts]) if parts else np.array([], dtype=np.int32)
        values = np.concatenate([v for _, v in parts]) if parts else np.array([], dtype=np.float32)
        matrix = csr_matrix((values, numbers, starts), shape=(len(parts), max(1, self.size)), dtype=np.float32)
        matrix.sort_indices()
        return matrix


def _rarity(read: Sequence[dict[str, float]], first: int) -> tuple[dict[str, int], dict[str, float]]:
    """A number for each feature (from `first`) and its inverse document frequency (Spärck Jones 1972), smoothed, 1 and up."""
    seen = Counter(name for features in read for name in features)
    numbers = {name: first + at for at, name in enumerate(sorted(seen))}
    return numbers, {name: 1.0 + math.log((1.0 + len(read)) / (1.0 + count)) for name, count in seen.items()}
