"""The SQLite file: what was written is there, whole, once and in order, whatever else happens; what could not be written is told."""

import dataclasses
import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Shop
from tests.fakes import sure
from voicegit.adapters.database import Database
from voicegit.adapters.tables import SqliteTable, Tables
from voicegit.domain.conversation import Conversation
from voicegit.domain.ids import ConversationId, PersonId
from voicegit.domain.people import Customer, Person, Role
from voicegit.domain.work import Event, Job, JobKind, Remembered
from voicegit.errors import Conflict, NotFound, Unavailable
from voicegit.services.exchange import Answer

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TABLES = sorted(name for name, value in vars(Tables(sqlite3.connect(":memory:"))).items() if isinstance(value, SqliteTable))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "voicegit.db")
    made.migrate()
    yield made
    made.close()


def person(number: object) -> Person:
    return Person(PersonId(f"p-{number}"), f"Person {number}", Role.OPERATOR, NOW)


def event(number: object) -> Event:
    return Event("message", NOW, ConversationId("c"), {"number": number})


# ---- rows <-> values

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
TIMES = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.sampled_from([UTC]))
st.register_type_strategy(str, TEXT)
st.register_type_strategy(datetime, TIMES)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
JSON = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def kind_of(table: str) -> type[Any]:
    return getattr(Tables(sqlite3.connect(":memory:")), table)._kind  # type: ignore[no-any-return]


def values(table: str) -> st.SearchStrategy[Any]:
    """Any value of a table's kind, with an id; references to other tables are left to the tests of the services."""
    more: dict[str, st.SearchStrategy[Any]] = {"id": st.integers(1, 2**62) if table == "events" else TEXT.filter(bool)}
    if table == "events":
        more["body"] = st.dictionaries(TEXT, JSON, max_size=3)
    return st.builds(kind_of(table), **more)


def unbound(table: str) -> SqliteTable[Any]:
    """The table in a file of its own without references, to try any value at all."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    known: SqliteTable[Any] = getattr(Tables(connection), table)
    columns = ", ".join(f'"{column}"' for column in known._columns)
    connection.execute(f'CREATE TABLE "{table}" ({columns.replace(chr(34) + "id" + chr(34), "id PRIMARY KEY", 1)})')
    return known


@pytest.mark.parametrize("table", TABLES)
def test_every_value_comes_back_as_it_was(table: str) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(values(table))
    def comes_back(value: Any) -> None:
        stored = unbound(table)
        stored.add(value)
        assert stored.get(value.id) == value
        for field in dataclasses.fields(value):
            assert stored.find(**{field.name: getattr(value, field.name)}) == [value]

    comes_back()


@pytest.mark.parametrize("table", TABLES)
def test_every_change_comes_back_as_it_was_and_only_from_what_it_was(table: str) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(values(table), values(table))
    def changes(old: Any, other: Any) -> None:
        new = replace(other, id=old.id)
        stored = unbound(table)
        stored.add(old)
        stored.replace(old, new)
        assert stored.find() == [new]
        if old != new:
            with pytest.raises(Conflict, match="changed meanwhile"):
                stored.replace(old, new)
        stored.remove(new)
        assert stored.find() == []

    changes()


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_the_schema_holds_every_field_of_its_values(database: Database, table: str) -> None:
    columns = [row[1] for row in database.read.connection.execute(f'PRAGMA table_info("{table}")')]
    assert sorted(columns) == sorted(field.name for field in dataclasses.fields(kind_of(table)))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_strict(database: Database, table: str) -> None:
    assert database.read.connection.execute("SELECT strict FROM pragma_table_list WHERE name = ?", [table]).fetchone() == (1,)


def test_a_row_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound, match="no person 'nobody' here"):
        database.read.people.get("nobody")
    assert database.read.people.first(id="nobody") is None


@pytest.mark.parametrize("condition", ["colour", "name; DROP TABLE people", 'name" OR "1', "rowid", "name__like"])
def test_only_fields_are_asked_for_and_in_known_ways(database: Database, condition: str) -> None:
    with pytest.raises(KeyError):
        database.read.people.find(**{condition: "x"})
    with pytest.raises(KeyError):
        database.read.people.find(order=condition)


def test_conditions_say_what_they_say(database: Database) -> None:
    jobs = [Job(f"turn:{n}", JobKind.TURN, str(n), NOW + timedelta(seconds=n), lease_until=NOW if n == 2 else None) for n in range(4)]
    database.write(lambda tx: [tx.jobs.add(job) for job in jobs])
    table = database.read.jobs
    at = NOW + timedelta(seconds=2)
    assert [j.subject for j in table.find(due_at__le=at)] == ["0", "1", "2"]
    assert [j.subject for j in table.find(due_at__lt=at)] == ["0", "1"]
    assert [j.subject for j in table.find(due_at__ge=at, order="-due_at")] == ["3", "2"]
    assert [j.subject for j in table.find(lease_until=None, limit=2)] == ["0", "1"]
    assert [j.subject for j in table.find(lease_until__not=None)] == ["2"]
    assert [j.subject for j in table.find(subject__in=["3", "0", "'"])] == ["0", "3"]
    assert table.find(subject__in=[]) == []
    assert table.count(kind=JobKind.TURN, due_at__gt=at) == 1


def test_times_are_the_same_moment_in_every_zone_and_sort_as_text(database: Database) -> None:
    from zoneinfo import ZoneInfo

    early = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("America/New_York"))
    database.write(lambda tx: [tx.jobs.add(Job(f"turn:{n}", JobKind.TURN, str(n), at)) for n, at in enumerate([NOW + timedelta(microseconds=1), early, NOW])])
    assert [j.subject for j in database.read.jobs.find(order="due_at")] == ["1", "2", "0"]
    assert {j.due_at.utcoffset() for j in database.read.jobs.find()} == {timedelta(0)}


def test_the_same_row_twice_or_one_that_names_nobody_is_a_conflict(database: Database) -> None:
    database.write(lambda tx: tx.people.add(person(1)))
    with pytest.raises(Conflict, match="exists already"):
        database.write(lambda tx: tx.people.add(person(1)))
    with pytest.raises(Conflict, match="does not"):
        database.write(lambda tx: tx.conversations.add(Conversation(ConversationId("c"), NOW, customer="nobody")))  # type: ignore[arg-type]


def test_a_change_that_breaks_a_rule_of_the_schema_is_a_conflict_of_that_step_alone(database: Database) -> None:
    one, two = (Customer(f"c-{n}", f"Customer {n}", NOW) for n in (1, 2))  # type: ignore[arg-type]
    database.write(lambda tx: [tx.customers.add(one), tx.customers.add(two)])
    with pytest.raises(Conflict):
        database.write(lambda tx: tx.customers.replace(two, replace(two, name="CUSTOMER 1")))
    assert database.read.customers.get("c-2") == two


@pytest.mark.parametrize("confidence", [float("nan"), float("inf"), None, "0.9", 10**400], ids=lambda value: repr(value)[:6])
def test_a_turn_whose_confidence_is_no_number_calls_a_person_and_is_kept(shop: Shop, confidence: float) -> None:
    shop.model.reply_with(sure("Certainly!", confidence=confidence))
    assert shop.say(shop.start(), "Hello there").answer is Answer.SUMMON
    assert [(turn.confidence, turn.assessment and turn.assessment.confidence) for turn in shop.rows.turns.find()] == [(0.0, 0.0)]


# ---- all or nothing


def test_a_step_that_raises_leaves_nothing(database: Database) -> None:
    def fails(tx: Tables) -> None:
        tx.people.add(person(1))
        tx.events.add(event(1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(fails)
    assert (database.read.people.count(), database.read.events.count()) == (0, 0)
    database.write(lambda tx: tx.events.add(event(2)))
    assert [e.id for e in database.read.events.find()] == [1]


def test_the_step_of_one_caller_does_not_fail_with_anothers(database: Database) -> None:
    """Many steps share one commit; some of them raise, some break a constraint, some lose a race."""
    database.write(lambda tx: tx.people.add(person("kept")))
    stale = replace(person("kept"), name="Stale")

    def step(number: int) -> Callable[[Tables], int]:
        def run(tx: Tables) -> int:
            tx.people.add(person(number))
            tx.events.add(event(number))
            if number % 4 == 1:
                raise ZeroDivisionError
            if number % 4 == 2:
                tx.people.add(person("kept"))
            if number % 4 == 3:
                tx.people.replace(stale, person("kept"))
            return number

        return run

    def outcome(number: int) -> str:
        try:
            return str(database.write(step(number)))
        except (ZeroDivisionError, Conflict) as exc:
            return type(exc).__name__

    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(outcome, range(80)))
    assert outcomes == [{1: "ZeroDivisionError", 2: "Conflict", 3: "Conflict"}.get(n % 4, str(n)) for n in range(80)]
    assert {p.id for p in database.read.people.find()} == {"p-kept", *(f"p-{n}" for n in range(0, 80, 4))}
    assert [e.id for e in database.read.events.find()] == list(range(1, 21))


def test_of_many_who_change_the_same_row_one_wins(database: Database) -> None:
    for round_ in range(20):
        old = person(round_)
        database.write(lambda tx, old=old: tx.people.add(old))
        start = threading.Barrier(8)

        def race(racer: int, old: Person = old, start: threading.Barrier = start, round_: int = round_) -> int | None:
            start.wait()
            try:
                database.write(lambda tx: tx.people.replace(old, replace(old, name=f"Racer {racer} of {round_}")))
            except Conflict:
                return None
            return racer

        with ThreadPoolExecutor(8) as threads:
            winners = [racer for racer in threads.map(race, range(8)) if racer is not None]
        assert [database.read.people.get(old.id).name] == [f"Racer {racer} of {round_}" for racer in winners]


def test_a_step_may_not_write_through_the_store_again(database: Database) -> None:
    with pytest.raises(RuntimeError, match="has its transaction"):
        database.write(lambda tx: database.write(lambda again: None))


# ---- many at once


def test_what_16_threads_write_is_all_there_and_events_count_without_gaps(database: Database) -> None:
    def write(thread: int) -> list[int]:
        return [database.write(lambda tx, n=n: (tx.events.add(event(f"{thread}-{n}")), tx.events.first(order="-id"))[1].id) for n in range(50)]  # type: ignore[union-attr,misc]

    with ThreadPoolExecutor(16) as threads:
        told = list(threads.map(write, range(16)))
    assert all(ids == sorted(ids) for ids in told)
    assert sorted(id for ids in told for id in ids) == list(range(1, 801))
    assert [e.id for e in database.read.events.find()] == list(range(1, 801))
    assert len({e.body["number"] for e in database.read.events.find()}) == 800


def _write_from_another_process(path: Path, name: str) -> None:
    database = Database(path)
    for number in range(40):
        database.write(lambda tx, number=number: tx.events.add(event(f"{name}-{number}")))
    database.close()


def test_several_processes_write_the_same_file(database: Database, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_from_another_process, args=(tmp_path / "voicegit.db", name)) for name in "abc"]
    for process in processes:
        process.start()
    for number in range(40):
        database.write(lambda tx, number=number: tx.events.add(event(f"here-{number}")))
    for process in processes:
        process.join()
        assert process.exitcode == 0
    found = database.read.events.find()
    assert [e.id for e in found] == list(range(1, 161))
    assert {e.body["number"] for e in found} == {f"{name}-{n}" for name in ("a", "b", "c", "here") for n in range(40)}


def test_a_reader_sees_whole_steps_only_and_never_waits_for_the_writer(database: Database) -> None:
    def pair(number: int) -> Callable[[Tables], None]:
        def step(tx: Tables) -> None:
            tx.people.add(person(f"{number}-a"))
            assert database_read_by_others() % 2 == 0
            tx.people.add(person(f"{number}-b"))

        return step

    with ThreadPoolExecutor(1) as others:

        def database_read_by_others() -> int:
            return others.submit(lambda: len(database.read.people.find())).result()

        for number in range(30):
            database.write(pair(number))
    assert database.read.people.count() == 60


def test_whoever_waits_for_events_is_woken_by_ours_and_by_those_of_another_process(database: Database, tmp_path: Path) -> None:
    assert not database.wait_for_events(0, timeout=0)
    with ThreadPoolExecutor(1) as threads:
        woken = threads.submit(database.wait_for_events, 0, timeout=20)
        database.write(lambda tx: tx.events.add(event(1)))
        assert woken.result()
        woken = threads.submit(database.wait_for_events, 1, timeout=20)
        other = Database(tmp_path / "voicegit.db")
        other.write(lambda tx: tx.events.add(event(2)))
        other.close()
        assert woken.result()


# ---- a disk that is full, a file that cannot be written, a schema that is newer


def test_a_full_disk_is_unavailable_and_once_there_is_room_the_next_write_works(database: Database) -> None:
    """`max_page_count` stands in for the disk: SQLite answers both with SQLITE_FULL."""
    big = Remembered("", "d", 200, "x" * 200_000, NOW)
    database.write(lambda tx: tx.people.add(person(1)))
    database.write(lambda tx: tx.connection.execute("PRAGMA max_page_count = 60").fetchone())
    with pytest.raises(Unavailable, match="Nothing of this step was kept"):
        database.write(lambda tx: [tx.people.add(person(2)), tx.remembered.add(replace(big, id="a")), tx.remembered.add(replace(big, id="b"))])
    assert (database.read.people.count(), database.read.remembered.count()) == (1, 0)
    database.write(lambda tx: tx.connection.execute("PRAGMA max_page_count = 100000").fetchone())
    database.write(lambda tx: [tx.people.add(person(2)), tx.remembered.add(replace(big, id="a"))])
    assert (database.read.people.count(), database.read.remembered.count()) == (2, 1)
    assert database.examine() == ("database", True, "whole")


def test_a_step_that_meets_the_full_disk_and_hides_it_keeps_nothing_either(database: Database) -> None:
    def hides(tx: Tables) -> str:
        tx.people.add(person(2))
        try:
            for number in range(20):
                tx.remembered.add(Remembered(str(number), "d", 200, "x" * 100_000, NOW))
        except sqlite3.Error:
            return "never mind"
        return "stored"

    database.write(lambda tx: tx.connection.execute("PRAGMA max_page_count = 60").fetchone())
    with pytest.raises(Unavailable):
        database.write(hides)
    assert database.read.people.count() == 0


def test_a_file_that_another_holds_is_unavailable_and_the_next_write_works(database: Database, tmp_path: Path) -> None:
    database.write(lambda tx: tx.connection.execute("PRAGMA busy_timeout = 1").fetchone())
    holder = sqlite3.connect(tmp_path / "voicegit.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        database.write(lambda tx: tx.people.add(person(1)))
    holder.execute("ROLLBACK")
    holder.close()
    database.write(lambda tx: tx.people.add(person(1)))
    assert database.read.people.count() == 1


@pytest.mark.parametrize("reason", ["a folder", "nowhere", "no database"])
def test_a_file_that_cannot_be_opened_is_unavailable_for_every_waiting_caller(tmp_path: Path, reason: str) -> None:
    path = tmp_path / ("nowhere/voicegit.db" if reason == "nowhere" else "voicegit.db")
    if reason == "a folder":
        path.mkdir()
    elif reason == "no database":
        path.write_bytes(b"This is a letter, not a database." * 100)
    database = Database(path)

    def write(number: int) -> str:
        with pytest.raises(Unavailable) as refusal:
            database.write(lambda tx: tx.people.add(person(number)))
        return refusal.value.message

    with ThreadPoolExecutor(8) as threads:
        assert all("cannot be opened" in message for message in threads.map(write, range(24)))
    with pytest.raises(Unavailable):
        _ = database.read
    database.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    Database(tmp_path / "voicegit.db").migrate()
    tmp_path.chmod(0o500)
    try:
        database = Database(tmp_path / "voicegit.db")
        with pytest.raises(Unavailable):
            database.write(lambda tx: tx.people.add(person(1)))
        database.close()
    finally:
        tmp_path.chmod(0o700)


def test_after_closing_it_can_be_used_again(database: Database) -> None:
    database.write(lambda tx: tx.people.add(person(1)))
    database.close()
    database.close()
    database.write(lambda tx: tx.people.add(person(2)))
    assert database.read.people.count() == 2


def test_migrating_again_changes_nothing_and_a_newer_schema_is_refused(database: Database, tmp_path: Path) -> None:
    database.write(lambda tx: tx.people.add(person(1)))
    database.migrate()
    assert database.read.people.count() == 1
    database.write(
        lambda tx: tx.connection.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('voicegit', 'from_the_future', 'x')")
    )
    with pytest.raises(Unavailable, match="newer voicegit"):
        database.migrate()


def test_many_processes_may_open_a_new_file_at_the_same_time(tmp_path: Path) -> None:
    def open_it(number: int) -> int:
        database = Database(tmp_path / "voicegit.db")
        database.migrate()
        database.write(lambda tx: tx.people.add(person(number)))
        database.close()
        return number

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(open_it, range(8))) == list(range(8))
    database = Database(tmp_path / "voicegit.db")
    assert database.read.people.count() == 8
    database.close()
