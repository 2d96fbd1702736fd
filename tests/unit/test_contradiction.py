"""What somebody wrote against what is in force, by means that can be told in a sentence."""

import pytest

from voicegit.domain.contradiction import Against, InForce, differ, opposite
from voicegit.domain.directive import Directive, read
from voicegit.domain.quantity import replaced


def directive(path: str, body: str, keys: str = "") -> Directive:
    found, findings = read(path, f"---\ntitle: About {path}\n{keys}---\n\n{body}".encode())
    assert found is not None, findings
    return found


FORCE = InForce(
    (
        directive("voice/tone.md", "- Be brief\n- Never promise compensation in writing\n", "guards:\n  never_say: [unfortunately]\n"),
        directive("facts/prices.md", "- A standard cleaning is $45 an hour, for one person.\n- A deep cleaning is $60 an hour.\n- The call-out fee is $25\n"),
        directive("facts/stays.md", "- On weekdays the desk is open from 9 am to 5 pm\n- The minimum stay is 2\n- A late departure costs $20 a day\n"),
        directive("facts/hours.md", "- We work Monday to Saturday, 8 am to 6 pm.\n- We clean on Saturdays\n"),
        directive(
            "situations/pets.md",
            "## Examples\n\n> **Customer:** Can I bring my dog along?\n>\n> **Customer:** Is a dog allowed?\n>\n> **Us:** Yes, dogs are very welcome with us.\n"
            "\n> **Customer:** How long does a cleaning of two rooms take?\n>\n> **Us:** Two rooms take about 90 minutes.\n",
        ),
    )
)


@pytest.mark.parametrize(
    ("asked", "answer", "kind", "old"),
    [
        ("Are you free?", "Unfortunately we are not.", Against.GUARD, "Never say “unfortunately”"),
        ("How much is a standard cleaning?", "It is $50 an hour for one person.", Against.FACT, "A standard cleaning is $45 an hour, for one person."),
        ("What is the call-out fee?", "The fee is $30.", Against.FACT, "The call-out fee is $25"),
        ("A 24 hour desk?", "On weekdays the desk is open until 4 pm.", Against.FACT, "On weekdays the desk is open from 9 am to 5 pm"),
        ("A 24 hour desk?", "On weekdays the desk is open from 10 am to 6 pm.", Against.FACT, "On weekdays the desk is open from 9 am to 5 pm"),
        ("How long at least?", "The minimum stay is 3.", Against.FACT, "The minimum stay is 2"),
        ("For 3 rooms?", "A late departure costs $30.", Against.FACT, "A late departure costs $20 a day"),
        ("For 3 rooms?", "A late departure costs $30 a day.", Against.FACT, "A late departure costs $20 a day"),
        ("My vase broke", "I promise you a compensation in writing.", Against.RULE, "Never promise compensation in writing"),
        ("Saturday?", "We don't clean on Saturdays.", Against.RULE, "We clean on Saturdays"),
        ("Can I bring my dog along?", "I'm afraid dogs cannot come in.", Against.EXAMPLE, "Yes, dogs are very welcome with us."),
        ("can I bring my dogs along", "No, please leave it at home.", Against.EXAMPLE, "Yes, dogs are very welcome with us."),
        ("How long does a cleaning of two rooms take?", "That takes 150 minutes.", Against.EXAMPLE, "Two rooms take about 90 minutes."),
    ],
)
def test_what_stands_against_something_in_force_is_found(asked: str, answer: str, kind: Against, old: str) -> None:
    found = {one.kind: one for one in FORCE.against(asked, answer)}
    assert found[kind].old == old


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("How much is a standard cleaning?", "It is $45 an hour for one person."),
        ("How much is a deep cleaning?", "It is $60 an hour."),
        ("How much is a late departure?", "A late departure costs $20.00 a day."),
        ("When are you there?", "On weekdays the desk is open from 9:00 am to 5:00 pm."),
        ("How much was my last cleaning?", "Your last invoice was $130."),
        ("My vase broke", "I am so sorry. I will stop by at 5 pm."),
        ("My vase broke", "I cannot promise you a compensation in writing."),
        ("When do you come on Saturday?", "We clean on Saturdays, at 10 am for you."),
        ("Can I bring my dog along?", "Yes of course, dogs are welcome!"),
        ("Is a parrot allowed?", "No, birds stay at home."),
        ("Can I bring my dog along?", "Sure, we like dogs."),
        ("Hello", "Hello, how can I help?"),
        ("I can bring my dog along", "No, please leave it at home."),
        ("Can I bring my dog along?", "No idea, let me ask: how big is it?"),
    ],
)
def test_what_agrees_or_is_about_something_else_is_left_alone(asked: str, answer: str) -> None:
    assert FORCE.against(asked, answer) == []


def test_a_rule_that_says_the_opposite_of_one_in_force_is_found() -> None:
    found = FORCE.against_rule("Never clean on a Saturday")
    assert found is not None
    assert (found.directive, found.old) == ("facts/hours", "We clean on Saturdays")
    assert FORCE.against_rule("We clean on Saturdays") is None
    assert FORCE.against_rule("Be kind") is None


def test_a_fact_takes_the_others_figure_where_each_has_one() -> None:
    assert replaced("The call-out fee is $25", "It is $30.") == "The call-out fee is $30"
    assert replaced("We open at 8 am", "We open at 9 am today") == "We open at 9 am"
    assert replaced("From $25 to $30", "It is $40") is None


def test_answers_differ_when_both_cannot_hold() -> None:
    assert differ("Yes, we do.", "No, we don't.")
    assert differ("It costs $25.", "It costs $30.")
    assert not differ("It costs $25.", "That would be $25, please.")
    assert not differ("Yes, we do.", "Certainly!")
    assert opposite("Offer a discount to regulars", "Never offer regulars a discount")
    assert not opposite("Offer a 10 % discount to regulars", "Never offer regulars a 20 % discount")
