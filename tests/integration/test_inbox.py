"""The lists of the inbox: who stands in which, in what order, and what it costs."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlite_utils import Database as Db

from tests.conftest import Shop
from tests.fakes import unsure
from voicegit.adapters.migrations import migrations
from voicegit.adapters.tables import Tables
from voicegit.domain.ids import ConversationId
from voicegit.domain.people import Role
from voicegit.services import conversation, inbox, takeover, worker
from voicegit.services.inbox import PAGE, Row, Tab


def who(rows: tuple[Row, ...]) -> list[str | None]:
    return [row.customer for row in rows]


def listed(shop: Shop, tab: Tab, **more: str | None) -> tuple[Row, ...]:
    return inbox.listed(shop.workspace, tab, person=shop.owner, **more).rows


def called(shop: Shop, customer: str, said: str = "Can you paint my fence?") -> ConversationId:
    shop.model.reply_with(unsure("We paint fences."))
    return shop.summoned(said, customer)


def answered(shop: Shop, customer: str) -> ConversationId:
    talk = shop.start(customer)
    shop.say(talk, "Do you clean on Thursday?")
    return talk


def test_who_has_waited_longest_stands_first_with_their_newest_words_and_the_reason(shop: Shop) -> None:
    dana = called(shop, "Dana")
    shop.clock.pass_(60)
    called(shop, "Tom", "My lawyer will call you")
    shop.clock.pass_(60)
    shop.say(dana, "And the gate too, please")
    first, second = listed(shop, Tab.SUMMONS)
    assert (first.customer, second.customer) == ("Dana", "Tom")
    assert first.text == "And the gate too, please"
    assert first.reasons[0] == "Nothing you have taught me covers this."
    assert first.since == shop.clock.now() - timedelta(seconds=120)


def test_each_list_holds_what_its_name_says(shop: Shop) -> None:
    lee = shop.person("Lee", Role.OPERATOR)
    called(shop, "Waits")
    answered(shop, "Answered by the AI")
    mine, theirs = called(shop, "Mine"), called(shop, "Held by Lee")
    takeover.claim(shop.workspace, takeover.summon_of(shop.workspace, mine).id, by=shop.owner)
    shop.reply(theirs, "I am here.", by=lee)
    takeover.resolve(shop.workspace, called(shop, "Resolved"))
    conversation.snooze(shop.workspace, called(shop, "Snoozed"), shop.clock.now() + timedelta(hours=2), by=shop.owner)
    assert who(listed(shop, Tab.SUMMONS)) == ["Waits", "Mine"]
    assert who(inbox.listed(shop.workspace, Tab.SUMMONS, person=lee).held) == ["Held by Lee"]
    assert who(listed(shop, Tab.MINE)) == ["Mine"]
    assert who(inbox.listed(shop.workspace, Tab.MINE, person=lee).rows) == ["Held by Lee"]
    assert who(listed(shop, Tab.AI)) == ["Answered by the AI"]
    assert who(listed(shop, Tab.SNOOZED)) == ["Snoozed"]
    assert set(who(listed(shop, Tab.ALL))) == {"Waits", "Answered by the AI", "Mine", "Held by Lee", "Resolved", "Snoozed"}
    counts = inbox.counts(shop.workspace, person=shop.owner)
    assert (counts.summons, counts.mine, counts.snoozed) == (2, 1, 1)


def test_a_claim_that_ran_out_is_nobodys(shop: Shop) -> None:
    talk = called(shop, "Dana")
    takeover.claim(shop.workspace, takeover.summon_of(shop.workspace, talk).id, by=shop.owner)
    assert listed(shop, Tab.SUMMONS)[0].holder == shop.owner
    shop.clock.pass_(301)
    assert listed(shop, Tab.SUMMONS)[0].holder is None
    assert listed(shop, Tab.MINE) == ()


def test_whoever_writes_again_to_somebody_who_holds_the_conversation_waits_again(shop: Shop) -> None:
    talk = called(shop, "Dana")
    shop.reply(talk, "I am here.")
    assert listed(shop, Tab.SUMMONS) == ()
    shop.clock.pass_(60)
    shop.say(talk, "Are you?")
    (row,) = listed(shop, Tab.SUMMONS)
    assert (row.since, row.holder) == (shop.clock.now(), shop.owner)


def test_a_reply_that_was_taken_back_leaves_its_customer_waiting(shop: Shop) -> None:
    talk, since = called(shop, "Dana"), shop.clock.now()
    shop.clock.pass_(60)
    takeover.undo(shop.workspace, shop.reply(talk, "I am here."), by=shop.owner)
    assert listed(shop, Tab.SUMMONS)[0].since == since


def test_what_was_snoozed_comes_back_and_says_so(shop: Shop) -> None:
    talk = called(shop, "Dana")
    conversation.snooze(shop.workspace, talk, shop.clock.now() + timedelta(hours=2), by=shop.owner)
    assert listed(shop, Tab.SUMMONS) == ()
    assert inbox.waits(shop.workspace) == 0
    shop.clock.pass_(7200)
    (row,) = listed(shop, Tab.SUMMONS)
    assert row.came_back
    assert listed(shop, Tab.SNOOZED) == ()


def test_a_snooze_and_a_claim_that_end_by_themselves_are_announced_once(shop: Shop) -> None:
    snoozed, claimed = called(shop, "Dana"), called(shop, "Tom")
    conversation.snooze(shop.workspace, snoozed, shop.clock.now() + timedelta(minutes=3), by=shop.owner)
    takeover.claim(shop.workspace, takeover.summon_of(shop.workspace, claimed).id, by=shop.owner)
    looked = worker.announce_ends(shop.workspace, since=shop.clock.now())
    for minutes in (2, 2, 2, 2):
        shop.clock.pass_(minutes * 60)
        looked = worker.announce_ends(shop.workspace, since=looked)
    told = [(one.kind, one.conversation) for one in shop.rows.events.find(kind__in=["awake", "unclaimed"], order="id")]
    assert told == [("awake", snoozed), ("unclaimed", claimed)]


def test_it_is_unread_until_somebody_opens_it_after_the_customers_last_words(shop: Shop) -> None:
    talk = called(shop, "Dana")
    assert listed(shop, Tab.SUMMONS)[0].unread
    inbox.opened(shop.workspace, talk)
    assert not listed(shop, Tab.SUMMONS)[0].unread
    shop.say(talk, "Hello?")
    assert listed(shop, Tab.SUMMONS)[0].unread
    shop.reply(talk, "Here I am.")
    assert not inbox.listed(shop.workspace, Tab.SUMMONS, person=shop.owner).held[0].unread


def test_opening_what_is_read_writes_nothing(shop: Shop) -> None:
    talk = called(shop, "Dana")
    inbox.opened(shop.workspace, talk)
    before = shop.rows.events.first(order="-id")
    inbox.opened(shop.workspace, talk)
    assert shop.rows.events.first(order="-id") == before


@pytest.mark.parametrize("tab", [Tab.SUMMONS, Tab.AI, Tab.ALL])
def test_a_long_list_comes_in_pages_without_gaps(shop: Shop, tab: Tab) -> None:
    begin = answered if tab is Tab.AI else called
    names = [f"Customer {number:02}" for number in range(2 * PAGE + 3)]
    for name in names:
        begin(shop, name)
    seen: list[str | None] = []
    after: str | None = None
    for size in (PAGE, PAGE, 3):
        page = inbox.listed(shop.workspace, tab, person=shop.owner, after=after)
        assert len(page.rows) == size
        seen, after = seen + who(page.rows), page.after
    assert after is None
    assert seen == (names if tab is Tab.SUMMONS else names[::-1])


def test_a_search_finds_customers_by_a_part_of_their_name(shop: Shop) -> None:
    for name in ("Dana Reyes", "Tom Becker", "Bogdana Ilic", "100% Clean"):
        answered(shop, name)
    assert who(inbox.found(shop.workspace, " dana ").rows) == ["Bogdana Ilic", "Dana Reyes"]
    assert who(inbox.found(shop.workspace, "%").rows) == ["100% Clean"]
    assert inbox.found(shop.workspace, "nobody of this name").rows == ()


def test_a_conversation_in_which_nothing_was_said_stands_in_no_list(shop: Shop) -> None:
    shop.start("Dana")
    assert [listed(shop, tab) for tab in Tab] == [()] * 5


# ---- what it costs


@contextmanager
def statements(shop: Shop) -> Iterator[list[str]]:
    tables = shop.rows
    assert isinstance(tables, Tables)
    seen: list[str] = []
    tables.connection.set_trace_callback(seen.append)
    yield seen
    tables.connection.set_trace_callback(None)


@pytest.mark.parametrize("tab", list(Tab))
def test_a_list_asks_as_much_of_two_conversations_as_of_twenty(shop: Shop, tab: Tab) -> None:
    asked = []
    for begin in (2, 18):
        for number in range(begin):
            called(shop, f"Called {begin} {number}")
            answered(shop, f"Answered {begin} {number}")
        with statements(shop) as seen:
            listed(shop, tab)
            inbox.waiting(shop.workspace)
        asked.append(len(seen))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("tab", list(Tab))
def test_no_list_reads_all_conversations(shop: Shop, tab: Tab) -> None:
    called(shop, "Dana")
    tables = shop.rows
    assert isinstance(tables, Tables)
    with statements(shop) as seen:
        listed(shop, tab)
        inbox.counts(shop.workspace, person=shop.owner)
    for statement in list(seen):
        if 'FROM "conversations"' in statement or 'FROM "messages"' in statement:
            plan = " ".join(str(row[3]) for row in tables.connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
            assert "USING INDEX" in plan or "USING COVERING INDEX" in plan, (statement, plan)
            assert "TEMP B-TREE" not in plan or "holder" in statement or "json_each" in statement, (statement, plan)


def test_what_was_there_before_the_lists_is_in_them(shop: Shop) -> None:
    """The migration reads from the messages what is kept from then on."""
    talks = [called(shop, "Waits"), called(shop, "Taken back"), called(shop, "Held"), answered(shop, "Answered"), called(shop, "Resolved")]
    takeover.undo(shop.workspace, shop.reply(talks[1], "Soon."), by=shop.owner)
    shop.reply(talks[2], "I am here.")
    conversation.note(shop.workspace, talks[0], "She called too.", by=shop.owner)
    takeover.resolve(shop.workspace, talks[4])
    before = [(one.id, one.newest, one.asked, one.waits_from) for one in shop.rows.conversations.find()]
    connection = sqlite3.connect(shop.app.root / "voicegit.db", isolation_level=None)
    for name in ("newest", "floor", "waiting", "away", "snoozed", "holder"):
        connection.execute(f"DROP INDEX conversations_{name}")
    connection.execute("DROP INDEX summons_person")
    for column in ("newest", "asked", "waits_from", "seen_seq"):
        connection.execute(f"ALTER TABLE conversations DROP COLUMN {column}")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'lists_of_conversations'")
    migrations.apply(Db(connection))
    connection.close()
    assert [(one.id, one.newest, one.asked, one.waits_from) for one in shop.rows.conversations.find()] == before
    assert not any(row.unread for row in listed(shop, Tab.ALL))
