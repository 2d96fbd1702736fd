"""A classifier over topics, for when there is enough to learn from: kernel ridge regression on one-or-zero targets, in closed form.

Least-squares classifiers do as well as support vector machines on text (Zhang & Oles 2001; Rifkin, Yeo & Poggio 2003), take no iterations,
and their value falls towards zero for a text that is like nothing seen, which is what a gate needs. The kernel is of the second degree in the cosine
similarity: it weighs every two features together, so that "card" beside "lost" says more than both alone.
"""

from typing import Any

LEAST_PER_TOPIC = 3
"""Mean number of phrasings per topic below which nothing is learned."""
MOST_LANDMARKS = 3000
"""Phrasings that a score is a sum over; beyond that all of them are fitted by an even spread (subset of regressors, Smola & Schölkopf 2000)."""
PAIRS = 2.0
"""Weight of the second degree against the first."""
RIDGE = 0.3
BLOCK = 1000


class Ridge:
    """`scores` gives one number per topic, near 1 for a sure yes and near 0 for no."""

    def __init__(self, landmarks: Any, weights: Any, base: Any) -> None:
        self._landmarks, self._weights, self._base = landmarks, weights, base

    @classmethod
    def fitted(cls, matrix: Any, topic_of: Any, sizes: Any) -> "Ridge | None":
        """For rows of length 1 at most. None when there are too few topics, or too few phrasings for them."""
        import numpy as np
        from scipy.linalg import solve

        count, topics = matrix.shape[0], len(sizes)
        if topics < 3 or count < LEAST_PER_TOPIC * topics:
            return None
        base = (sizes / count).astype(np.float32)
        targets = np.zeros((count, topics), dtype=np.float32)
        targets[np.arange(count), topic_of] = 1.0
        targets -= base
        all_of_them = count <= MOST_LANDMARKS
        landmarks = np.arange(count) if all_of_them else np.unique(np.linspace(0, count - 1, MOST_LANDMARKS).astype(np.int64))
        columns = matrix[landmarks].T.tocsr()
        if all_of_them:
            system, wanted = _kernel((matrix @ columns).toarray()), targets
        else:
            system, wanted = RIDGE * _kernel((matrix[landmarks] @ columns).toarray()), np.zeros((len(landmarks), topics), dtype=np.float32)
            for first in range(0, count, BLOCK):
                block = _kernel((matrix[first : first + BLOCK] @ columns).toarray())
                system += block.T @ block
                wanted += block.T @ targets[first : first + BLOCK]
        # What keeps the sum over some of them solvable is far below what a score can tell.
        system[np.diag_indices_from(system)] += RIDGE if all_of_them else 1e-3 * RIDGE * float(system.diagonal().mean())
        weights = solve(system, wanted, assume_a="pos", overwrite_a=True, check_finite=False)
        return cls(landmarks, weights.astype(np.float32), base)

    def scores(self, alike: Any) -> Any:
        """One value per topic for a text, from its similarity to each of the phrasings it was fitted on."""
        return _kernel(alike[self._landmarks]) @ self._weights + self._base


def _kernel(alike: Any) -> Any:
    return alike + PAIRS * alike * alike
