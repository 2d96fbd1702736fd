"""The embedded model quotes what a person approved, and says how likely it is right."""

import math
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.adapters.models.local import LocalModel, filled, ridge
from voicegit.adapters.models.local.grouping import LocalGrouping
from voicegit.adapters.models.local.ridge import Ridge
from voicegit.adapters.models.local.space import Space
from voicegit.domain.directive import Directive, Example, Rule, Status
from voicegit.domain.gate import Action, Assessment, Draft
from voicegit.domain.guidance import DirectiveSet, Guidance
from voicegit.domain.ids import CustomerId, DirectiveId, Revision
from voicegit.domain.people import Customer
from voicegit.domain.policy import Policy
from voicegit.domain.turn import Question

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
REVISION = Revision("a" * 40)


def directive(id: str, *examples: Example, rules: tuple[str, ...] = (), topics: tuple[str, ...] = ()) -> Directive:
    return Directive(DirectiveId(id), id, "", examples=examples, rules=tuple(Rule(text) for text in rules), topics=topics)


def example(*customer: str, us: str) -> Example:
    return Example(customer, us)


STARTER = (
    directive(
        "facts/areas", example("Do you come to my area?", us="We clean in Berkeley and Oakland."), rules=("We clean homes in Berkeley, Oakland and Albany.",)
    ),
    directive("facts/hours", example("When are you open?", "Do you work on Saturdays?", us="We clean Monday to Saturday, 8 am to 6 pm.")),
    directive("facts/supplies", example("Do you bring your own supplies?", us="We bring everything we need."), rules=("We bring our own vacuum cleaner.",)),
    directive("facts/insurance", example("Are you insured?", us="Yes, we are insured and bonded.")),
    directive(
        "situations/booking", example("I'd like to book a cleaning", "Can I schedule a cleaning for next week?", us="With pleasure! Which day suits you?")
    ),
    directive("situations/cancel", example("I need to cancel my appointment", "Please cancel tomorrow's cleaning", us="I have noted that.")),
    directive("situations/reschedule", example("Can we move my cleaning to another day?", "I need to reschedule", us="Of course. Which day would be better?")),
    directive("situations/team", example("Which team came to my house yesterday?", "Who cleaned my place last time?", us="It was {team}, {name}.")),
    directive("situations/pets", example("Is it okay if my dog is home?", "I have two cats, is that a problem?", us="Pets are welcome.")),
    directive("situations/keys", example("How will you get in if I'm not home?", "Can I leave a key under the mat?", us="Please use a lockbox.")),
    directive("situations/thanks", example("Thank you so much, the house looks great!", us="Thank you! I will tell the team.")),
    directive("voice/tone", example("Hi there!", us="Hello! How can I help?"), rules=("Warm and short",)),
)
DAMAGE = directive(
    "situations/damage-claims",
    example("Someone spilled lipstick in my white Valentino bag!", us="I'm so sorry to hear that. I will stop by this afternoon to see it in person."),
    example("Your cleaners broke my grandmother's vase", us="I'm so sorry to hear that. I'll come by today to look at it with you."),
    example("There is a long scratch on my oak table since your team was here", us="I'm so sorry to hear that. I will come and look at the table."),
    topics=("damage",),
)
ANNA = Customer(CustomerId("c-1"), "Anna Berg", NOW, fields={"team": "Team Blue"})


def known(*directives: Directive) -> DirectiveSet:
    return DirectiveSet(REVISION, tuple(sorted(directives, key=lambda d: d.id)), Policy())


def ask(model: LocalModel, text: str, *directives: Directive, customer: Customer | None = None, avoid: str | None = None) -> Draft:
    question = Question(known(*directives), Guidance(REVISION, "", (), complete=True), (), text, customer, NOW, avoid)
    return model.answer(question, deadline=1.0)


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return LocalModel()


def test_a_message_written_to_the_letter_is_answered_with_the_approved_words(model: LocalModel) -> None:
    draft = ask(model, "Is it okay if my dog is home?", *STARTER)
    assert (draft.action, draft.text) == (Action.REPLY, "Pets are welcome.")
    assert draft.assessment.covered_by == "situations/pets"
    assert draft.assessment.confidence > 0.9
    assert draft.usage.model == "local"
    assert draft.usage.cost == 0.0


def test_damage_is_not_answered_before_it_is_taught(model: LocalModel) -> None:
    draft = ask(model, "Someone spilled lipstick in my white Valentino bag!", *STARTER)
    assert draft.action is Action.SUMMON
    assert draft.assessment.confidence < 0.3
    assert not draft.assessment.covered
    assert draft.assessment.covered_by is None
    assert not draft.assessment.unremarkable


def test_three_takeovers_are_enough_for_the_next_broken_thing(model: LocalModel) -> None:
    draft = ask(model, "One of your people knocked over my lamp and it is broken", *STARTER, DAMAGE)
    assert draft.assessment.covered_by == "situations/damage-claims"
    assert draft.assessment.confidence > 0.7
    assert draft.text in {one.us for one in DAMAGE.examples}


@pytest.mark.parametrize("text", ["Can you also paint my fence?", "What's the weather like?", "My husband is allergic to nuts", "how do I reset my password"])
def test_what_nobody_taught_is_left_to_a_person(model: LocalModel, text: str) -> None:
    draft = ask(model, text, *STARTER, DAMAGE)
    assert (draft.action, draft.text) == (Action.SUMMON, "")
    assert draft.assessment.confidence < 0.4


def test_a_question_in_other_words_finds_the_same_case(model: LocalModel) -> None:
    match = model.closest(Question(known(*STARTER), Guidance(REVISION, "", (), complete=True), (), "Which crew was at my place on Monday?", ANNA, NOW))
    assert match is not None
    assert match.answer.directive == "situations/team"
    assert match.confidence > 0.4


def test_fields_are_filled_from_the_customer_record(model: LocalModel) -> None:
    assert ask(model, "Which team came to my house yesterday?", *STARTER, customer=ANNA).text == "It was Team Blue, Anna."


def test_an_unknown_field_calls_a_person(model: LocalModel) -> None:
    draft = ask(model, "Which team came to my house yesterday?", *STARTER)
    assert (draft.action, draft.text, draft.assessment.informed) == (Action.SUMMON, "", False)
    assert draft.assessment.covered_by == "situations/team"


def test_an_empty_field_counts_as_unknown() -> None:
    assert filled("It was {team}.", {"team": "  "}) is None
    assert filled("It was {team}.", {"team": "Team Blue"}) == "It was Team Blue."


def test_what_a_customer_is_called_cannot_open_another_field() -> None:
    assert filled("Hello {name}", {"name": "{team}", "team": "secret"}) == "Hello {team}"


def test_an_answer_with_personal_data_taken_out_is_never_quoted(model: LocalModel) -> None:
    draft = ask(model, "How do I reach Bob?", directive("situations/reach", example("How do I reach Bob?", us="Call him at [phone].")))
    assert draft.action is Action.SUMMON
    assert draft.text == ""


def test_a_markdown_link_is_no_placeholder(model: LocalModel) -> None:
    link = "Book [here](https://example.com/book)."
    assert ask(model, "Where can I book?", *STARTER, directive("facts/link", example("Where can I book?", us=link))).text == link


def test_a_fact_is_quoted_as_it_is_written(model: LocalModel) -> None:
    match = model.closest(Question(known(*STARTER), Guidance(REVISION, "", (), complete=True), (), "do you clean homes in Albany", None, NOW))
    assert match is not None
    assert match.answer.text == "We clean homes in Berkeley, Oakland and Albany."
    assert match.answer.directive == "facts/areas"


def test_a_voice_example_is_quoted_but_covers_no_case(model: LocalModel) -> None:
    draft = ask(model, "Hi there!", *STARTER)
    assert draft.text == "Hello! How can I help?"
    assert draft.assessment.covered_by is None


def test_asked_again_it_takes_the_next_different_answer_of_the_case_or_calls_a_person(model: LocalModel) -> None:
    text = "Your team broke my grandmother's vase, there is a scratch on my oak table too"
    first, second = ask(model, text, *STARTER, DAMAGE), ask(model, text, *STARTER, DAMAGE, avoid="it says “sorry”, which a guard forbids")
    assert first.text != second.text
    assert second.text in {"", *(one.us for one in DAMAGE.examples)}
    assert second.assessment.confidence <= first.assessment.confidence
    assert ask(model, "Is it okay if my dog is home?", *STARTER, avoid="it has 3 words").action is Action.SUMMON


def test_retired_and_out_of_season_directives_are_not_quoted(model: LocalModel) -> None:
    pets = next(d for d in STARTER if d.id == "situations/pets")
    for gone in (
        Directive(pets.id, pets.title, "", status=Status.RETIRED, examples=pets.examples),
        Directive(pets.id, pets.title, "", starts=date(2026, 2, 1), examples=pets.examples),
    ):
        assert ask(model, "Is it okay if my dog is home?", gone).action is Action.SUMMON


def test_a_set_without_anything_to_quote_calls_a_person(model: LocalModel) -> None:
    draft = ask(model, "Hello?")
    assert (draft.action, draft.assessment.confidence, draft.assessment.note) == (Action.SUMMON, 0.0, "Nothing approved is like this.")


def test_two_sets_that_share_a_revision_are_not_mixed_up() -> None:
    model = LocalModel()
    assert ask(model, "Are you insured?", directive("facts/a", example("Are you insured?", us="Yes."))).text == "Yes."
    assert ask(model, "Are you insured?", directive("facts/a", example("Are you insured?", us="Fully."))).text == "Fully."


def test_the_note_names_the_closest_example(model: LocalModel) -> None:
    note = ask(model, "Is it okay if my dog is home?", *STARTER).assessment.note
    assert note == "Closest: “Is it okay if my dog is home?” in situations/pets, 100 % alike."


APPROVED = {one.us for d in (*STARTER, DAMAGE) for one in d.examples} | {rule.text for d in STARTER for rule in d.rules if d.id.startswith("facts/")}
WORDS = ["my", "team", "broke", "the", "vase", "cancel", "appointment", "dog", "key", "{name}", "[phone]", "refund?!", "7pm", "are", "you", "insured", "open"]
SPOKEN = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), SPOKEN), st.sampled_from([None, ANNA]), st.sampled_from([None, "it broke a guard"]))
def test_it_never_says_what_nobody_approved_and_is_always_a_finite_chance(text: str, customer: Customer | None, avoid: str | None) -> None:
    draft = ask(SHARED, text, *STARTER, DAMAGE, customer=customer, avoid=avoid)
    values = {} if customer is None else customer.values
    assert draft.text in {"", *(filled(approved, values) for approved in APPROVED)}
    assert (draft.action is Action.REPLY) == bool(draft.text)
    assert type(draft.assessment.confidence) is float
    assert math.isfinite(draft.assessment.confidence)
    assert 0.0 <= draft.assessment.confidence <= 1.0
    assert isinstance(draft.assessment, Assessment)


SHARED = LocalModel()


# Messages below: Banking77, PolyAI, CC BY 4.0.
BANK = {
    "card_arrival": ["I am still waiting on my card?", "When will I get my card?", "Can I track the card that was sent to me?", "My card has not arrived yet"],
    "age_limit": ["Do you guys have any age restrictions?", "How old do I need to be?", "Can my teenager have an account?", "What is the minimum age?"],
    "top_up": ["Why is my top up pending?", "Top-up is loaded into the card and no update.", "My top-up is not showing", "the top up is still pending"],
}


def test_a_second_question_without_a_word_of_its_own_asks_nothing_more(model: LocalModel) -> None:
    asked = "The key that you gave me does not open the front door, is it the wrong key?"
    door = directive("facts/door", example(asked, us="Turn it to the left."), example("Do you clean ovens?", us="We do."))
    assert ask(model, f"{asked} What is going on?", door).action is Action.REPLY
    assert ask(model, f"{asked} Which colours does it come in?", door).action is Action.SUMMON


def test_a_question_that_a_directive_says_it_is_not_for_is_a_persons(model: LocalModel) -> None:
    hours = directive("facts/hours", example("When are you open?", us="We are open from eight."), rules=("Not for: “When is your sister open?”",))
    assert ask(model, "When are you open?", hours).action is Action.REPLY
    for asked in ("When is your sister open?", "when is my sister open"):
        assert ask(model, asked, hours).action is Action.SUMMON
        assert ask(model, asked, hours).assessment.confidence == 0.0


def test_a_spread_of_the_phrasings_scores_nearly_as_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text + tail for texts in BANK.values() for text in texts for tail in ("", " please", " thanks", " today", " now")]
    topics, matrix = np.repeat(np.arange(3), 20), Space(texts, {}).matrix
    alike = (matrix @ matrix.T).toarray()

    def block(some: Any, others: Any) -> Any:
        return alike[np.ix_(some, others)]

    whole = Ridge.fitted(block, topics, np.bincount(topics))
    monkeypatch.setattr(ridge, "MOST_EXACT", 30)
    monkeypatch.setattr(ridge, "MOST_LANDMARKS", 30)
    part = Ridge.fitted(block, topics, np.bincount(topics))
    assert whole is not None and part is not None
    assert np.abs(np.array([whole.scores(row) - part.scores(row) for row in alike])).mean() < 0.05


def test_with_many_phrasings_a_classifier_joins_in(model: LocalModel) -> None:
    taught = [
        directive(f"situations/{name.replace('_', '-')}", example(*(text + tail for text in texts for tail in ("", " please", " thanks")), us=name))
        for name, texts in BANK.items()
    ]
    draft = ask(model, "is there an age limit, my son is a teenager", *taught)
    assert draft.assessment.note.startswith("Closest:")
    assert ask(model, "when does my card arrive?", *taught).text == "card_arrival"


def test_groups_hold_the_same_case_and_are_numbered_by_first_appearance() -> None:
    asked = [one for example in DAMAGE.examples for one in example.customer]
    other = ["I need to cancel my appointment", "Please cancel tomorrow's cleaning appointment"]
    groups = LocalGrouping().group([*asked, *other, asked[0]])
    assert groups == [0, 0, 0, 1, 1, 0]


def test_grouping_nothing_gives_nothing_and_one_text_is_one_group() -> None:
    assert LocalGrouping().group([]) == []
    assert LocalGrouping().group(["hello", "hello"]) == [0, 0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=40), SPOKEN), max_size=12))
def test_every_text_gets_a_group_and_equal_texts_the_same(texts: list[str]) -> None:
    groups = LocalGrouping().group(texts)
    assert len(groups) == len(texts)
    assert all(groups[a] == groups[b] for a in range(len(texts)) for b in range(a) if texts[a] == texts[b])
    assert sorted(set(groups)) == list(range(len(set(groups))))


def test_importing_the_model_loads_no_learning_library() -> None:
    code = "import sys, voicegit.adapters.models.local; print([m for m in ('sklearn', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
