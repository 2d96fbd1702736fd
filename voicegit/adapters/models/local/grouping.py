"""Puts texts of alike situations together: average-link clustering of the features that the model matches by."""

from collections.abc import Mapping, Sequence
from typing import Any

from voicegit.adapters.models.local.language import TOPICAL
from voicegit.adapters.models.local.space import Space
from voicegit.domain.policy import Trigger

ALIKE = 0.13
"""Mean similarity of two groups (0..1) from which they are one situation. Rather a case in two groups than two cases in one."""
SAME_TRIGGER = 0.12
"""What a shared trigger adds to a similarity: a broken vase and a stained bag have no word in common, yet a person handles them alike."""
MOST = 4000
"""Texts that are compared with all others; memory grows with the square (64 MB here). Further ones join the nearest group."""


class LocalGrouping:
    """Fulfils `ports.Grouping`. `words` are a business's own trigger words, so that its concepts count here too."""

    def __init__(self, words: Mapping[Trigger, Sequence[str]] | None = None) -> None:
        self._words = {} if words is None else words

    def group(self, texts: Sequence[str]) -> list[int]:
        """For each text the number of its group, counted from 0 in the order of first appearance. Same texts, same groups."""
        if not texts:
            return []
        distinct = sorted(set(texts))
        space = Space(distinct, self._words)
        number = dict(zip(distinct, linked(_with_triggers(space), ALIKE), strict=True))
        seen: dict[int, int] = {}
        return [seen.setdefault(number[text], len(seen)) for text in texts]


def linked(matrix: Any, alike: float) -> list[int]:
    """For each row the number of its group; two groups are one if their rows are on average at least so alike (0..1).

    Of more than `MOST` rows an even spread is compared: the first ones would be those that begin with the same letters.
    """
    import numpy as np

    count = matrix.shape[0]
    if count <= MOST:
        return _average_link(matrix, alike)
    spread = np.unique(np.linspace(0, count - 1, MOST).astype(np.int64))
    rest = np.setdiff1d(np.arange(count), spread)
    labels = np.zeros(count, dtype=np.int64)
    labels[spread] = _average_link(matrix[spread], alike)
    labels[rest] = _joined(matrix[spread], labels[spread].tolist(), matrix[rest], alike)
    return [int(label) for label in labels]


def _with_triggers(space: Space) -> Any:
    """The rows of a space, longer by one number per trigger, but for money: half of all messages are about that."""
    from scipy.sparse import hstack

    columns = [space.word_number(f"@!{trigger.value}") for trigger in TOPICAL if trigger is not Trigger.MONEY]
    fired = (space.matrix[:, [column for column in columns if column is not None]] > 0).astype("float32")
    return hstack([space.matrix, fired * SAME_TRIGGER**0.5]).tocsr()


def _average_link(matrix: Any, alike: float) -> list[int]:
    """Unweighted average linkage by the nearest-neighbour chain: quadratic in time and memory (Müllner 2011)."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    count = matrix.shape[0]
    if count < 2:
        return [0] * count
    distances = np.empty(count * (count - 1) // 2, dtype=np.float64)
    at = 0
    transposed = matrix.T.tocsr()
    for row in range(0, count, 500):
        block = (matrix[row : row + 500] @ transposed).toarray()
        for offset, similar in enumerate(block):
            rest = similar[row + offset + 1 :]
            distances[at : at + len(rest)] = 1.0 - rest
            at += len(rest)
    np.clip(distances, 0.0, 1.0, out=distances)
    return [int(label) for label in fcluster(linkage(distances, method="average"), t=1.0 - alike, criterion="distance")]


def _joined(core: Any, labels: list[int], rest: Any, least: float) -> list[int]:
    """Each further text in the group of its nearest text, or in one of its own."""
    import numpy as np

    found: list[int] = []
    fresh = max(labels, default=0)
    transposed = core.T.tocsr()
    for row in range(0, rest.shape[0], 500):
        block = (rest[row : row + 500] @ transposed).toarray()
        for nearest, alike in zip(np.argmax(block, axis=1), block.max(axis=1), strict=True):
            fresh += alike < least
            found.append(labels[int(nearest)] if alike >= least else int(fresh))
    return found
