"""How it goes: every figure counts what it says, in the business's own days, and is found by an index."""

from datetime import date, timedelta

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from voicegit.domain.insight import Day, Insight
from voicegit.domain.signal import SignalKind
from voicegit.errors import Invalid
from voicegit.services import feedback, insights, takeover

DAY = timedelta(days=1).total_seconds()


def test_days_count_what_was_answered_and_what_was_not(shop: Shop) -> None:
    for answers in (2, 1):
        for _ in range(answers):
            shop.say(shop.start(), "Hello there")
        shop.model.reply_with(unsure())
        shop.summoned("Can you paint my fence?")
        shop.clock.pass_(DAY)
    found = insights.over(shop.workspace, 7)
    assert [(day.answered, day.called) for day in found.days] == [(0, 0)] * 4 + [(2, 1), (1, 1), (0, 0)]
    assert (found.days[-1].day, found.answered, found.called, found.summons) == (date(2026, 11, 22), 3, 2, 2)
    assert found.cost == pytest.approx(0.005)


def test_a_day_is_the_businesss_own(shop: Shop) -> None:
    policy = shop.workspace.directives.entries(shop.workspace.directives.head())["policy.toml"].content.decode()
    assert 'timezone = "America/New_York"' in policy
    shop.clock.pass_(12 * 3600)  # 03:00 in UTC on the 21st is 22:00 on the 20th in New York
    shop.say(shop.start(), "Hello there")
    assert insights.over(shop.workspace, 7).days[-1] == Day(date(2026, 11, 20), 1, 0)


def test_what_is_older_is_not_counted(shop: Shop) -> None:
    shop.say(shop.start(), "Hello there")
    shop.clock.pass_(8 * DAY)
    assert insights.over(shop.workspace, 7).empty
    assert insights.over(shop.workspace, 30).answered == 1


def test_verdicts_are_those_on_the_ais_own_replies(shop: Shop) -> None:
    verdicts = ((SignalKind.APPROVAL, {}), (SignalKind.CORRECTION, {"text": "Better so."}), (SignalKind.REJECTION, {"reason": "Not true."}))
    for kind, words in verdicts:
        said = shop.say(shop.start(), f"Hello {kind}").reply
        assert said is not None
        feedback.give(shop.workspace, said.id, kind, by=shop.owner, **words)  # type: ignore[arg-type]
    shop.model.reply_with(sure("I am so sorry.", confidence=0.1))
    shop.reply(shop.summoned("Can you paint my fence?"), "I am so sorry.", from_draft=True)
    found = insights.over(shop.workspace, 7)
    assert (found.good, found.corrected, found.wrong) == (1, 1, 1)


def test_the_wait_is_from_the_summon_to_a_persons_first_words(shop: Shop) -> None:
    for seconds in (60, 600, 120):
        shop.model.reply_with(unsure())
        talk = shop.summoned("Can you paint my fence?")
        shop.clock.pass_(seconds)
        shop.reply(talk, "No, sorry.")
        takeover.resolve(shop.workspace, talk)
    shop.model.reply_with(unsure())
    shop.summoned("Can you paint my fence?")
    found = insights.over(shop.workspace, 7)
    assert (found.waited, found.taken, found.summons) == (timedelta(seconds=120), 3, 4)


@pytest.mark.parametrize("days", [0, 1, -7, 8, 100000])
def test_only_the_stretches_that_are_offered_are_looked_at(shop: Shop, days: int) -> None:
    with pytest.raises(Invalid):
        insights.over(shop.workspace, days)


def test_nothing_of_it_reads_a_table_through(shop: Shop) -> None:
    connection = shop.app.database.read.connection
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    insights.over(shop.workspace, 7)
    connection.set_trace_callback(None)
    plans = [str(row[3]) for statement in asked if "distillations" not in statement for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert plans and not [plan for plan in plans if plan.startswith("SCAN")]


def words(insight: Insight) -> dict[str, str]:
    return {name: sentence for name, _, sentence in insight.in_words()}


def test_each_figure_is_a_sentence_with_its_counts() -> None:
    week = tuple(Day(date(2026, 11, 14 + number), 41 if number == 3 else 0, 11 if number == 3 else 0) for number in range(7))
    told = words(Insight(week, good=20, corrected=2, wrong=1, summons=11, taken=9, waited=timedelta(minutes=4, seconds=12), cost=1.234))
    assert told == {
        "Answered by the AI": "41 of 52 messages were answered by the AI (79 %).",
        "A person was called": "A person was called 11 times in 7 days.",
        "Replies you looked at": "20 of 23 verdicts said the AI's reply was good (87 %); 2 corrected it, 1 said it was wrong.",
        "Mistakes made again": "0 of 41 replies made a mistake again that you had caught before.",
        "Waiting for a person": "Half of the 9 customers whom a person answered had waited less than 4 min.",
        "Cost": "The models cost $1.23, $0.024 a message, learning included.",
    }


def test_nearly_all_is_never_called_all() -> None:
    day = (Day(date(2026, 11, 20), 999, 1),)
    assert words(Insight(day))["Answered by the AI"] == "999 of 1,000 messages were answered by the AI (99 %)."
    assert words(Insight((Day(date(2026, 11, 20), 1, 999),)))["Answered by the AI"] == "1 of 1,000 messages were answered by the AI (1 %)."


def test_without_anything_the_sentences_still_say_something_true() -> None:
    told = words(Insight((Day(date(2026, 11, 20), 0, 0),)))
    assert told["Answered by the AI"] == "No message came in."
    assert told["Waiting for a person"] == "No customer had to wait for a person."
