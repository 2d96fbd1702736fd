"""A classifier over topics, for when there is enough to learn from: kernel ridge regression on one-or-zero targets, in closed form.

Least-squares classifiers do as well as support vector machines on text (Zhang & Oles 2001; Rifkin, Yeo & Poggio 2003), take no iterations,
and their value falls towards zero for a text that is like nothing seen, which is what a gate needs. The kernel is of the second degree in the cosine
similarity: it weighs every two features together, so that "card" beside "lost" says more than both alone.
"""

from collections.abc import Callable
from typing import Any

Block = Callable[[Any, Any], Any]

LEAST_PER_TOPIC = 3
"""Mean number of phrasings per topic below which nothing is learned."""
MOST_EXACT = 6000
"""Phrasings up to which a score is a sum over all of them: 150 MB while it is fitted, and some seconds."""
MOST_LANDMARKS = 3000
"""How many it is a sum over beyond that: all are fitted by an even spread of them (subset of regressors, Smola & Schölkopf 2000)."""
PAIRS = 2.0
"""Weight of the second degree against the first."""
RIDGE = 0.15
BLOCK = 1000
MOST_LEFT_OUT = 600
"""Phrasings that are asked as if they had not been taught, an even spread of all."""


class Ridge:
    """`scores` gives one number per topic, near 1 for a sure yes and near 0 for no; `told` how surely such scores were right for these phrasings."""

    def __init__(self, landmarks: Any, weights: Any, base: Any) -> None:
        self._landmarks, self._weights, self._base = landmarks, weights, base
        self._surely = (0.0, 0.0, 0.0)

    @classmethod
    def fitted(cls, alike: "Block", topic_of: Any, sizes: Any) -> "Ridge | None":
        """`alike` gives the similarities of some phrasings to others. None when there are too few topics, or too few phrasings for them."""
        import numpy as np
        from scipy.linalg import cho_factor, cho_solve

        count, topics = len(topic_of), len(sizes)
        if topics < 3 or count < LEAST_PER_TOPIC * topics:
            return None
        base = (sizes / count).astype(np.float32)
        targets = np.zeros((count, topics), dtype=np.float32)
        targets[np.arange(count), topic_of] = 1.0
        targets -= base
        exact = count <= MOST_EXACT
        landmarks = np.arange(count) if exact else np.unique(np.linspace(0, count - 1, MOST_LANDMARKS).astype(np.int64))
        system, wanted = _gram(alike, landmarks), targets
        if not exact:
            system, wanted = RIDGE * system, np.zeros((len(landmarks), topics), dtype=np.float32)
            for first in range(0, count, BLOCK):
                block = _kernel(alike(np.arange(first, min(first + BLOCK, count)), landmarks))
                system += block.T @ block
                wanted += block.T @ targets[first : first + BLOCK]
        # What keeps the sum over some of them solvable is far below what a score can tell.
        system[np.diag_indices_from(system)] += RIDGE if exact else 1e-3 * RIDGE * float(system.diagonal().mean())
        factor = cho_factor(system.T, overwrite_a=True, check_finite=False)
        found = cls(landmarks, cho_solve(factor, wanted, check_finite=False).astype(np.float32), base)
        some = np.unique(np.linspace(0, count - 1, min(count, MOST_LEFT_OUT)).astype(np.int64))
        inside = _kernel(alike(some, landmarks))
        asked = (some[None, :] == landmarks[:, None]).astype(np.float32) if exact else inside.T
        own = np.einsum("ij,ji->i", inside, cho_solve(factor, asked, check_finite=False))[:, None]
        # What each would score had it not been taught, without fitting again (Allen 1974).
        left_out = (inside @ found._weights - own * targets[some]) / np.maximum(1.0 - own, 1e-3) + base
        found._surely = _logistic(*_standing_out(left_out), left_out.argmax(axis=1) == topic_of[some])
        return found

    def scores(self, alike: Any) -> Any:
        """One value per topic for a text, from its similarity to each of the phrasings it was fitted on."""
        return _kernel(alike[self._landmarks]) @ self._weights + self._base

    def told(self, scores: Any) -> float:
        """The log odds that the topic with the best score is right, as far as the scores can tell and the topic was met before; -4 to 8."""
        lead, alone = _standing_out(scores[None, :])
        zero, by_lead, by_share = self._surely
        return max(-4.0, min(8.0, zero + by_lead * float(lead[0]) + by_share * float(alone[0])))


def _gram(alike: Block, landmarks: Any) -> Any:
    """The kernel of the landmarks among themselves, made piece by piece: only one matrix of this size is there at a time."""
    import numpy as np

    found = np.empty((len(landmarks), len(landmarks)), dtype=np.float32)
    for first in range(0, len(landmarks), BLOCK):
        found[first : first + BLOCK] = _kernel(alike(landmarks[first : first + BLOCK], landmarks))
    return found


def _standing_out(scores: Any) -> tuple[Any, Any]:
    """For each row how far the best score is above the second, and its share of all that are above zero."""
    import numpy as np

    two = np.partition(scores, -2, axis=1)[:, -2:]
    return two[:, 1] - two[:, 0], two[:, 1] / np.maximum(np.maximum(scores, 0.0).sum(axis=1), 1e-6)


def _logistic(lead: Any, alone: Any, right: Any) -> tuple[float, float, float]:
    """Intercept and two weights of a logistic regression with a small ridge, by Newton's method."""
    import numpy as np

    inputs = np.column_stack([np.ones(len(lead)), lead, alone]).astype(np.float64)
    found = np.zeros(3)
    for _ in range(25):
        chance = 1.0 / (1.0 + np.exp(-np.clip(inputs @ found, -30.0, 30.0)))
        slope = inputs.T @ (right - chance) - found
        curve = (inputs.T * (chance * (1.0 - chance))) @ inputs + np.eye(3)
        found += np.linalg.solve(curve, slope)
    return float(found[0]), float(found[1]), float(found[2])


def _kernel(alike: Any) -> Any:
    return alike + PAIRS * alike * alike
