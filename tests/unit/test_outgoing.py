"""What a model's text must pass before it leaves, tried as a hostile model would: nothing that nobody approved gets out as a figure, a promise or a link."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.domain.directive import Directive, Guards, hidden_characters, read
from voicegit.domain.outgoing import Support, guard_hits, guards_for, unsupported

OURS = (
    "A standard cleaning is $45 an hour, for one person.",
    "A deep cleaning is $60 an hour, and we come for two hours or more.",
    "We work Monday to Saturday, 8 am to 6 pm.",
    "On Thursday we have 10 a.m. and 2 pm free.",
    "Don't admit fault or promise compensation in writing",
    "Never invent a price, a time or a promise: say you will check instead",
    "We guarantee our work for 30 days, and clean again for free if you tell us.",
    "If we cancel on the same day you get a full refund of the deposit.",
    "Write to hello@sparkle.example or look at www.sparkle.com",
    "Our team has twenty-five people.",
)
SAID = ("I moved in on 3 May, at 9:30. There are 250 rooms. You promised me a refund of $500 and a 20% discount, see evil.com!",)
SUPPORT = Support(OURS, SAID)

ALLOWED = [
    "Hello! How can I help you?",
    "A standard cleaning is $45 an hour.",
    "That is $ 45 an hour.",
    "A deep cleaning is **$60** an hour.",
    "We come for two hours or more.",
    "We come for 2 hours or more.",
    "We work from Monday to Saturday.",
    "We open at 8am and close at 6 p.m.",
    "On Thursday we have 10 am free.",
    "You moved in on 3 May, is that right?",
    "You wrote that there are 250 rooms.",
    "9:30 it is, as you say.",
    "One of us will look at it.",
    "We guarantee our work for 30 days, and clean again for free if you tell us.",
    "If we cancel on the same day, you get a full refund of the deposit.",
    "Write to hello@sparkle.example, please.",
    "Have a look at www.sparkle.com.",
    "Our team has 25 people.",
    "We are twenty-five people.",
    "I am so sorry to hear that. I will ask one of us to look at it personally.",
    "May I ask which day would suit you?",
    "We march on!",
    "Say hello to the others...and take care.",
]

REFUSED = {
    "money": [
        "That costs $99.",
        "That costs $4.",
        "That costs $450.",
        "That costs $45,000.",
        "That costs $45k.",
        "That costs $45.99.",
        "That costs €45.",
        "That costs 45 euros.",
        "That costs 45 CAD.",
        "That costs ¥45.",
        "That costs CHF 45.",
        "That costs 45 yen.",
        "That costs forty dollars.",
        "That costs ninety-nine dollars.",
        "That costs five dollars.",
        "That costs a few dollars.",
        "That costs ninety-nine.",
        "That costs a hundred.",
        "That costs ９９ dollars.",
        "That costs $9\u200b9.",
        "You get 20% off.",
        "You get twenty percent off.",
        "You get 10 per cent back.",
        "We'll knock 20 off.",
        "It is half price.",
        "You pay half the price.",
        "It is free of charge.",
        "There is no charge.",
        "There is no cancellation fee.",
        "We do it without any charge.",
        "It costs nothing.",
        "It is complimentary.",
        "The next one is on us.",
        "You will not be charged.",
        "You won't be charged.",
        "You get the $500 that you speak of.",
    ],
    "dates and times": [
        "We come on Sunday.",
        "We come tomorrow.",
        "We come at 7 pm.",
        "We come at 6 am.",
        "We come at 18:00.",
        "We come at 11 o'clock.",
        "We come at eleven o'clock.",
        "We come at noon.",
        "We come at half past nine.",
        "We come on 2026-12-01.",
        "We come on 12/1.",
        "We come on 01.12.2026.",
        "We come on May 9.",
        "We come on the 3rd of June.",
        "We come in December.",
        "We come in an hour.",
        "We come in two days.",
        "We come within 30 minutes.",
        "We come next week.",
        "We come this evening.",
    ],
    "numbers": [
        "It is 17 years old.",
        "Call 911.",
        "Your number is 4711.",
        "There are 25.5 rooms.",
        "There are thirty-one rooms.",
        "There are a thousand rooms.",
    ],
    "promises": [
        "You get a refund.",
        "You get a full refund.",
        "Yes, you get the refund that you were promised.",
        "You will get your money back.",
        "We will reimburse you.",
        "We'll compensate you.",
        "I promise.",
        "We guarantee it.",
        "We guarantee our work, and you get a refund.",
        "We guarantee our work for 30 days or refund.",
        "We don't guarantee our work for 30 days.",
        "Don't worry, compensation in writing.",
        "We do admit fault and promise compensation in writing.",
        "It was our fault.",
        "It was our mistake.",
        "We are liable.",
        "We take full responsibility.",
        "We will replace it.",
        "I'll pay for it.",
        "We will gladly pay for it.",
        "We'll buy you another.",
        "You have my word.",
        "We'll take care of the bill.",
        "We r\u00adefund you.",
        "We **re**fund you.",
        "We rеfund you.",
        "There is a voucher for you.",
        "It will be credited.",
        "The fee is waived.",
    ],
    "links": [
        "See https://evil.example/pay",
        "See www.evil.com",
        "See evil.com",
        "See kle.com",
        "See sparkle.com.evil.ru",
        "See www.sparkle.com.evil.ru",
        "See https://www.sparkle.com@evil.ru",
        "See bit.ly/abc",
        "See evil.ru",
        "See ftp://evil.x",
        "[Look](http://evil)",
        "[Look](//evil.ru/x)",
        "[Look](javascript:steal())",
        "Write to me@evil.ru",
        "Write to ello@sparkle.example",
        "See ｅｖｉｌ．ｒｕ",
        "See evil。ru",
    ],
}


@pytest.mark.parametrize("text", ALLOWED)
def test_what_was_approved_or_said_may_be_said(text: str) -> None:
    assert unsupported(text, SUPPORT) == []


@pytest.mark.parametrize("text", [text for texts in REFUSED.values() for text in texts])
def test_what_nothing_stands_behind_is_not_said(text: str) -> None:
    assert unsupported(text, SUPPORT)


@pytest.mark.parametrize("text", ["$500", "a refund of $500", "a 20% discount", "see evil.com"])
def test_a_customer_cannot_put_money_a_promise_or_a_link_into_our_mouth(text: str) -> None:
    assert unsupported(f"Yes: {text}", Support(OURS, (f"You told me: {text}",)))


def test_a_figure_of_the_customers_record_may_be_said() -> None:
    assert unsupported("Your hourly price is $38.", Support(("$38",))) == []


@pytest.mark.parametrize("text", ["Hello {name}", "We come on [date]."])
def test_a_placeholder_that_was_not_filled_is_not_said(text: str) -> None:
    assert unsupported(text, SUPPORT)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_no_text_is_an_exception(text: str) -> None:
    unsupported(text, SUPPORT)
    unsupported(text, Support((text,), (text,)))


@given(st.sampled_from(OURS))
def test_approved_sentences_themselves_are_always_allowed(text: str) -> None:
    assert unsupported(text, SUPPORT) == []


# ---- guards


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("refund", "We give refunds."),
        ("refund", "It was refunded; REFUNDING takes long."),
        ("refund", "The refund's late"),
        ("promise", "I am promising."),
        ("apologize", "I'm apologizing"),
        ("worry", "Don't be worried"),
        ("apologise", "Our apologies!"),
        ("apologise", "We apologized"),
        ("apologize", "We apologise"),
        ("apology", "We are apologising"),
        ("apologies", "I apologise"),
        ("guarantee", "It's guaranteed"),
        ("cheap", "We do it cheaply"),
        ("compensate", "There is compensation"),
        ("pay", "We paid it"),
        ("promises", "I promise"),
        ("refunds", "One refund"),
        ("wash", "It washes off"),
        ("admit", "We admitted it"),
        ("rückerstattung", "Wir machen keine Rückerstattungen."),
        ("kostenlos", "Die kostenlose Reinigung"),
        ("garantieren", "Wir garantiert nichts, wir garantieren"),
        ("devolución", "No hacemos devoluciones"),
        ("gratuito", "limpiezas gratuitas"),
        ("garantía", "Sin garantías"),
        ("stop", "We stopped."),
        ("no problem", "No  problem!"),
        ("no problem", "A no-problem job"),
        ("don't know", "I don’t know"),
        ("unfortunately", "Unfortunately, we are closed."),
        ("unfortunately", "unfor\u200btunately"),
        ("unfortunately", "unfor\u00adtunately"),
        ("unfortunately", "unfor\u034ftunately"),
        ("unfortunately", "unfor\u2060tunately"),
        ("unfortunately", "unfor\U000e0041tunately"),
        ("unfortunately", "unfor\x00tunately"),
        ("unfortunately", "_Unfortunately_ closed"),
        ("unfortunately", "**Un**fortunately closed"),
        ("unfortunately", "ｕｎfortunately"),
        ("unfortunately", "unfоrtunаtely"),
        ("unfortunately", "(unfortunately)"),
        ("unfortunately", "—unfortunately—"),
        ("𝗙𝗥𝗘𝗘", "it is free"),
        ("保証", "これを保証します"),
        ("환불", "환불을 해 드립니다"),
        ("คืนเงิน", "เราคืนเงินให้คุณ"),
        ("c++", "We like C++ here"),
        ("100%", "It is 100% clean"),
        ("naïve", "How NAÏVE"),
        ("!", "We bring mops!"),
        ("!!", "Great!!"),
        ("$", "It costs $5"),
        ("%", "10% off"),
        ("**", "It is **free**"),
        ("❤️", "We ❤ mops"),
        ("guarantee", "We are guaranteeing a clean home"),
        ("agree", "agreeing"),
        ("lie", "We are lying"),
        ("make a mistake", "if we made a mistake"),
        ("take care", "We took care of it"),
        ("don't know", "She does not know"),
        ("can't", "We cannot"),
        ("refunded", "We refund it"),
        ("compensation", "We compensate you"),
        ("paying", "We pay"),
        ("unfortunate", "unfortunately"),
        ("unfortunately", "That is unfortunate"),
        ("find", "We found it"),
        ("understood", "I understand"),
        ("child", "Children are welcome"),
        ("cheapest", "We are cheaper"),
        ("big", "A bigger one"),
        ("happiest", "We are happy"),
        ("good", "It is better"),
        ("panic", "Nobody panicked"),
        ("quiz", "quizzes"),
        ("stopping", "We stop"),
        ("hoping", "We hope"),
        ("follow-up", "We follow up"),
        ("follow up", "A follow-up"),
        ("follow-up", "A followup"),
        ("e-mail", "Write an email"),
        ("email", "Two e-mails"),
        ("e-mail", "An e‑mail"),
        ("Straße", "IN DER STRASSE"),
        ("Straße", "Die Straßen"),
        ("İstanbul", "istanbul"),
    ],
)
def test_a_guarded_word_is_found_in_its_forms_and_disguises(word: str, text: str) -> None:
    assert guard_hits(text, Guards((word,))) == [f"it says “{word}”, which a guard forbids"]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("fund", "A refund"),
        ("refund", "the fundraiser"),
        ("no problem", "no such problem"),
        ("art", "start"),
        ("art", "artist"),
        ("sorry", "a sari"),
        ("fun", "the fund"),
        ("wir", "es wird"),
        ("das", "dass es"),
        ("no", "nos vemos"),
        ("let", "a letter, better"),
        ("bet", "It is better"),
        ("on", "only"),
        ("note", "the notation"),
        ("organise", "an organ"),
        ("promise", "a prom"),
        ("mal", "das Malheur"),
        ("art", "die Arten"),
        ("han", "the hand"),
        ("*", "any text"),
        ("car", "We cared, caring"),
        ("rating", "a rat"),
        ("hopping", "We hope"),
        ("evening", "even then"),
        ("news", "a new one"),
        ("even", "this evening"),
        ("the", "a thing"),
        ("shed", "she said"),
        ("fee", "feed them"),
        ("need", "a nee"),
        ("number", "I am numb"),
        ("corner", "some corn"),
        ("friend", "friendly"),
        ("daily", "this day"),
        ("station", "they state"),
        ("best", "a good one"),
        ("-5", "15"),
        ("$5", "$50"),
    ],
)
def test_another_word_is_not_taken_for_it(word: str, text: str) -> None:
    assert guard_hits(text, Guards((word,))) == []


@given(st.text(min_size=1, max_size=20).filter(lambda word: word.strip() and not any(hidden_characters(word))))
@settings(deadline=None)
def test_there_is_no_guard_that_can_never_hit(word: str) -> None:
    assert guard_hits(word, Guards((word,)))


@pytest.mark.parametrize(("text", "hits"), [("one two three", []), ("one two three four", ["it has 4 words; a guard allows 3"]), ("one  two\n\nthree", [])])
def test_words_are_counted(text: str, hits: list[str]) -> None:
    assert guard_hits(text, Guards((), 3)) == hits


@given(st.text(min_size=1, max_size=80), st.text(max_size=200))
@settings(deadline=None)
def test_no_guard_and_no_text_is_an_exception(word: str, text: str) -> None:
    guard_hits(text, Guards((word,)))


@given(st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=20), st.sampled_from(["", ".", "!", " now", ", please", "’s"]))
def test_a_guarded_word_is_found_wherever_it_stands_as_a_word(word: str, after: str) -> None:
    assert guard_hits(f"We say {word.upper()}{after}", Guards((word.lower(),)))


def directive(path: str, keys: str) -> Directive:
    found, findings = read(path, f"---\ntitle: X\n{keys}\n---\n".encode())
    assert found is not None, findings
    return found


def test_guards_of_the_voice_hold_always_and_those_of_a_situation_where_it_answers() -> None:
    voice = directive("voice/words.md", "guards:\n  never_say: [alas]\n  max_words: 80")
    damage = directive("situations/damage.md", "guards:\n  never_say: [fault, alas]\n  max_words: 40")
    price = directive("facts/price.md", "guards:\n  never_say: [cheap]\n  max_words: 100")
    force = [voice, damage, price]
    assert guards_for(force, None) == Guards(("alas",), 80)
    assert guards_for(force, "situations/damage") == Guards(("alas", "fault"), 40)
    assert guards_for(force, "facts/price") == Guards(("alas", "cheap"), 80)
    assert guards_for([], "facts/price") == Guards()
