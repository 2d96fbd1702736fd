"""What a call costs, in US dollars, from the counts that the API gives back and a list of prices."""

from dataclasses import dataclass

from voicegit.domain.gate import Usage
from voicegit.domain.guidance import CHARS_PER_TOKEN


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens. `long` is what both prices are multiplied by when a prompt has more than 100,000 tokens."""

    input: float
    output: float
    long: float = 1.0


PRICES = {
    "claude-haiku-5-5": Price(0.10, 0.50, long=5.0),
    "claude-sonnet-5-5": Price(2.0, 10.0),
    "claude-opus-5-5": Price(4.0, 20.0),
}
"""List prices of November 2026. A model that does not stand here costs 0.0 in our books, whatever the provider asks for it."""

CACHE_WRITE, CACHE_READ, LONG_PROMPT = 1.25, 0.1, 100_000


def about(model: str, *, read: int, written: int) -> float | None:
    """What a call that reads and writes so many characters costs at about, in US dollars, nothing of it cached; None where the price is not known."""
    price = PRICES.get(model)
    if price is None:
        return None
    tokens = read / CHARS_PER_TOKEN
    factor = price.long if tokens > LONG_PROMPT else 1.0
    return factor * (price.input * tokens + price.output * written / CHARS_PER_TOKEN) / 1_000_000


def usage(counts: object, model: str) -> Usage:
    """`input_tokens` are those processed afresh (written to the cache or not), `cached_tokens` those read from it. What is not counted is 0."""
    fresh, written, cached, output = (
        _count(counts, name) for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    )
    price = PRICES.get(model, Price(0.0, 0.0))
    factor = price.long if fresh + written + cached > LONG_PROMPT else 1.0
    cost = factor * (price.input * (fresh + CACHE_WRITE * written + CACHE_READ * cached) + price.output * output) / 1_000_000
    return Usage(model, input_tokens=fresh + written, output_tokens=output, cached_tokens=cached, cost=cost)


def _count(counts: object, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    return value if type(value) is int and 0 <= value < 10**9 else 0
