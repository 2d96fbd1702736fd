"""When two answers come to the same by their words alone, when they cannot both hold, and when it is better to say neither."""

import pytest

from voicegit.domain import agreement

KEY = "You don't have to be at home. You can leave a key with us; we keep it in a coded safe."


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("We only clean, but we do that well.", "we only clean but we do that  WELL", True),
        ("I will stop by.", "Hi Dana, I will stop by! Best regards, Maria", True),
        ("I will stop by.", "Good morning! I will stop by.\n\nCheers,\nYour Sparkle team", True),
        ("It opens at 9:30.", "it opens at 9:30", True),
        ("It opens at 9:30.", "It opens at 9:45.", False),
        ("It is $45.", "It is €45.", False),
        ("It is 45 %.", "It is 45.", False),
        ("It is 5 pm.", "It is 5pm.", True),
        ("It is -5 degrees.", "It is 5 degrees.", False),
        ("Thanks. Call Maria.", "Thanks. Call Lea.", False),
        ("Good morning works best, we come at nine", "Good evening works best, we come at nine", False),
        ("Hi", "Hello", False),
        ("Ça va très bien.", "Ça va tre\u0300s bien!", True),
        ("木曜日は空いています。", "火曜日は空いています。", False),
    ],
)
def test_the_same_words_are_the_same_whatever_stands_around_them(one: str, other: str, same: bool) -> None:
    assert agreement.same_words(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("We only clean, but we do that well.", "We only clean, and we do that well!", True),
        ("I'll stop by today; we can't before.", "I will stop by today, we cannot before.", True),
        ("You can leave a key.", "You must leave a key.", False),
        ("You can leave a key.", "We can leave a key.", False),
        ("We clean in Queens.", "We clean in the Bronx.", False),
    ],
)
def test_they_say_the_same_where_only_words_differ_that_carry_nothing(one: str, other: str, same: bool) -> None:
    assert agreement.says_the_same(one, other) is same


OPPOSITES = [
    ("We come to look at it on Thursday at noon. Would that suit you?", "We come to look at it on Tuesday at noon. Would that suit you?"),
    ("I will stop by this afternoon to see it in person.", "I will stop by this morning to see it in person."),
    ("Your visit is confirmed for 5 pm.", "Your visit is confirmed for 5 am."),
    ("We charge $120 per visit.", "We charge €120 per visit."),
    ("It costs two hundred dollars.", "It costs three hundred dollars."),
    ("I will refund half of it today.", "I will refund all of it today."),
    ("Parking is included.", "Parking is excluded."),
    ("We accept cards. We refuse checks.", "We refuse cards. We accept checks."),
    ("We have room from 10 am to 2 pm.", "We have room from 10 am to 4 pm."),
    ("Vous pouvez laisser la clé chez nous.", "Vous ne pouvez pas laisser la clé chez nous."),
    (KEY, "Please be at home when we arrive; we take no keys."),
    (KEY, KEY.replace("don't have", "have")),
    (KEY, KEY.replace("You can leave", "You cannot leave")),
]


@pytest.mark.parametrize(("one", "other"), OPPOSITES)
def test_opposite_answers_contradict_each_other_and_are_never_the_same(one: str, other: str) -> None:
    assert agreement.contradict(one, other) and agreement.contradict(other, one)
    assert not agreement.says_the_same(one, other) and not agreement.alike(one, other)


@pytest.mark.parametrize(
    "other",
    ["Call us.", KEY.replace("a coded safe", "our coded safe"), "A key with us is fine too: it is kept in a safe.", KEY],
)
def test_other_words_are_no_contradiction(other: str) -> None:
    assert not agreement.contradict(KEY, other)


def test_a_model_that_never_says_it_twice_in_the_same_words_may_say_it_in_nearly_the_same() -> None:
    assert agreement.alike("We clean kitchens every day of the week.", "We clean all kitchens, every day of the week.")
    assert not agreement.alike("We clean kitchens every day of the week.", "Somebody rings you back.")
