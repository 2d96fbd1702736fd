"""Words that call a person: what customers write when they mean it, and what they write when they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegit.domain.policy import Gate, Trigger
from voicegit.domain.triggers import fired

ALWAYS = frozenset(Gate().always_summon)

CALLS: dict[Trigger, tuple[str, ...]] = {
    Trigger.ASKS_FOR_PERSON: (
        "Can I speak to a human please?",
        "I want to talk to a real person",
        "let me talk to somebody",
        "Put me through to your manager.",
        "I'd like to speak with the owner",
        "Could you connect me with an agent?",
        "Transfer me to a representative now",
        "is this a bot?",
        "Am I talking to a robot?",
        "Are you a real person?",
        "No bots please",
        "I need a human",
        "Get me your supervisor!",
        "Please have someone call me back",
        "Can someone call me?",
        "I was speaking with a person yesterday, can I be speaking with one again",
        "is there anyone human there",
        "I would rather talk to Maria than to a machine",
        "How do I contact a human agent",
        "I DON'T WANT TO TALK TO A MACHINE",
        "human please",
        "operator",
        "Agent!",
        "Speak to someone, please",
        "I want to be chatting with a live agent",
        "Let me speak to one of your staff",
    ),
    Trigger.LEGAL_THREAT: (
        "You will hear from my lawyer",
        "I will sue you",
        "See you in court!",
        "I'm taking this to small claims court",
        "My attorney has advised me to write to you",
        "This is negligence and you are liable",
        "I am going to take legal action",
        "I'll report you to the police",
        "I have called the police",
        "I'm contacting the Better Business Bureau",
        "Under GDPR I want all my data",
        "The ombudsman will hear of it",
        "We are filing a lawsuit",
        "You leave me no choice but litigation",
        "Your cleaner stole my ring and I am pressing charges",
        "I will take you to court",
        "Consider this a formal legal notice",
    ),
    Trigger.INJURY_OR_DANGER: (
        "Your cleaner slipped and is bleeding",
        "My son got hurt on the wet floor",
        "I cut myself on the broken glass you left and need stitches",
        "There is a smell of gas in the kitchen",
        "It smells like gas here",
        "My daughter swallowed the cleaning tablet",
        "We had to call an ambulance",
        "She is in hospital because of you",
        "The outlet is sparking",
        "I can't breathe since you used that spray",
        "I had an allergic reaction to your product",
        "There is smoke coming out of the vacuum",
        "The house is on fire",
        "Your man threatened me",
        "One of your people harassed my wife",
        "I want to kill myself",
        "My dog was poisoned by the bleach",
        "He fell down the stairs",
        "somebody broke into my home with the key you lost, I am scared",
        "call 911",
        "I feel unsafe with him in the house",
    ),
    Trigger.MONEY: (
        "I want my money back",
        "You charged me twice",
        "How much is a deep cleaning?",
        "Can I have a discount?",
        "The invoice is wrong",
        "that cost me $80",
    ),
    Trigger.DAMAGE: (
        "You broke my vase",
        "There is a scratch on the table",
        "my ring is missing",
        "The carpet is stained",
        "someone spilled lipstick in my bag",
        "my lamp fell over",
    ),
    Trigger.COMPLAINT: (
        "I am very disappointed",
        "I want to make a complaint",
        "The bathroom was not cleaned",
        "Nobody showed up",
        "They never came",
        "your team was an hour late",
    ),
    Trigger.ANGER: (
        "This is ridiculous",
        "I am furious",
        "You are a bunch of crooks",
        "WHERE IS THE TEAM YOU PROMISED ME",
        "What the hell?!",
        "are you kidding me!!!",
    ),
}

HARMLESS = (
    "Hello!",
    "Hi, are you open today?",
    "Good morning, I would like to book a cleaning",
    "Do you clean windows too?",
    "Can you come on Thursday at 10?",
    "Which areas do you cover?",
    "I need to reschedule my appointment",
    "Can we move Friday to next week?",
    "My address is the same as last time",
    "The key is under the mat",
    "Please use the side door",
    "Who is coming tomorrow?",
    "Which team will it be?",
    "Thank you so much, the flat looks great",
    "That was quick!",
    "Is Ana on the team this time?",
    "We have two cats",
    "Is your product safe for babies?",
    "Do I need to be home?",
    "I will be at work until five",
    "Do you bring your own vacuum?",
    "Could you also do the fridge?",
    "Do you offer a weekly plan?",
    "How long does a deep cleaning take?",
    "My husband will let you in",
    "The code for the gate has changed",
    "Please ring the bell twice",
    "Can I book for my mother?",
    "It is a three-bedroom apartment",
    "We are moving out at the end of the month",
    "Do you do offices?",
    "I have a question about my booking",
    "What happens when I cancel?",
    "Please skip the bedroom this time",
    "The dog is friendly",
    "Could you change the sheets?",
    "I forgot to tell you about the balcony",
    "Is it okay if I leave at noon?",
    "Yes please",
    "No, that is all",
    "Perfect, see you then",
    "ok",
    "👍",
    "Sounds good, thanks!",
    "Can you confirm my appointment?",
    "I did not get a confirmation",
    "Do you work on Sundays?",
    "Do you have anything earlier?",
    "Could you send me the details again?",
    "We live on Court Street",
    "Our house is next to the fire station",
    "My sister is a police officer and gave me your number",
    "Do you remove smoke stains?",
    "We have a gas stove, please clean it too",
    "Please dust the fireplace",
    "The person who came last time was lovely",
    "I talked to your colleague about the curtains",
    "My manager recommended you",
    "We call the small room the office",
    "Can the people who came last week come again?",
    "Please leave the key with the agent of the building",
    "The owner of the flat is away",
    "It does not hurt to ask: do you do ironing?",
    "Please be careful with the bleach",
    "The kids are back at three",
    "We need the oven cleaned",
    "I am writing from my phone",
    "No sugar for the plants, just water",
)


@pytest.mark.parametrize(("trigger", "text"), [(trigger, text) for trigger, texts in CALLS.items() for text in texts])
def test_a_customer_who_means_it_is_understood(trigger: Trigger, text: str) -> None:
    assert trigger in fired(text, {})


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_message_calls_nobody_at_once(text: str) -> None:
    assert ALWAYS.isdisjoint(fired(text, {}))


def test_there_are_enough_of_each() -> None:
    assert sum(map(len, CALLS.values())) >= 60 and len(HARMLESS) >= 60


@pytest.mark.parametrize("text", ["I will SUE you", "i’ll  sue\nyou", "I will *sue* you", "I will s\u200bue you", "I will ｓｕｅ you", "I will _sue_ you"])
def test_case_spaces_and_disguises_do_not_matter(text: str) -> None:
    assert Trigger.LEGAL_THREAT in fired(text, {})


@pytest.mark.parametrize("text", ["Parking is behind the hospital", "I work as a lawyer, so evenings are best"])
def test_in_doubt_a_person_is_called_for_a_glance(text: str) -> None:
    """Broad on purpose: these cost a look, and the same words in another message may cost the business."""
    assert not ALWAYS.isdisjoint(fired(text, {}))


@pytest.mark.parametrize("text", ["I pursue this", "a tissue, please", "Sussex", "the courtyard", "firewood"])
def test_a_word_inside_another_is_not_taken_for_it(text: str) -> None:
    assert ALWAYS.isdisjoint(fired(text, {}))


def test_a_business_adds_its_own_words_as_they_are() -> None:
    words = {Trigger.DAMAGE: ("lipstick", "c++ (old)"), Trigger.VIP: ("mayor",)}
    assert fired("The LIPSTICK again", words) == (Trigger.DAMAGE,)
    assert fired("we use c++ (old) here", words) == (Trigger.DAMAGE,)
    assert fired("I am the mayor", words) == (Trigger.VIP,)
    assert fired("lipsticks and mayors", words) == ()


def test_nobody_is_vip_by_words_of_ours() -> None:
    assert all(Trigger.VIP not in fired(text, {}) for texts in CALLS.values() for text in texts)


@given(st.text(max_size=300))
def test_no_text_is_an_exception_and_the_answer_is_always_the_same(text: str) -> None:
    assert fired(text, {}) == fired(text, {})


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_around_it_hides_a_plain_demand(before: str, after: str) -> None:
    assert Trigger.ASKS_FOR_PERSON in fired(f"{before}\nI want to talk to a human\n{after}", {})
