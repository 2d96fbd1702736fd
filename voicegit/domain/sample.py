"""Which of the model's replies a person should look at first."""

import math

from voicegit.domain.turn import Turn

BAND = 0.05
"""Replies whose confidence lies within so much of each other are equally near to the threshold; the newer one comes first."""


def place(turn: Turn, *, unhappy: bool) -> tuple[bool, bool, int, float, str]:
    """Where a reply stands in the queue, smallest first: chosen at random, oldest first whatever the customer thought of it, so that no mistake is looked
    at sooner than other replies; the customer was not happy with it; nearest to the threshold; newest."""
    if turn.audited:
        return False, False, 0, turn.at.timestamp(), turn.id
    over = math.floor(round((turn.confidence - turn.threshold) / BAND, 6))
    return (True, not unhappy, over, -turn.at.timestamp(), turn.id)
