"""Somebody is forgotten: the record, every word, and every byte of the file; ids stay, so that evidence keeps its chain."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from tests.integration.test_canaries import kept_by_git
from tests.integration.test_forgotten import learned
from tests.integration.test_learning import learn_damage
from voicegit.bootstrap import App
from voicegit.domain.conversation import ERASED, Author
from voicegit.domain.gate import Assessment
from voicegit.domain.ids import ConversationId, MessageId
from voicegit.domain.people import Role
from voicegit.domain.signal import SignalKind
from voicegit.domain.work import Remembered
from voicegit.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from voicegit.ports import Transaction
from voicegit.services import (
    change,
    composing,
    conversation,
    distill,
    erase,
    feedback,
    history,
    people,
    remembered,
    retention,
    review,
    samples,
    takeover,
    transfer,
    turn,
)

NAME = "Dana Quillfeather"
CANARIES = ("uillfeather", "zebracanary", "quaggacanary")


def bytes_of(shop: Shop) -> bytes:
    """The database as it lies on the disk, its log with it."""
    return b"".join(file.read_bytes() for file in shop.app.root.glob("voicegit.db*"))


def found_in(content: bytes) -> list[str]:
    low = content.lower()
    return [canary for canary in CANARIES if canary.encode() in low]


def lived(shop: Shop) -> ConversationId:
    """A customer whose words stand in every table that can hold some."""
    people.set_customer(shop.workspace, NAME, fields={"team": "quaggacanary"}, contacts=["dana@quillfeather.example"], notes="zebracanary notes")
    talk = shop.start(NAME)
    note = replace(unsure("Dear zebracanary draft").assessment, note="asks for zebracanary")
    shop.model.reply_with(replace(unsure("Dear zebracanary draft"), assessment=note))
    conversation.take_in(shop.workspace, talk, "My zebracanary vase is broken", key="zebracanary-key", run_at_once=True)
    turn.run(shop.workspace, talk)
    conversation.note(shop.workspace, talk, "zebracanary called too", by=shop.owner)
    shop.reply(talk, "I am so sorry, zebracanary.", reason="zebracanary always")
    takeover.hand_back(shop.workspace, talk)
    done = shop.say(talk, "and my quaggacanary?")
    assert done.reply is not None
    feedback.give(shop.workspace, done.reply.id, SignalKind.CORRECTION, by=shop.owner, text="quaggacanary, yes", reason="zebracanary")
    composing.keep(shop.workspace, talk, "zebracanary unsent", by=shop.owner, note=True)
    kept = Remembered("k", "d", 201, f'{{"body": "{talk} zebracanary", "headers": {{}}}}', shop.clock.now())
    shop.workspace.store.write(lambda tx: tx.remembered.add(kept))
    other = shop.start("Bob Miller")
    shop.say(other, f"{NAME} told me of you; {NAME.upper()}'s tip")
    return talk


def forget(shop: Shop, name: str = NAME) -> None:
    assert erase.erase(shop.workspace, erase.look(shop.workspace, name), by=shop.owner).wiped_at is not None


def test_no_byte_of_the_file_holds_a_word_of_them(shop: Shop) -> None:
    lived(shop)
    assert found_in(bytes_of(shop)) == list(CANARIES)
    forget(shop)
    assert found_in(bytes_of(shop)) == []


def test_ids_and_decisions_stay_and_read_erased(shop: Shop) -> None:
    talk = lived(shop)
    before = [one.id for one in shop.rows.messages.find(conversation=talk)]
    signals = shop.rows.signals.count(conversation=talk)
    forget(shop)
    after = shop.rows.messages.find(conversation=talk)
    assert [one.id for one in after] == before
    assert {one.text for one in after} == {ERASED}
    assert {one.customer_text for one in shop.rows.signals.find(conversation=talk)} == {ERASED}
    assert shop.rows.signals.count(conversation=talk) == signals > 0
    assert [one.outcome for one in shop.rows.turns.find(conversation=talk)] == ["summon", "reply"]
    assert shop.rows.conversations.get(talk).customer is None


def test_the_chain_of_what_they_taught_stays_whole(shop: Shop) -> None:
    talk = shop.taken_over("My vase is broken", "I am so sorry.", NAME)
    shop.teacher.answer = learn_damage
    proposal = distill.distill(shop.workspace).proposal
    assert proposal is not None
    review.approve(shop.workspace, proposal, by=shop.owner)
    forget(shop)
    (one,) = change.released(shop.workspace, history.log(shop.workspace)[0])
    assert [(because.conversation, because.signal) for because in one.evidence] == [(talk, None)]


def test_what_waits_teaches_nothing_any_more(shop: Shop) -> None:
    shop.taken_over("My zebracanary vase is broken", "I am so sorry.", NAME)
    forget(shop)
    assert distill.waiting(shop.rows) == 0
    distill.distill(shop.workspace)
    assert shop.teacher.read == []


def test_a_distillation_that_runs_meanwhile_writes_nothing_back(shop: Shop) -> None:
    shop.taken_over(f"{NAME}'s vase is broken", f"I am so sorry, {NAME}.", NAME)

    def meanwhile(material: object) -> object:
        forget(shop)
        return learned(material, "We glue vases, zebracanary")  # type: ignore[arg-type]

    shop.teacher.answer = meanwhile  # type: ignore[assignment]
    with pytest.raises(Conflict, match="erased meanwhile"):
        distill.distill(shop.workspace)
    assert found_in(bytes_of(shop)) == []
    assert found_in(kept_by_git(shop.app.directives.path).encode()) == []
    assert shop.workspace.directives.proposals() == []


def test_a_turn_that_runs_meanwhile_writes_nothing_back_and_sends_nothing(shop: Shop) -> None:
    talk = shop.start(NAME)
    shop.model.meanwhile = lambda: forget(shop)
    shop.model.reply_with(replace(sure("zebracanary, certainly"), assessment=Assessment(True, True, True, True, 0.9, note="zebracanary")))
    shop.say(talk, "Are you free, quaggacanary?")
    assert [one.author for one in shop.rows.messages.find(conversation=talk)] == [Author.CUSTOMER]
    assert [one.outcome for one in shop.rows.turns.find(conversation=talk)] == ["superseded"]
    assert found_in(bytes_of(shop)) == []


def test_what_is_open_ends(shop: Shop) -> None:
    talk = shop.summoned("My zebracanary vase is broken", NAME)
    shop.reply(talk, "zebracanary")
    forget(shop)
    assert takeover.waiting(shop.workspace) == []
    assert shop.rows.outbox.count(state="waiting") == 0
    assert shop.rows.jobs.count() == 0
    assert shop.rows.conversations.get(talk).resolved_at is not None


def test_who_writes_again_begins_anew_and_the_model_reads_nothing_from_before(shop: Shop) -> None:
    talk = lived(shop)
    forget(shop)
    done = shop.say(talk, "Hello again")
    assert done.answer == "reply"
    assert [one.text for one in shop.model.asked[-1].messages] == ["Hello again"]
    assert shop.rows.conversations.get(talk).erased_at is None


def test_their_full_name_goes_from_the_texts_of_others(shop: Shop) -> None:
    lived(shop)
    assert erase.look(shop.workspace, NAME).mentions == 1
    forget(shop)
    assert shop.rows.messages.count(text="[name] told me of you; [name]'s tip") == 1


def test_one_word_is_everybodys_and_stays_in_the_texts_of_others(shop: Shop) -> None:
    shop.start("Will")
    talk = shop.start("Bob Miller")
    shop.say(talk, "Will you come?")
    forget(shop, "Will")
    assert shop.rows.messages.count(text="Will you come?") == 1


def test_erasing_twice_does_no_harm_and_says_so(shop: Shop) -> None:
    lived(shop)
    found = erase.look(shop.workspace, NAME)
    erase.erase(shop.workspace, found, by=shop.owner)
    with pytest.raises(NotFound, match="nothing is left"):
        erase.look(shop.workspace, NAME)
    with pytest.raises(NotFound):
        erase.erase(shop.workspace, found, by=shop.owner)
    assert shop.rows.erasures.count() == 1


def test_it_is_all_or_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = lived(shop)

    def fails(tx: Transaction, ids: object) -> None:
        raise Unavailable("no")

    monkeypatch.setattr(remembered, "blank", fails)
    with pytest.raises(Unavailable):
        forget(shop)
    assert shop.rows.customers.count(name=NAME) == 1
    assert shop.rows.messages.count(conversation=talk, text=ERASED) == 0


def test_a_conversation_of_somebody_unknown_goes_by_its_id(shop: Shop) -> None:
    talk = shop.start()
    shop.say(talk, "I am zebracanary")
    forget(shop, talk)
    assert found_in(bytes_of(shop)) == []
    of_a_customer = shop.start(NAME)
    with pytest.raises(NotFound, match="is a customer's"):
        erase.look(shop.workspace, of_a_customer)


def test_only_an_owner_erases(shop: Shop) -> None:
    shop.start(NAME)
    with pytest.raises(Forbidden):
        erase.erase(shop.workspace, erase.look(shop.workspace, NAME), by=shop.person("Lena", Role.LEAD))
    assert shop.rows.customers.count(name=NAME) == 1


def test_while_another_reads_an_older_state_the_file_is_wiped_later(shop: Shop, reopen: Callable[[], App]) -> None:
    lived(shop)
    reader = sqlite3.connect(shop.app.root / "voicegit.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM messages").fetchone()
    row = erase.erase(shop.workspace, erase.look(shop.workspace, NAME), by=shop.owner)
    assert row.wiped_at is None
    assert found_in(bytes_of(shop)) != []
    reader.close()
    retention.sweep(shop.workspace)
    assert shop.rows.erasures.get(row.id).wiped_at is not None
    assert found_in(bytes_of(shop)) == []


def test_what_was_imported_and_erased_is_not_imported_again(shop: Shop) -> None:
    line = '{"id": "dana@quillfeather.example/1", "customer": "Dana Quillfeather", "turns": [{"role": "customer", "text": "zebracanary"}]}'
    transfer.take_in(shop.workspace, [line], by=shop.owner)
    forget(shop)
    assert found_in(bytes_of(shop)) == []
    assert transfer.take_in(shop.workspace, [line], by=shop.owner).known_already == 1
    assert shop.rows.customers.count() == 0


def test_one_customers_export_holds_theirs_alone_and_no_export_what_was_erased(shop: Shop) -> None:
    lived(shop)
    theirs = list(transfer.write_out(shop.workspace, customer=NAME.lower()))
    assert len(theirs) == 1
    assert "zebracanary" in theirs[0]
    forget(shop)
    assert found_in("\n".join(transfer.write_out(shop.workspace)).encode()) == []
    with pytest.raises(NotFound):
        list(transfer.write_out(shop.workspace, customer=NAME))


def test_every_column_that_can_hold_words_is_looked_through(shop: Shop) -> None:
    """A new table with texts of customers has to say what becomes of them."""
    free_of_words = {
        "people": {"name"}, "conversations": {"channel", "source", "newest", "asked", "waits_from"}, "messages": {"key"},
            "turns": {"directives", "model", "covered_by", "revision", "topic", "ground"},
        "outbox": {"channel"}, "jobs": {"subject"}, "tokens": {"name"}, "sites": {"name", "token", "secret", "origins"},
        "links": set(), "passphrases": {"salt", "hash"}, "customers": {"name"}, "distillations": {"model", "proposal"},
        "decisions": {"ref", "oid", "old", "head", "base", "release", "proposal"}, "judgements": {"proposal", "head", "path"}, "notices": {"channel", "about"},
        "erasures": {"customer", "conversation"}, "signals": {"distillation", "repeats"},
        "replays": {"head", "base", "tried", "cases", "proposal"}, "replayed": {"signal", "verdict", "about"},
        "mistakes": {"signals", "covered_by", "closed_by", "closer", "prevented_by"}, "reviewed": {"topic", "ground"}, "promises": {"topic"},
        "curves": {"how", "points", "bins"},
    }  # fmt: skip
    told = {table._name: set(columns) for table, columns in erase._texts(shop.rows)}  # type: ignore[attr-defined]
    marks = {"id", "at", "kind", "state", "status", "role", "scope", "author", "floor", "outcome", "choice", "draft", "then", "teaches", "digest"}
    references = marks | {"conversation", "message"}
    db = sqlite3.connect(shop.app.root / "voicegit.db")
    unsaid = [
        f"{table}.{column}"
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\'")
        for _, column, kind, *_ in db.execute(f"PRAGMA table_info({table})")
        if kind == "TEXT"
        and column not in told.get(table, set()) | free_of_words.get(table, set()) | references
        and not column.endswith(("_at", "_until", "until"))
        and not any(row[3] == column for row in db.execute(f"PRAGMA foreign_key_list({table})"))
    ]
    assert unsaid == []


# ---- retention


def keep(shop: Shop, days: int) -> None:
    policy = shop.workspace.directives.entries(shop.workspace.directives.head())["policy.toml"].content.decode()
    shop.release({"policy.toml": policy.replace("keep_days = 0", f"keep_days = {days}")})


def test_texts_older_than_the_policy_keeps_them_go_and_what_waits_stays(shop: Shop) -> None:
    keep(shop, 30)
    old, waits = shop.start("Dana Quillfeather"), shop.summoned("My quaggacanary is broken")
    shop.say(old, "zebracanary")
    shop.clock.pass_(timedelta(days=20).total_seconds())
    fresh = shop.start()
    shop.say(fresh, "Hello there")
    shop.clock.pass_(timedelta(days=11).total_seconds())
    assert retention.sweep(shop.workspace) == 1
    assert [one.text for one in shop.rows.messages.find(conversation=old)] == [ERASED] * 2
    assert shop.rows.messages.count(conversation=waits, text="My quaggacanary is broken") == 1
    assert shop.rows.messages.count(conversation=fresh, text="Hello there") == 1
    assert "zebracanary" not in found_in(bytes_of(shop))
    assert shop.rows.customers.count(name="Dana Quillfeather") == 1
    assert retention.sweep(shop.workspace) == 0


def test_without_a_policy_everything_is_kept_for_ever(shop: Shop) -> None:
    shop.say(shop.start(), "zebracanary")
    shop.clock.pass_(timedelta(days=4000).total_seconds())
    assert retention.sweep(shop.workspace) == 0
    assert shop.rows.erasures.count() == 0


def test_a_conversation_that_goes_on_is_kept_from_its_newest_message_on(shop: Shop) -> None:
    keep(shop, 30)
    talk = shop.start()
    shop.say(talk, "zebracanary")
    shop.clock.pass_(timedelta(days=31).total_seconds())
    retention.sweep(shop.workspace)
    shop.say(talk, "quaggacanary")
    assert retention.sweep(shop.workspace) == 0
    shop.clock.pass_(timedelta(days=31).total_seconds())
    assert retention.sweep(shop.workspace) == 1
    assert {one.text for one in shop.rows.messages.find(conversation=MessageId(talk))} == {ERASED}


def test_nobody_is_asked_to_judge_what_was_erased(shop: Shop) -> None:
    done = shop.say(shop.start(NAME), "Hello there")
    assert done.reply is not None
    assert samples.following(shop.workspace).left == 1
    forget(shop)
    assert samples.following(shop.workspace).left == 0
    with pytest.raises(Invalid, match="was erased"):
        feedback.give(shop.workspace, done.reply.id, SignalKind.APPROVAL, by=shop.owner)
