"""A linear model over topics, for when there is enough to learn from: ridge regression on one-or-zero targets, in closed form.

Least-squares classifiers do as well as support vector machines on text (Zhang & Oles 2001; Rifkin, Yeo & Poggio 2003), take no iterations,
and their value falls towards zero for a text that is like nothing seen, which is what a gate needs.
"""

from typing import Any

LEAST_PER_TOPIC = 8
"""Mean number of phrasings per topic below which nothing is learned."""
MOST_FEATURES = 4500
RIDGE = 0.7


class Linear:
    """`scores` gives one number per topic, near 1 for a sure yes and near 0 for no."""

    def __init__(self, place: Any, weights: Any, base: Any) -> None:
        self._place, self._weights, self._base = place, weights, base

    @classmethod
    def fitted(cls, matrix: Any, topic_of: Any, sizes: Any) -> "Linear | None":
        """None when there are too few topics, or too few phrasings for them."""
        import numpy as np
        from scipy.linalg import solve

        topics = len(sizes)
        if topics < 3 or matrix.shape[0] < LEAST_PER_TOPIC * topics:
            return None
        mass = np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel()
        often = np.asarray((matrix > 0).sum(axis=0)).ravel() >= 2
        kept = np.sort(np.argsort(-(mass * often), kind="stable")[: min(MOST_FEATURES, int(often.sum()))])
        place = np.full(matrix.shape[1], -1, dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        inputs = matrix[:, kept].tocsr()
        base = (sizes / matrix.shape[0]).astype(np.float32)
        targets = np.zeros((matrix.shape[0], topics), dtype=np.float32)
        targets[np.arange(matrix.shape[0]), topic_of] = 1.0
        # The smaller of two systems with the same solution: one equation per feature, or one per text (the dual).
        dual = matrix.shape[0] < len(kept)
        gram = (inputs @ inputs.T if dual else inputs.T @ inputs).toarray()
        gram[np.diag_indices_from(gram)] += RIDGE
        asked = targets - base if dual else inputs.T @ (targets - base)
        solved = solve(gram, asked, assume_a="pos", overwrite_a=True, check_finite=False)
        weights = inputs.T @ solved if dual else solved
        return cls(place, weights.astype(np.float32), base)

    def scores(self, numbers: Any, values: Any) -> Any:
        """One value per topic for a text in the space it was fitted in."""
        places = self._place[numbers]
        seen = places >= 0
        return values[seen] @ self._weights[places[seen]] + self._base
