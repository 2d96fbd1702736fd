"""What somebody wrote against what is in force where the question was asked in other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_contradiction import directive
from voicegit.domain.contradiction import InForce
from voicegit.domain.quantity import conflict, quantities
from voicegit.domain.rephrased import Rephrased
from voicegit.domain.subject import Stance, asks, stance, takes_a_yes

EXAMPLES = (
    ("Can I bring my dog?", "Yes, dogs are very welcome with us."),
    ("Can I pay by credit card?", "Yes, we take every card."),
    ("Do you iron shirts?", "We don't iron, I'm afraid."),
    ("Do you offer a student discount?", "Yes, students get 10 % off."),
    ("How long does a deep clean of three rooms take?", "About four hours with two of us."),
    ("I need to reschedule my cleaning", "Of course. Which day would suit you better?"),
    ("Can I move my appointment to another day?", "Of course. Which day is good?"),
)
FORCE = InForce(
    (
        directive("facts/areas.md", "- We clean in Brooklyn and Queens.\n- We do not clean in the Bronx or on Staten Island.\n"),
        directive("facts/hours.md", "- We work Monday to Saturday, 8 am to 6 pm.\n- We do not work on Sundays and public holidays.\n"),
        directive(
            "facts/prices.md",
            "- A standard cleaning is $45 an hour, for one person.\n- A deep cleaning is $60 an hour, for one person.\n- Windows are $6 each\n",
        ),
        directive("facts/supplies.md", "- We bring our own supplies and vacuum cleaner.\n- All our products are safe for children and pets.\n"),
        directive("facts/returns.md", "- Returns are accepted within 30 days with the receipt\n- Shipping is free over $50\n- Gift cards cannot be returned\n"),
        directive("situations/damage.md", "- Offer to stop by and look at the damage\n- Do not give discounts over the phone\n"),
        directive("situations/all.md", "## Examples\n" + "".join(f"\n> **Customer:** {asked}\n>\n> **Us:** {us}\n" for asked, us in EXAMPLES)),
    )
)
REPHRASED = Rephrased(FORCE)


@pytest.mark.parametrize(
    ("asked", "answer", "old"),
    [
        ("Do you come to the Bronx?", "Yes, we can come to the Bronx on Tuesdays.", "We do not clean in the Bronx or on Staten Island."),
        ("Can somebody come on a Sunday?", "Yes, Sunday works for us, at 10?", "We do not work on Sundays and public holidays."),
        ("Do you cover Brooklyn?", "No, we no longer go to Brooklyn.", "We clean in Brooklyn and Queens."),
        ("Can I return this gift card?", "Sure, just bring the gift card in.", "Gift cards cannot be returned"),
        ("What does it cost to do the windows?", "It is $8 a window.", "Windows are $6 each"),
        ("How long do I have to return something?", "You have 14 days with your receipt.", "Returns are accepted within 30 days with the receipt"),
        ("From what amount is shipping free?", "From $35.", "Shipping is free over $50"),
        ("I have a cat.", "I'm afraid our products are not safe for pets.", "All our products are safe for children and pets."),
        ("Is it ok if my dog comes along?", "I'm sorry, we do not allow dogs.", "Yes, dogs are very welcome with us."),
        ("Can I pay with my card?", "No, cash only please.", "Yes, we take every card."),
        ("Can you iron my shirts as well?", "Yes, we iron shirts too.", "We don't iron, I'm afraid."),
        ("Any discount for students?", "Sorry, no discounts.", "Yes, students get 10 % off."),
        ("Is there a discount for students?", "Students get 15 % off.", "Yes, students get 10 % off."),
        ("How much time does a deep clean of three rooms need?", "That takes six hours with two of us.", "About four hours with two of us."),
        ("Can I reschedule my cleaning?", "Sorry, rescheduling is not possible.", "Of course. Which day would suit you better?"),
        ("Can I move my appointment?", "Sorry, moving is not possible any more.", "Of course. Which day is good?"),
        ("Could I have a discount over the phone?", "Yes, I can give you one.", "Do not give discounts over the phone"),
    ],
)
def test_the_opposite_is_found_whatever_the_question_s_words(asked: str, answer: str, old: str) -> None:
    assert old in [one.old for one in REPHRASED.against(asked, answer)]
    assert old not in [one.old for one in FORCE.against(asked, answer)], "found by the same words already"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Do you come to the Bronx?", "Sorry, we don't clean in the Bronx."),
        ("Can you come to Queens on Sunday?", "I'm afraid not on Sunday. Monday?"),
        ("Can somebody come on a Sunday?", "No, we rest on Sundays."),
        ("What would a deep cleaning of my flat cost?", "About $240, it takes four hours."),
        ("Can I have two people for the standard clean?", "Yes, that is $90 an hour then."),
        ("How much was the window cleaning last time?", "It was $48 for eight windows."),
        ("How much for ten windows?", "That makes $60."),
        ("When do you come on Saturday?", "At 10 am."),
        ("Do I need a vacuum?", "No, we bring one."),
        ("Did the team bring the vacuum?", "No, they forgot it, I'm sorry."),
        ("Do you allow pets?", "No, sorry."),
        ("Will you stop by and look at the damage?", "No, please send a photo."),
        ("Is my dog allowed?", "Of course, bring him along."),
        ("Do you walk dogs?", "No, we only clean."),
        ("My dog is here", "No problem, dogs are not a problem."),
        ("Can I pay with bitcoin?", "No, sorry."),
        ("Is shipping to Canada free?", "No, that is $15."),
        ("Is there another discount for students?", "Sorry, no."),
        ("How long does a deep clean of one room take?", "About two hours."),
        ("Is there a discount for seniors?", "Seniors get 5 % off."),
    ],
)
def test_what_agrees_is_of_one_customer_or_about_something_else_is_left_alone(asked: str, answer: str) -> None:
    assert REPHRASED.against(asked, answer) == []


def test_an_answer_that_only_says_yes_is_told_with_its_question() -> None:
    (found,) = REPHRASED.against("Do you come to Staten Island?", "Of course.")
    assert (found.new, found.heard) == ("Of course.", "Do you come to Staten Island?")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Sure, gladly! What is the address?", Stance.YES),
        ("That is no problem.", Stance.YES),
        ("We can do that on Monday.", Stance.YES),
        ("No problem!", Stance.YES),
        ("I'm sorry, we do not allow dogs.", Stance.NO),
        ("That is not possible.", Stance.NO),
        ("We're closed on Saturdays.", Stance.NO),
        ("I'm sorry about your vase.", None),
        ("Let me look.", None),
        ("Yes, that is not possible.", None),
    ],
)
def test_an_answer_begins_with_a_yes_a_no_or_neither(answer: str, said: Stance | None) -> None:
    assert stance(answer) is said


def test_only_what_asks_for_what_generally_holds_has_a_yes_or_a_no() -> None:
    assert takes_a_yes("Hello! Do you clean ovens?")
    assert not takes_a_yes("Do I need to clear the oven?")
    assert not takes_a_yes("Do you clean ovens or not?")
    assert not takes_a_yes("Don't you clean ovens?")
    assert not asks("Did you clean the oven?")
    assert not asks("The oven is dirty.")


def test_figures_are_compared_by_what_they_count() -> None:
    assert quantities("It is $45 an hour for two people, 30 days, at 8 am") == {
        ("money", "hour"): {"45"},
        ("number", "peopl"): {"2"},
        ("number", "day"): {"30"},
        ("time", ""): {"480"},
    }
    assert conflict("$45 an hour", "$50 per hour")
    assert not conflict("$45 an hour", "That makes $90")
    assert not conflict("From 8 am to 6 pm", "At 10 am")
    assert conflict("From 8 am to 6 pm", "At 8 pm")
    assert not conflict("Within 30 days", "In 30 minutes")


@given(st.text() | st.text("0189,.:$ apm%-") | st.from_regex(r"\d+([.,:]\d+)* ?(am|pm|o'clock)", fullmatch=True))
def test_no_text_is_too_odd_for_its_figures(text: str) -> None:
    quantities(text)
    conflict(text, "From 8 am to 6 pm for $45")


def test_an_hour_with_a_comma_is_a_time_and_a_longer_one_is_none() -> None:
    assert quantities("We are open until 8,30 pm") == quantities("until 8.30 pm") == {("time", ""): {"1230"}}
    assert quantities("1,000:30") == quantities(f"{'1' * 5000} pm") == {}
