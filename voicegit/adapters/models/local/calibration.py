"""From what speaks for a match to the chance that it is right: one logistic function (Platt 1999) per regime.

The coefficients were fitted by `benchmarks/local_calibration.py` on simulated workspaces; nothing is fitted at run time.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """What speaks for and against a match. Shares, similarities and agreement are 0..1; `phrasings`, `topics` and `length` are logarithms of counts.

    `margin` and `lead` are distances to the best other topic; `alien` counts triggers that the topic never met. `usual` is how alike a topic's
    phrasings are to one another, `alone` the topic's share of what speaks for any, `told` the log odds that such scores were right for the workspace's own
    phrasings, each asked as if it had not been taught; they, `fit` and `lead` come with the classifier and are 0 when `learned` is False.
    `meant` is how near the topic's nearest phrasings are in meaning alone, whatever the words.
    `fresh` is the share of phrasings that are their topic's only one: the chance that the next message is of no topic met so far (Good 1953).
    """

    similarity: float
    margin: float
    several: float
    agreement: float
    known: float
    owned: float
    shared: float
    alien: float
    usual: float
    fit: float
    lead: float
    learned: bool
    phrasings: float
    topics: float
    length: float
    alone: float = 0.0
    told: float = 0.0
    fresh: float = 0.0
    meant: float = 0.0

    @property
    def values(self) -> tuple[float, ...]:
        """The inputs of the calibration, in the order of the coefficients."""
        return (
            self.similarity, self.margin, self.several, self.agreement, self.known, self.owned, self.shared,
            min(self.alien, 2.0), self.length, self.fresh, self.meant,
        )  # fmt: skip

    @property
    def more_values(self) -> tuple[float, ...]:
        """Further inputs where a classifier was fitted."""
        return (self.fit, self.lead, self.phrasings, self.topics, self.usual, self.alone, self.told)


SMALL = (-5.262, 0.0, 3.507, 0.112, 1.929, 0.0, 1.212, 2.0, -1.214, 0.268, 0.0, 6.409)
LARGE = (-3.712, 0.0, 0.054, 0.0, 2.395, 0.0, 2.216, 2.0, -0.681, 0.422, -2.549, 3.396, 0.0, 2.961, -0.617, 0.047, -2.7, 0.0, 0.404)
STATED = -1.0
"""Taken off when a fact's own sentence was matched by its words: no customer ever asked for it in words we have."""


def chance(reading: Reading, *, stated: bool) -> float:
    """The chance that the match is right, 0..1, always finite."""
    coefficients, inputs = (LARGE, reading.values + reading.more_values) if reading.learned else (SMALL, reading.values)
    score = coefficients[0] + sum(c * x for c, x in zip(coefficients[1:], inputs, strict=True)) + (STATED if stated else 0.0)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
