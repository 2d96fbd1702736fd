"""Ids, titles and topics are made of nobody's name, address or handle."""

from datetime import UTC, date, datetime

import pytest

from voicegit.domain import checks, naming
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, DirectiveId, PersonId, Revision, SignalId
from voicegit.domain.learning import Ground
from voicegit.domain.operation import Change, Operation
from voicegit.domain.policy import Policy
from voicegit.domain.signal import Signal, SignalKind

EMPTY = DirectiveSet(Revision("0" * 40), (), Policy())
CUSTOMERS = ["Zelda Quixworth", "Abe Lincoln", "Will May", "José Ñandú"]


def directive(title: str = "Hours", topics: str = "") -> str:
    return f"---\ntitle: {title}\ntopics: [{topics}]\n---\n\n- We open at nine\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("situations/zelda-quixworth.md", directive()),
        ("facts/quixworth-zelda.md", directive()),
        ("facts/quixworth.md", directive()),
        ("facts/quixworth-2.md", directive()),
        ("facts/zeldaquixworth.md", directive()),
        ("facts/will-may.md", directive()),
        ("facts/jose-nandu.md", directive()),
        ("facts/hours.md", directive(topics="quixworth")),
        ("facts/hours.md", directive(title="For Quixworth, Zelda")),
        ("facts/hours.md", directive(title="Ｚelda  Quixworth")),
        ("facts/maria.md", directive()),
    ],
)
def test_a_person_in_a_path_a_title_or_a_topic_is_personal_data(path: str, text: str) -> None:
    sure, _ = checks.personal(EMPTY, {path: text}, names=["Maria"], full_names=CUSTOMERS)
    assert sure


@pytest.mark.parametrize("path", ["facts/will.md", "situations/may-we-come.md", "facts/hours.md", "facts/nandus-and-other-birds.md"])
def test_everyday_words_are_nobodys(path: str) -> None:
    assert checks.personal(EMPTY, {path: directive()}, names=["Maria"], full_names=CUSTOMERS) == ([], [])


def test_a_name_that_others_have_too_is_for_a_person_to_judge() -> None:
    sure, perhaps = checks.personal(EMPTY, {"facts/lincoln.md": directive()}, full_names=CUSTOMERS)
    assert not sure
    assert [str(one) for one in perhaps] == ["facts/lincoln.md:1: its path “lincoln” may be a customer's name. If it is, choose another word"]


def signal(text: str) -> Signal:
    return Signal(SignalId("s-1"), SignalKind.TAKEOVER, ConversationId("c-1"), None, PersonId("p"), datetime(2026, 1, 1, tzinfo=UTC), 1.0, text, "Sure.")


def learned(id: str, title: str, said: str, *, topics: tuple[str, ...] = (), why: str = "Because.") -> Operation:
    ground = Ground(EMPTY, {SignalId("s-1"): signal(said)}, date(2026, 1, 1), names=["Dana Reyes"])
    operation = Operation(Change.ADD, DirectiveId(id), why, (SignalId("s-1"),), text="We oil doors", title=title, topics=topics)
    return naming.neutral([operation], ground, CUSTOMERS)[0]


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("situations/danareyes-doors", "Do you oil doors? insta @danareyes_88"),
        ("situations/danareyes-doors", "Do you oil doors?"),
        ("situations/kapiwala", "my name is Zebedee Okapiwala, kapiwala@shop.example"),
        ("situations/okapiwala", "my name is Zebedee Okapiwala"),
        ("situations/quixworth", "A friend told me"),
        ("situations/lincoln", "A friend told me"),
    ],
)
def test_an_id_made_of_a_name_a_handle_or_an_address_becomes_neutral(id: str, said: str) -> None:
    made = learned(id, f"About {id.partition('/')[2].replace('-', ' and ')}", said, topics=(id.partition("/")[2].partition("-")[0], "doors"))
    assert (made.directive, made.title, made.topics) == ("situations/lesson-1", "What customers asked", ("doors",))


def test_other_ids_and_titles_stay() -> None:
    made = learned("situations/doors-oil", "Questions about doors and oil", "Do you oil doors? insta @danareyes_88", why="One person answered this.")
    assert (made.directive, made.title, made.why) == ("situations/doors-oil", "Questions about doors and oil", "One person answered this.")


def test_a_reason_that_names_somebody_is_not_written_into_the_commit() -> None:
    assert learned("situations/doors", "Doors", "Do you oil doors?", why="Zelda Quixworth asked for it.").why == naming.WHY


def test_two_neutral_ids_are_two() -> None:
    ground = Ground(EMPTY, {}, date(2026, 1, 1), names=["Dana Reyes"])
    given = [Operation(Change.ADD, DirectiveId(f"facts/{word}"), "", (), text="x", title="T") for word in ("dana", "reyes", "dana")]
    assert [one.directive for one in naming.neutral(given, ground, [])] == ["facts/lesson-1", "facts/lesson-2", "facts/lesson-1"]
