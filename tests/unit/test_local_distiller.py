"""The embedded distiller: what persons did becomes operations that the code accepts, by counts that are named."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.adapters.models.local.distiller import LocalDistiller
from voicegit.adapters.models.local.grouping import LocalGrouping
from voicegit.adapters.models.local.matching import Index
from voicegit.adapters.models.local.rejections import as_rule, banned
from voicegit.adapters.models.local.rules import habits, name
from voicegit.domain import learning
from voicegit.domain.directive import PATH, Directive, Example, Guards, read
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, PersonId, Revision, SignalId
from voicegit.domain.material import Distilled, Lesson, Material
from voicegit.domain.operation import Change
from voicegit.domain.policy import Learning, Policy
from voicegit.domain.signal import Signal, SignalKind, Teaches

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
PETS = """---
title: Pets
confidence: 0.6
---

- Be fond of animals

## Examples

> **Customer:** Is it okay if my dog is home?
>
> **Us:** Pets are welcome. Please tell us their names.
"""
TONE = "---\ntitle: How we sound\n---\n\n- Warm and short\n"
DAMAGED = (
    ("Someone spilled lipstick in my white leather bag!", "I'm so sorry to hear that. I will stop by this afternoon to see it in person."),
    ("Your cleaners broke my grandmother's vase", "I'm so sorry to hear that. I'll come by today to look at it with you."),
    ("There is a long scratch on my oak table since your team was here", "Oh no, I'm so sorry to hear that. I will come and look at the table."),
)


def written(path: str, source: str) -> Directive:
    directive, findings = read(path, source.encode())
    assert directive is not None, findings
    return directive


def known(*directives: Directive) -> DirectiveSet:
    return DirectiveSet(Revision("a" * 40), tuple(sorted(directives, key=lambda d: d.id)), Policy())


BASE = known(written("situations/pets.md", PETS), written("voice/tone.md", TONE))


def lesson(number: int, customer: str, theirs: str | None = None, *, kind: SignalKind = SignalKind.TAKEOVER, person: str = "p-1", **more: object) -> Lesson:
    weights = {SignalKind.TAKEOVER: 1.0, SignalKind.CORRECTION: 0.9, SignalKind.REJECTION: 0.8, SignalKind.EDIT: 0.6, SignalKind.APPROVAL: 0.4}
    plain = Lesson(SignalId(f"s-{number:03}"), kind, ConversationId(f"c-{number}"), PersonId(person), weights[kind], customer, theirs=theirs)
    return replace(plain, **more)  # type: ignore[arg-type]


def distilled(*lessons: Lesson, base: DirectiveSet = BASE, most: int = 7) -> Distilled:
    return LocalDistiller().distill(Material(base, lessons, max_changes=most))


def applied(found: Distilled, lessons: tuple[Lesson, ...], base: DirectiveSet = BASE) -> learning.Applied:
    signals = {
        one.signal: Signal(one.signal, one.kind, one.conversation, None, one.person, NOW, one.weight, one.customer, one.theirs, one.ours, one.reason)
        for one in lessons
    }
    return learning.apply(found.operations, learning.Ground(base, signals, date(2026, 1, 5)))


def taught() -> tuple[Lesson, ...]:
    groups = LocalGrouping().group([customer for customer, _ in DAMAGED])
    return tuple(lesson(n, customer, us, situation=groups[n]) for n, (customer, us) in enumerate(DAMAGED))


def test_three_takeovers_become_one_directive_in_the_persons_own_words() -> None:
    found = distilled(*taught())
    assert {operation.directive for operation in found.operations} == {"situations/damage-claims"}
    assert found.operations[0].title == "When something is damaged: bag, table, vase"
    assert "damage" in found.operations[0].topics
    assert [example.us for operation in found.operations for example in operation.examples] == [us for _, us in DAMAGED]


def test_its_rules_claim_only_what_the_replies_show() -> None:
    rules = [operation.text for operation in distilled(*taught()).operations if operation.text]
    assert rules == ["Say “I'm so sorry to hear that” early on", "Use “I”, not “we”", "Keep it to about 15 words"]


def test_the_code_accepts_all_of_it_and_the_file_can_be_read() -> None:
    result = applied(distilled(*taught()), taught())
    assert result.dropped == ()
    content = result.files["situations/damage-claims.md"]
    directive, findings = read("situations/damage-claims.md", content)
    assert findings == ()
    assert directive is not None
    assert (len(directive.examples), len(directive.rules)) == (3, 3)


def test_one_takeover_is_enough_for_an_example_but_not_for_a_rule() -> None:
    (only,) = distilled(lesson(1, "Can you iron my shirts too?", "Gladly! How many are there?")).operations
    assert (only.change, only.text) == (Change.ADD, None)
    assert only.title is not None
    assert only.examples == (Example(("Can you iron my shirts too?",), "Gladly! How many are there?"),)
    assert only.evidence == ("s-001",)


def test_the_same_answer_to_many_is_one_example_with_many_phrasings() -> None:
    asked = ["Do you iron shirts?", "Could you iron my shirts?", "I need my shirts ironed"]
    (only,) = [o for o in distilled(*(lesson(n, text, "Yes, for 2 dollars a piece.") for n, text in enumerate(asked))).operations if o.examples]
    assert only.examples == (Example(tuple(asked), "Yes, for 2 dollars a piece."),)
    assert only.evidence == ("s-000", "s-001", "s-002")
    assert only.why == "3 replies gave this same answer."


def test_a_known_answer_to_a_new_phrasing_adds_the_phrasing_only() -> None:
    (only,) = distilled(lesson(1, "I have two cats", "Pets are welcome. Please tell us their name.")).operations
    assert only.directive == "situations/pets"
    assert only.examples == (Example(("I have two cats",), "Pets are welcome. Please tell us their names."),)


def test_a_known_answer_to_a_known_phrasing_reinforces() -> None:
    (only,) = distilled(lesson(1, "Is it okay if my dog is home?", "Pets are welcome. Please tell us their names.")).operations
    assert (only.change, only.directive) == (Change.REINFORCE, "situations/pets")


def test_a_new_answer_to_a_known_case_joins_its_directive() -> None:
    correction = lesson(1, "Is it okay if my dog is at home?", "Of course, we love dogs!", kind=SignalKind.CORRECTION, ours="Pets are welcome.")
    (only,) = distilled(correction).operations
    assert (only.change, only.directive, only.title) == (Change.ADD, "situations/pets", None)
    assert only.examples[0].us == "Of course, we love dogs!"
    assert only.why == "A person changed the model's words to these."


VISIT = """---
title: The quote visit
confidence: 0.6
---

## Examples

> **Customer:** When is the quote visit?
>
> **Customer:** When do you come to look at my flat?
>
> **Us:** We come to look at it on Tuesday at noon. Would that suit you?
"""
TUESDAY = "We come to look at it on Tuesday at noon. Would that suit you?"
VISITS = known(written("situations/quote-visit.md", VISIT), *BASE.directives)


def corrected(number: int, theirs: str, asked: str = "When is the quote visit?", ours: str = TUESDAY, **more: object) -> Lesson:
    return lesson(number, asked, theirs, kind=SignalKind.CORRECTION, ours=ours, **more)


@pytest.mark.parametrize(
    "theirs",
    [
        "We come to look at it on Friday at noon. Would that suit you?",
        "We come by to look at it on Friday at noon. Does that suit you?",
        TUESDAY.replace("Would", "Will"),
    ],
)
def test_a_correction_takes_the_place_of_the_answer_that_it_corrects(theirs: str) -> None:
    lessons = (corrected(1, theirs), lesson(2, "I'd like a visit for a quote", TUESDAY))
    found = distilled(*lessons, base=VISITS)
    (only,) = [one for one in found.operations if "s-001" in one.evidence]
    assert (only.change, only.directive, only.answer) == (Change.REFINE, "situations/quote-visit", TUESDAY)
    result = applied(found, lessons, VISITS)
    assert result.dropped == ()
    source = result.files["situations/quote-visit.md"].decode()
    assert TUESDAY not in source
    # What joined the answer in the same run moves with it; the questions keep their lines.
    assert written("situations/quote-visit.md", source).examples[0].customer[:2] == ("When is the quote visit?", "When do you come to look at my flat?")
    assert source.count("**Us:**") == 1
    assert source.count("I'd like a visit for a quote") == 1


def test_only_a_correction_in_the_same_words_says_that_the_answer_was_right() -> None:
    (only,) = distilled(corrected(1, TUESDAY.upper().replace("?", " !")), base=VISITS).operations
    assert (only.change, only.why) == (Change.REINFORCE, "A person gave the answer that stands here already.")


def test_a_correction_in_wholly_other_words_takes_its_question_along_and_leaves_the_others() -> None:
    other = corrected(1, "Please call the office, they make appointments.")
    result = applied(distilled(other, base=VISITS), (other,), VISITS)
    examples = written("situations/quote-visit.md", result.files["situations/quote-visit.md"].decode()).examples
    assert [(one.customer, one.us) for one in examples] == [
        (("When do you come to look at my flat?",), TUESDAY),
        (("When is the quote visit?",), "Please call the office, they make appointments."),
    ]


def test_a_correction_to_an_answer_that_is_approved_elsewhere_moves_the_question_there() -> None:
    pets = "Pets are welcome. Please tell us their names."
    other = corrected(1, pets)
    assert {(one.change, one.directive, one.unasked) for one in distilled(other, base=VISITS).operations} == {
        (Change.REVISE, "situations/quote-visit", ("When is the quote visit?",)),
        (Change.ADD, "situations/pets", ()),
    }


def test_a_correction_of_an_answer_that_was_given_to_a_strange_question_leaves_it_alone() -> None:
    (only,) = distilled(corrected(1, "Ask them for the access code first.", asked="My intercom is broken"), base=VISITS).operations
    assert (only.change, only.unasked, only.answer) == (Change.ADD, (), None)


def test_of_two_corrections_of_one_answer_the_newest_stands_and_the_summary_asks() -> None:
    found = distilled(*(corrected(n, TUESDAY.replace("Tuesday", day), person=f"p-{n}") for n, day in enumerate(("Friday", "Monday"), 1)), base=VISITS)
    (only,) = found.operations
    assert "Monday" in only.examples[0].us
    assert "was corrected to “We come to look at it on Friday at noon" in found.summary


@pytest.mark.parametrize("word", ["Tuesday at 5 pm", "Friday at noon", "Tuesday at noon for $20", "Tuesday, not at noon", "Tuesday at half past noon"])
def test_an_answer_with_another_day_hour_price_or_a_not_is_not_the_one_that_stands_there(word: str) -> None:
    operations = distilled(lesson(1, "When is the quote visit?", TUESDAY.replace("Tuesday at noon", word)), base=VISITS).operations
    assert [one.change for one in operations] == [Change.ADD]


def test_an_approval_of_words_that_stand_there_no_more_reinforces_nothing() -> None:
    thursday = lesson(1, "When is the quote visit?", kind=SignalKind.APPROVAL, ours=TUESDAY.replace("Tuesday", "Thursday"))
    assert distilled(thursday, base=VISITS).operations == ()
    tuesday = replace(thursday, ours=TUESDAY)
    assert [one.change for one in distilled(tuesday, base=VISITS).operations] == [Change.REINFORCE]
    both = distilled(tuesday, corrected(2, TUESDAY.replace("Tuesday", "Friday")), base=VISITS)
    assert [(one.change, one.evidence) for one in both.operations] == [(Change.REFINE, ("s-002",))]


def test_a_word_that_is_never_to_be_said_becomes_a_guard_of_the_voice() -> None:
    rejection = lesson(1, "Can you come?", kind=SignalKind.REJECTION, ours="Unfortunately we cannot.", reason='We never say "unfortunately".')
    (only,) = distilled(rejection).operations
    assert (only.directive, only.guards) == ("voice/tone", Guards(never_say=("unfortunately",)))
    assert b"never_say: [unfortunately]" in applied(distilled(rejection), (rejection,)).files["voice/tone.md"]


def test_without_a_voice_a_guard_makes_one() -> None:
    rejection = lesson(1, "Can you come?", kind=SignalKind.REJECTION, ours="Sorry, no problem!", reason="Never say “no problem”")
    bare = known(written("situations/pets.md", PETS))
    (only,) = distilled(rejection, base=bare).operations
    assert (only.directive, only.title) == ("voice/words-we-avoid", "Words we avoid")
    assert applied(distilled(rejection, base=bare), (rejection,), bare).dropped == ()


def test_any_other_reason_becomes_a_rule_where_the_rejected_words_came_from() -> None:
    text = "Pets are welcome. Please tell us their names."
    rejection = lesson(1, "My snake is home", kind=SignalKind.REJECTION, ours=text, reason="ask first what animal it is")
    told, _ = distilled(rejection).operations
    assert (told.directive, told.text) == ("situations/pets", "Ask first what animal it is")
    assert "example" in told.why


def test_a_reason_never_becomes_a_line_of_a_fact_which_customers_are_told() -> None:
    hours = written("facts/hours.md", "---\ntitle: Hours\n---\n\n- We work from 8 am to 6 pm.\n")
    base = known(hours, written("voice/tone.md", TONE))
    reason = "Do not mention public holidays, this customer is always a nuisance"
    rejection = lesson(1, "Do you work on weekends?", kind=SignalKind.REJECTION, ours="We work from 8 am to 6 pm.", reason=reason)
    exception, told = distilled(rejection, base=base).operations
    assert (told.directive, told.text) == ("voice/tone", reason)
    assert (exception.directive, exception.text) == ("facts/hours", "Not for: “Do you work on weekends?”")
    assert applied(distilled(rejection, base=base), (rejection,), base).dropped == ()


def test_a_reply_that_was_rejected_is_not_given_to_that_question_again_nor_to_one_like_it() -> None:
    text = "Pets are welcome. Please tell us their names."
    rejection = lesson(1, "Is it okay if I keep a snake?", kind=SignalKind.REJECTION, ours=text, reason="not snakes")
    files = applied(distilled(rejection), (rejection,)).files
    pets = written("situations/pets.md", files["situations/pets.md"].decode())
    assert [rule.text for rule in pets.rules][-1] == "Not for: “Is it okay if I keep a snake?”"
    index = Index([pets], {})
    asked = ("Is it okay if I keep a snake?", "is it OK if i keep snakes", "Is it okay if my dog is home?")
    refused, like_it, fine = (found.confidence for text in asked if (found := index.best(text)))
    assert (refused, like_it) == (0.0, 0.0)
    assert fine > 0.2


def test_a_reason_about_words_says_nothing_of_the_question() -> None:
    text = "Pets are welcome. Please tell us their names."
    rejection = lesson(1, "My snake is home", kind=SignalKind.REJECTION, ours=text, reason="We never say “pets”")
    assert [operation.text for operation in distilled(rejection).operations] == [None]


def test_where_a_directive_is_full_a_further_one_of_its_title_goes_on() -> None:
    full = PETS + "".join(f"\n> **Customer:** May my animal number {n} stay {'here ' * 40}?\n>\n> **Us:** Animal {n} may.\n" for n in range(27))
    base = known(written("situations/pets.md", full))
    more = lesson(1, "Can my two kittens watch?", "Pets are welcome. Please tell us their names.")
    (operation,) = distilled(more, base=base).operations
    assert (operation.directive, operation.title) == ("situations/pets-2", "Pets")
    assert applied(distilled(more, base=base), (more,), base).dropped == ()


def test_an_answer_rejected_twice_is_named_in_the_summary() -> None:
    text = "Pets are welcome. Please tell us their names."
    twice = [lesson(n, "My snake is home", kind=SignalKind.REJECTION, ours=text, reason="Ask first what animal it is") for n in (1, 2)]
    assert "was rejected 2 times and never approved" in distilled(*twice).summary


@pytest.mark.parametrize(
    ("reason", "ours", "word"),
    [
        ('we never say "sorry for the inconvenience"', None, "sorry for the inconvenience"),
        ("Don't say unfortunately, it sounds cold", "Unfortunately, no.", "unfortunately"),
        ("never use the word “cheap”", None, "cheap"),
        ("stop saying no worries", "No worries!", "no worries"),
        ('not "guys"', None, "guys"),
        ("Never say when we arrive", "We come at noon.", None),
        ("Too long and too stiff", "Dear customer", None),
        ("This is wrong: we open at nine", "We open at eight.", None),
    ],
)
def test_a_reason_forbids_a_word_only_when_it_names_one(reason: str, ours: str | None, word: str | None) -> None:
    assert banned(reason, ours) == word


def test_a_long_reason_is_cut_to_one_line_of_200_characters() -> None:
    rule = as_rule("- please   be\nkind " + "and patient " * 40)
    assert len(rule) <= 200
    assert "\n" not in rule
    assert rule.startswith("Please be kind and")


def test_approvals_reinforce_and_add_nothing() -> None:
    approvals = [lesson(n, "my dog", kind=SignalKind.APPROVAL, ours="Pets are welcome. Please tell us their names.") for n in (1, 2)]
    (only,) = distilled(*approvals).operations
    assert (only.change, only.directive, only.evidence) == (Change.REINFORCE, "situations/pets", ("s-001", "s-002"))


def test_an_approval_of_words_that_stand_nowhere_teaches_nothing() -> None:
    found = distilled(lesson(1, "hello", kind=SignalKind.APPROVAL, ours="Hello!"))
    assert found.operations == ()
    assert "Nothing new" in found.summary


def test_a_fact_becomes_a_rule_and_an_example_in_facts() -> None:
    said = "We are closed on Sundays."
    operations = distilled(lesson(1, "Are you open on Sunday?", said, teaches=Teaches.FACT)).operations
    assert all(operation.directive.startswith("facts/") for operation in operations)
    assert [operation.text for operation in operations if operation.text] == [said]
    assert [example.us for operation in operations for example in operation.examples] == [said]


def test_tone_goes_to_the_voice() -> None:
    operations = distilled(
        lesson(1, "Are you open on Sunday?", "We rest on Sundays, see you on Monday!", kind=SignalKind.EDIT, teaches=Teaches.TONE)
    ).operations
    assert {operation.directive for operation in operations} == {"voice/tone"}


@pytest.mark.parametrize("teaches", [Teaches.NOTHING, Teaches.CUSTOMER])
def test_what_is_about_nothing_or_one_customer_teaches_nothing(teaches: Teaches) -> None:
    found = distilled(lesson(1, "Can you iron?", "Sure.", teaches=teaches))
    assert found.operations == ()
    assert found.summary.startswith("There is nothing to learn from")


def test_a_reply_with_personal_data_taken_out_is_no_example_and_the_summary_says_so() -> None:
    found = distilled(lesson(1, "How do I reach Bob?", "Call him at [phone]."))
    assert found.operations == ()
    assert "personal data" in found.summary


def test_a_field_that_can_be_filled_stays() -> None:
    (only,) = distilled(lesson(1, "Who came to me?", "It was {team}, {name}.")).operations
    assert only.examples[0].us == "It was {team}, {name}."


def test_where_two_people_differ_each_keeps_their_own_words() -> None:
    yes, no = lesson(1, "Do you clean garages?", "Yes, we clean garages.", person="p-1"), lesson(2, "Do you clean garages", "No, we do not.", person="p-2")
    operations = distilled(yes, no).operations
    assert [(example.us, one.evidence) for one in operations for example in one.examples] == [
        ("Yes, we clean garages.", ("s-001",)),
        ("No, we do not.", ("s-002",)),
    ]


def test_protected_directives_are_never_touched() -> None:
    shut = known(
        written("situations/pets.md", PETS.replace("confidence: 0.6", "protected: true")),
        written("voice/tone.md", TONE.replace("title", "protected: true\ntitle")),
    )
    lessons = (
        lesson(1, "Is it okay if my dog is home?", "Pets are welcome. Please tell us their names."),
        lesson(2, "hello", kind=SignalKind.REJECTION, ours="Hi", reason='never say "hi"'),
    )
    found = distilled(*lessons, base=shut)
    assert not {operation.directive for operation in found.operations} & {"situations/pets", "voice/tone"}
    assert applied(found, lessons, shut).dropped == ()


def test_the_heaviest_directives_come_first_and_the_rest_wait() -> None:
    ironing = [lesson(n, text, "Yes, we iron.", situation=1) for n, text in enumerate(["Do you iron?", "Please iron my shirts"])]
    lessons = (lesson(9, "Do you wash cars?", "No, only homes.", situation=2), *ironing)
    found = distilled(*lessons, most=1)
    assert "one proposal takes 1" in found.summary
    one_change = replace(BASE, policy=Policy(learning=Learning(max_changes=1)))
    result = applied(found, lessons, one_change)
    assert {signal for operation in result.accepted for signal in operation.evidence} == {"s-000", "s-001"}
    assert {(signal, one.reason) for one in result.dropped for signal in one.operation.evidence} == {("s-009", learning.OVER_LIMIT)}


def test_a_case_with_hundreds_of_lessons_stays_within_a_file() -> None:
    many = tuple(lesson(n, f"Where is parcel number {n} that I ordered for my house and garden last week?", "It is on its way.") for n in range(300))
    result = applied(distilled(*many), many)
    assert result.files
    assert all(len(content) <= 8192 for content in result.files.values())
    assert result.dropped == ()


def test_habits_are_claimed_of_three_replies_at_least() -> None:
    assert habits(["I am sorry. When can I come?"] * 2) == []
    assert [habit.rule for habit in habits(["When can I come?", "I see. When can I come?", "Thanks. May I come?"])][-1] == "End with a question"


def test_a_case_is_named_by_the_words_that_tell_it_from_others() -> None:
    named = name(["Where is my parcel?", "The parcel is not here", "parcel?"], ["Where is my dog?", "Are you here?"], {})
    assert (named.slug, named.title) == ("parcel", "Questions about parcel")


TEXT = st.one_of(
    st.text(max_size=60), st.sampled_from(["my vase broke", "Is it okay if my dog is home?", "never say hi", "{name} [email]", 'We never say "x y"'])
)
LESSONS = st.lists(
    st.tuples(
        st.sampled_from(SignalKind), TEXT, st.one_of(st.none(), TEXT), st.one_of(st.none(), TEXT), st.one_of(st.none(), TEXT), st.sampled_from([None, *Teaches])
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(LESSONS)
def test_whatever_the_lessons_it_names_real_evidence_and_says_the_same_twice(
    raw: list[tuple[SignalKind, str, str | None, str | None, str | None, Teaches | None]],
) -> None:
    lessons = tuple(
        lesson(n, customer, theirs, kind=kind, ours=ours, reason=reason, teaches=teaches, situation=n % 2)
        for n, (kind, customer, theirs, ours, reason, teaches) in enumerate(raw)
    )
    found = distilled(*lessons)
    assert found == distilled(*lessons)
    assert found.title
    assert found.summary
    signals = {one.signal for one in lessons}
    for operation in found.operations:
        assert operation.evidence
        assert set(operation.evidence) <= signals
        assert operation.why
        assert "\n" not in operation.why
        assert operation.title is None or 0 < len(operation.title) <= 120
        assert operation.text is None or 0 < len(operation.text) <= 400
        assert PATH.fullmatch(f"{operation.directive}.md")
    applied(found, lessons)
