"""Personal data: what is seen, what is left alone, and what holds for any text at all."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voicegit.domain.privacy import TYPES, Span, address, certain, contact, cues, find, numbers, redact, redact_reply, ruled, suspicious
from voicegit.domain.privacy.reading import Cued, Reading, read

PERSONAL = [
    ("write to dana.reyes+shop@mail.example.co.uk please", "write to [email] please"),
    ("it is dana dot reyes at gmail dot com", "it is [email]"),
    ("dana [at] example [dot] org", "[email]"),
    ("danareyes@gmail", "[email]"),
    ("call me on (415) 555-0132 x12", "call me on [phone]"),
    ("my mobile is 07700 900 123", "my mobile is [phone]"),
    ("+49 30 901820 is the office", "[phone] is the office"),
    ("five five five, zero one three two", "[phone]"),
    ("card 4111 1111 1111 1111 exp 12/29", "card [card] exp 12/29"),
    ("4111-1111-1111-1111", "[card]"),
    ("my visa ends in 4242", "my visa ends in [card]"),
    ("IBAN DE89 3704 0044 0532 0130 00 is mine", "IBAN [iban] is mine"),
    ("gb82west12345698765432", "[iban]"),
    ("my SSN is 123-45-6789", "my SSN is [id]"),
    ("National insurance QQ 12 34 56 C", "National insurance [id]"),
    ("driver's license number F162823540116", "driver's license number [id]"),
    ("ship to 12 Oak Street, Apt 4B, Springfield, IL 62704", "ship to [address]"),
    ("Meine Adresse: Lindenstraße 12, 10969 Berlin", "Meine Adresse: [address]"),
    ("10 Downing Street, London SW1A 2AA", "[address]"),
    ("P.O. Box 1234", "[address]"),
    ("born on 3 March 1985", "born on [birth]"),
    ("DOB: 04/05/1990", "DOB: [birth]"),
    ("my birthday is June 3rd", "my birthday is [birth]"),
    ("order #A-1234 is late", "order [order] is late"),
    ("booking ref 8ZK3Q", "booking ref [order]"),
    ("where is invoice number 2024-000317", "where is invoice number [order]"),
    ("my account number is 84536221", "my account number is [account]"),
    ("https://shop.example/reset?token=9f3ab2 expired", "[url] expired"),
    ("https://dana:secret@shop.example/", "[url]"),
    ("My name is Dana Reyes.", "My name is [name]."),
    ("my name is kurjith and i need help", "my name is [name] and i need help"),
    ("This is Dana speaking", "This is [name] speaking"),
    ("I'm Tadhg Ó Briain, hello", "I'm [name], hello"),
    ("Please ask Mrs. Okonkwo-Reyes", "Please ask [name]"),
    ("Please cancel it.\n\nKind regards,\nTadhg", "Please cancel it.\n\nKind regards,\n[name]"),
    ("We met Susan Lyons and Kofi there", "We met [name] and [name] there"),
    ("Jennifer's booking", "[name]'s booking"),
    ("you can find me under (11) 4706-6184", "you can find me under [phone]"),
    ("call me on (11) 4706-6184.", "call me on [phone]."),
    ("my partner's name Paul van der Voet", "my partner's name [name]"),
    ("50-98-28-96 is mine, 1 000 000 is not", "[phone] is mine, 1 000 000 is not"),
    ("We met near Kromwater 38", "We met near [address]"),
    ("it went to 21 Turjaška 46 Apt. 358 Radovljica Seychelles 61906 instead", "it went to [address] instead"),
    ("we saw anna bizier and Brandy Vleugels", "we saw [name] and [name]"),
    ("Mark", "[name]"),
    ("It's Mark. I would like a table", "It's [name]. I would like a table"),
    ("Book the party for Mark on Tuesday", "Book the party for [name] on Tuesday"),
    ("Mark here, and Grace's boss", "[name] here, and [name]'s boss"),
    ("Angela, I just remembered", "[name], I just remembered"),
    ("Hi I'm susan", "Hi I'm [name]"),
    ("Ok angela may I have the venue", "Ok [name] may I have the venue"),
]


@pytest.mark.parametrize(("text", "expected"), PERSONAL)
def test_personal_data_becomes_a_placeholder_of_its_type(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Validate the Oracle's answer. Assign a Gold member to Internal Support, then gather Dispute Details.",
        "Offer a refund of $25 within 14 days, at most $1,250.00.",
        "We are open 8 am - 5 pm on weekdays and 10:00-14:00 on Saturday.",
        "From 2026-12-01 until 2027-01-06 the shop is closed on Mondays.",
        "Answer within 24 hours; call the customer back if it takes longer.",
        "- Lead with empathy, not defensiveness",
        '- Offer a concrete next step ("I\'ll stop by") rather than a generic apology',
        "- PayPal\n- Visa",
        "Will you mark it? May I? Grace is given until Friday, in the hope of peace.",
        "Our page is https://voicegit.example/help and it stays.",
        "Thanks {name}, the {team} has your [email] and order [order].",
        "Say the delivery takes 3 to 5 days and costs 4.90 €.",
        "the oracle says no; check it at the back, 5 minutes down the road",
        "Do not miss three of them; reach us via chat until 5, and place up to 3 orders.",
        "If Monday suits, say so. The Oracle says yes.",
        "Keep answers under 80 words and rooms 101 to 110 free.",
        "The Grace period ends in April; from June on, mark it as paid.",
        "The criteria and the data are in the menu.",
    ],
)
def test_clean_directives_pass_the_gate_and_stay_as_they_are(text: str) -> None:
    assert suspicious(text) == ()
    assert redact(text) == text


def test_the_names_of_the_conversation_go_in_any_case_whole_part_and_possessive() -> None:
    text = "DANA, dana reyes and Reyes's dog; Danaes stays, so does Danas."
    assert redact(text, names=["Dana Reyes"]) == "[name], [name] and [name]'s dog; Danaes stays, so does Danas."


def test_towns_companies_sizes_and_years_stay() -> None:
    text = "We deliver to Paris, to Austin and to Jackson, IL; Chase Bank pays. Section 7 opens in Spring 2026, in sizes 38 40 42."
    assert redact(text) == text


def test_a_name_that_no_list_holds_is_guessed_from_its_letters_and_surroundings() -> None:
    assert ruled("vettipuli") == ()
    assert redact("vettipuli") == "[name]"
    assert redact("My brother Kwabeniko wants the Toyotaro") == "My brother [name] wants the Toyotaro"
    assert certain("vettipuli") is None


def test_no_name_is_guessed_in_a_language_the_model_knows_nothing_of() -> None:
    text = "Ich hätte gern gewusst, wann unsere Handtücher nach Bremerhaven kommen."
    assert redact(text) == text


def test_a_customer_called_will_does_not_own_the_word() -> None:
    assert redact("Will, we will be there. Will Smith too. Will you?", names=["Will Smith"]) == "[name], we will be there. [name] too. Will you?"


def test_a_reply_keeps_what_only_reads_like_a_name() -> None:
    for said in ("Yes, we take Klarna and Venmo.", "We come with a Kärcher."):
        assert redact_reply(said, customer="Dana Reyes") == said


def test_a_reply_addresses_whoever_comes_next() -> None:
    reply = "Hi Dana, thank you Dana Reyes! Sam will ring Ms Reyes on 415-555-0132. Dana's parcel is here."
    expected = "Hi {name}, thank you {name}! [name] will ring [name] on [phone]. {name}'s parcel is here."
    assert redact_reply(reply, customer="Dana Reyes", names=["Sam"]) == expected


def test_a_reply_without_a_known_customer_is_redacted_like_any_text() -> None:
    assert redact_reply("Hi Jennifer,", customer=None) == "Hi [name],"


def test_the_gate_flags_what_redaction_would_let_pass() -> None:
    text = "When Koppány writes, ring 555 0132 77 or mail koppany@intranet"
    assert redact(text) != text or suspicious(text)
    assert [text[span.start : span.end] for span in suspicious(text)] == ["Koppány", "555 0132 77", "koppany@intranet"]


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("in doubt ask jennifer first", ["jennifer"]),
        ("unlike the Steffensen case", ["Steffensen"]),
        ("deliver to Costamezzana 43015", ["Costamezzana 43015"]),
        ("the shop on Bezrukov Street is closed", ["Bezrukov Street"]),
        ("Jennifer: what a day", ["Jennifer"]),
        ("ask natalina before you answer", ["natalina"]),
        ("as we did for frank freud", ["freud"]),
        ("Ask April before you answer, in June", ["April"]),
        ("Send it to rue du centre 320 or 30 N. Stadion", ["rue du centre 320", "30 N. Stadion"]),
        ("see the Windows 2019 page, Section 7", []),
    ],
)
def test_what_the_gate_asks_about(text: str, flagged: list[str]) -> None:
    assert [text[span.start : span.end] for span in suspicious(text)] == flagged


def test_the_country_decides_how_a_number_without_a_code_is_read() -> None:
    assert redact("Steuer 86095742719", country="DE") == "Steuer [id]"
    assert find("030 901820", country="DE") == (Span(0, 10, "phone"),)


def test_a_name_with_a_letter_that_grows_without_its_case_ends_where_it_ends() -> None:
    assert redact("Susan Weiß, and then Susan Weiß") == "[name], and then [name]"


_MODULES = (address, contact, cues, numbers)
_MEMBERS = [value for module in _MODULES for value in vars(module).values()]
_CUED = [rule for value in _MEMBERS if isinstance(value, tuple) for rule in ((value,) if isinstance(value, Cued) else value) if isinstance(rule, Cued)]


def _seen(reading: Reading) -> set[tuple[int, int, str]]:
    return {*address.seen(reading), *contact.seen(reading, "US"), *cues.seen(reading), *numbers.seen(reading, "US")}


@pytest.mark.parametrize("text", [text for text, _ in PERSONAL])
def test_the_words_that_let_a_pattern_be_skipped_leave_nothing_out(text: str) -> None:
    reading = read(text)
    every = frozenset[str]().union(*(rule.words for rule in _CUED))
    assert _seen(reading) == _seen(reading._replace(words=every | reading.words))


_PIECES = st.sampled_from(
    [
        "Dana Reyes",
        "dana.reyes@gmail.com",
        "415-555-0132",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "my name is ",
        "I'm ",
        "12 Oak Street",
        ", ",
        "\n",
        "[name]",
        "{name}",
        "[email]",
        "regards,\n",
        "order #A-1234",
        "123-45-6789",
        "born on 3 March 1985",
        "https://x.example/?token=abc",
        "at ",
        "dot ",
        "com",
        "Will ",
        " and ",
        "Mr. ",
        "5",
        "$25",
        "A",
        "é",
        "'s",
        "-",
        "@",
        "#",
    ]
)
_TEXTS = st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=25).map("".join))
_NAMES = st.lists(st.sampled_from(["Dana Reyes", "Will", "", " ", "O'Neil-Smith", "李", "(", "a.b", "de la"]), max_size=3)


@given(text=_TEXTS, names=_NAMES, country=st.sampled_from(["US", "GB", "DE", "XX", ""]))
@example(text="\0\0", names=["\0"], country="US")
@example(text="0000-MR B", names=[], country="US")
@example(text="vettipuli\ud800", names=[], country="US")
@settings(max_examples=300, deadline=None)
def test_spans_lie_in_the_text_in_order_and_never_overlap(text: str, names: list[str], country: str) -> None:
    for spans in (find(text, names=names, country=country), suspicious(text, names=names)):
        at = 0
        for span in spans:
            assert at <= span.start < span.end <= len(text)
            assert span.type in TYPES
            at = span.end


@given(text=_TEXTS, names=_NAMES)
@settings(max_examples=300, deadline=None)
def test_redacting_twice_changes_nothing_more(text: str, names: list[str]) -> None:
    once = redact(text, names=names)
    assert redact(once, names=names) == once
    reply = redact_reply(text, customer="Dana Reyes", names=names)
    assert redact_reply(reply, customer="Dana Reyes", names=names) == reply


@given(text=_TEXTS)
@settings(max_examples=200, deadline=None)
def test_placeholders_in_the_text_are_never_touched(text: str) -> None:
    for placeholder in ("{name}", "{team}", "[email]", "[phone]"):
        whole = f"{text} {placeholder} {text}"
        start = len(text) + 1
        assert not any(span.start < start + len(placeholder) and start < span.end for span in find(whole))


@pytest.mark.parametrize(
    "unit",
    [
        "a", "1", "1 ", "1-", "A", "A ", "Aa ", "a@", "a.", "@", ".", "a at ", "dot ", "1 Aa ", "1 a ",
        "(1", "+1 ", "0 ", "DE89 ", "DE89 3704 ", "# ", "\n", " ", "my name is ",
        "order ", "order 1",
        "call ", "five ", "Dana ", "Dana, ", "dana ", "12 Oak ", "Apt 4 ", "https://a?", "/a1", "Mr. ",
        "regards,\n", "'", "a-", "é", "ß1 ", "\0", "[name] ", "a'a", "born ",
        "12/", "$1", "at 1 Aa ", "address is Aa ", "rue a ", "Aaweg 1, ", "1.1.1.",
        "1:1:", "u. 1 ", "A. ", "de ", "Aa\n", "name? ",
    ],
)  # fmt: skip
def test_hostile_texts_of_the_longest_message_finish(unit: str) -> None:
    text = (unit * 8192)[:8192]
    find(text, names=["Dana Reyes"])
    suspicious(text)
    redact(text)
