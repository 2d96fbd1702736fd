"""What texts mean, as points: the mean of vectors that belong to pieces of words, learned elsewhere from much text.

The vectors are WordLlama's (256 dimensions, 32,000 pieces; MIT), a static table that its package holds: no network, no neural net at run time, and a
text costs about a tenth of a millisecond. They know that a parcel is a package, which words and letters alone cannot; they know nothing of order and "not".
Only the package's two files are read: importing it would bring in what can download.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from voicegit.adapters.models.local.language import MAX_CHARS, PLACEHOLDER

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DIMENSIONS = 256
_PACKAGE = "wordllama"
_PIECES, _VECTORS = "tokenizers/l2_supercat_tokenizer_config.json", "weights/l2_supercat_256.safetensors"


def points(texts: Sequence[str]) -> Any:
    """A row of length 1 for each text (float32), all zero where a text says nothing."""
    import numpy as np

    found = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        found[row] = point(text)
    return found


def point(text: str) -> Any:
    """As `points`, for one text."""
    import numpy as np

    tokenizer, vectors = _tables()
    plain = PLACEHOLDER.sub(" ", text[:MAX_CHARS])
    pieces = tokenizer.encode(plain.lower() if plain.isupper() else plain, add_special_tokens=False).ids
    if not pieces:
        return np.zeros(DIMENSIONS, dtype=np.float32)
    mean = vectors[pieces].mean(axis=0, dtype=np.float32)
    length = float(np.linalg.norm(mean))
    return mean / length if length > 0.0 else mean


@lru_cache(maxsize=1)
def _tables() -> "tuple[Tokenizer, Any]":
    """The pieces and their vectors; 16 MB, read once."""
    from importlib.util import find_spec
    from pathlib import Path

    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"The package {_PACKAGE} is not installed; voicegit's embedded model reads its word vectors. Install voicegit again with pip."
        )
    folder = Path(next(iter(spec.submodule_search_locations)))
    (vectors,) = load_file(folder / _VECTORS).values()
    tokenizer = Tokenizer.from_file(str(folder / _PIECES))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, vectors
