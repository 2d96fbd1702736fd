"""What texts mean, as points: from a table that is installed with voicegit, whatever the words."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.adapters.models.local import meaning
from voicegit.adapters.models.local.language import tokens
from voicegit.adapters.models.local.matching import Index
from voicegit.domain.directive import Directive, Example
from voicegit.domain.ids import DirectiveId


def near(one: str, other: str) -> float:
    return float(meaning.point(one) @ meaning.point(other))


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("Where is my parcel?", "Has the package been delivered yet?"),
        ("I lost my debit card", "someone stole the wallet"),
        ("Are pets allowed?", "May I bring a puppy?"),
        ("How much is it?", "what does this cost"),
    ],
)
def test_what_means_the_same_is_near_without_a_word_in_common(asked: str, same: str) -> None:
    assert not set(tokens(asked)) & set(tokens(same))
    assert all(near(asked, same) > near(asked, other) for other in ("Please turn off the oven", "We live near a school", "Thanks for yesterday"))


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_every_text_is_a_point_of_length_one_or_says_nothing(text: str) -> None:
    length = float(np.linalg.norm(meaning.point(text)))
    assert length == 0.0 or abs(length - 1.0) < 1e-4


def test_a_very_long_text_is_read_from_its_beginning() -> None:
    assert near("Where is my order? " * 300, "Where is my order? " * 3000) == pytest.approx(1.0, abs=1e-3)


def test_shouting_and_placeholders_change_nothing() -> None:
    assert near("WHERE IS MY ORDER", "where is my order") == pytest.approx(1.0, abs=1e-3)
    assert near("Where is my order, {name}?", "Where is my order, [email]?") == pytest.approx(1.0, abs=1e-3)


def test_many_points_are_each_text_s_own() -> None:
    texts = ["Where is my order?", "", "Do you clean ovens?"]
    assert np.array_equal(meaning.points(texts), np.array([meaning.point(text) for text in texts]))


def test_a_question_in_quite_other_words_finds_its_case() -> None:
    pets = Directive(DirectiveId("situations/pets"), "Pets", "", examples=(Example(("Are pets allowed?",), "Pets are welcome."),))
    parking = Directive(DirectiveId("situations/parking"), "Parking", "", examples=(Example(("Is there a garage?",), "There is one behind the house."),))
    found = Index([pets, parking], {}).best("May I bring a puppy?")
    assert found is not None
    assert found.answer.text == "Pets are welcome."


def test_nothing_is_loaded_that_could_fetch_something() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", "import sys; from voicegit.adapters.models.local import meaning; meaning.point('x'); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"wordllama", "requests", "huggingface_hub", "urllib3"} & set(seen)
