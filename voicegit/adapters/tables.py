"""Rows <-> domain values, for every table alike: a table's columns are the fields of one frozen dataclass.

SQL is built from those names, NULL, the members of our own enums, and marks; every other value is bound. SQLite can use an index on some
of the rows (`WHERE state = 'waiting'`) only when the statement itself says so.
"""

import json
import sqlite3
import typing
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, cast

from voicegit.domain.composing import Composing
from voicegit.domain.conversation import Conversation, Message
from voicegit.domain.decision import Decision
from voicegit.domain.distillation import Distillation
from voicegit.domain.erasure import Erasure
from voicegit.domain.judgement import Judgement
from voicegit.domain.mistake import Mistake
from voicegit.domain.notice import Notice
from voicegit.domain.people import Customer, Person
from voicegit.domain.promise import Curve, Promise, Reviewed
from voicegit.domain.replayed import Replay, Replayed
from voicegit.domain.signal import Signal
from voicegit.domain.signin import Link, Passphrase
from voicegit.domain.site import Rating, Site
from voicegit.domain.summon import Summon
from voicegit.domain.token import Token
from voicegit.domain.turn import Turn
from voicegit.domain.work import Delivery, Event, Job, Remembered
from voicegit.errors import Conflict, NotFound

T = TypeVar("T")
_OPERATORS = {"": "IS", "le": "<=", "lt": "<", "ge": ">=", "gt": ">", "not": "IS NOT"}


class SqliteTable(Generic[T]):
    """Fulfils `ports.Table` on one connection. Column names come from the dataclass alone, never from a caller.

    Each statement's text is made once: a turn runs some thirty of them.
    """

    def __init__(self, connection: sqlite3.Connection, name: str, kind: type[T]) -> None:
        self._connection = connection
        self._name = name
        self._kind = kind
        self._columns: dict[str, _Column] = _columns(cast(Any, kind))
        self._readers = [column.read for column in self._columns.values()]
        self._writers = [(column, how.write) for column, how in self._columns.items()]
        self._statements: dict[tuple[Any, ...], str] = {}

    def add(self, value: T) -> None:
        # An id of 0 is one that the database gives.
        numbered = getattr(value, "id", None) == 0
        cells = [
            cell if write is None or cell is None else write(cell)
            for name, write in self._writers
            if not (numbered and name == "id")
            for cell in (getattr(value, name),)
        ]
        self._change(self._statement(self._insert, numbered), cells)

    def get(self, id: Any) -> T:
        found = self.first(id=id)
        if found is None:
            raise NotFound(f"There is no {self._kind.__name__.lower()} {str(id)[:60]!r} here.")
        return found

    def find(self, *, order: str = "id", limit: int | None = None, **conditions: Any) -> list[T]:
        statement = self._statement(self._select, order, limit is not None, *self._terms(conditions))
        cells = self._cells(conditions)
        rows = self._connection.execute(statement, cells if limit is None else [*cells, limit])
        return [self._value(row) for row in rows]

    def first(self, *, order: str = "id", **conditions: Any) -> T | None:
        return next(iter(self.find(order=order, limit=1, **conditions)), None)

    def count(self, **conditions: Any) -> int:
        return int(self._connection.execute(self._statement(self._counted, *self._terms(conditions)), self._cells(conditions)).fetchone()[0])

    def total(self, field: str, **conditions: Any) -> float:
        return float(self._connection.execute(self._statement(self._summed, field, *self._terms(conditions)), self._cells(conditions)).fetchone()[0])

    def replace(self, old: T, new: T) -> None:
        changed = [c for c in self._columns if getattr(old, c) != getattr(new, c)]
        if not changed:
            return
        cells = [self._cell(c, getattr(new, c)) for c in changed] + [self._cell(c, getattr(old, c)) for c in ["id", *changed]]
        done = self._change(self._statement(self._update, *changed), cells)
        if done.rowcount != 1:
            raise Conflict(f"This {self._kind.__name__.lower()} changed meanwhile. Nothing was written; look again and repeat the step.")

    def remove(self, value: T) -> None:
        self._change(f'DELETE FROM "{self._name}" WHERE id = ?', [self._cell("id", getattr(value, "id"))])  # noqa: B009

    def _change(self, statement: str, cells: list[Any]) -> sqlite3.Cursor:
        """What breaks a rule of the schema is this step's own conflict: steps that share its commit go on."""
        try:
            return self._connection.execute(statement, cells)
        except sqlite3.IntegrityError as exc:
            raise Conflict(f"A row of {self._name} like this one exists already, or names something that does not. Nothing was written.") from exc

    # ---- SQL, from names and marks alone

    def _statement(self, make: Callable[..., str], *names: Any) -> str:
        key = (make.__name__, *names)
        known = self._statements.get(key)
        if known is None:
            known = self._statements[key] = make(*names)
        return known

    def _insert(self, numbered: bool) -> str:
        columns = [c for c in self._columns if not (numbered and c == "id")]
        names = ", ".join(f'"{c}"' for c in columns)
        return f'INSERT INTO "{self._name}" ({names}) VALUES ({", ".join("?" * len(columns))})'

    def _select(self, order: str, limited: bool, *terms: tuple[str, str | None]) -> str:
        names = ", ".join(f'"{c}"' for c in self._columns)
        column, direction = order.lstrip("-"), "DESC" if order.startswith("-") else "ASC"
        tail = f' ORDER BY "{self._known(column)}" {direction}' + (" LIMIT ?" if limited else "")
        return f'SELECT {names} FROM "{self._name}"{self._where(terms)}{tail}'

    def _counted(self, *terms: tuple[str, str | None]) -> str:
        return f'SELECT count(*) FROM "{self._name}"{self._where(terms)}'

    def _summed(self, field: str, *terms: tuple[str, str | None]) -> str:
        return f'SELECT total("{self._known(field)}") FROM "{self._name}"{self._where(terms)}'

    def _update(self, *changed: str) -> str:
        sets = ", ".join(f'"{c}" = ?' for c in changed)
        still = " AND ".join(f'"{c}" IS ?' for c in ["id", *changed])
        return f'UPDATE "{self._name}" SET {sets} WHERE {still}'

    def _terms(self, conditions: dict[str, Any]) -> list[tuple[str, str | None]]:
        """Each condition, with what stands in the statement in place of a mark, if anything does."""
        return [(condition, _literal(value)) for condition, value in conditions.items()]

    def _where(self, terms: Sequence[tuple[str, str | None]]) -> str:
        parts = []
        for condition, literal in terms:
            name, _, operator = condition.partition("__")
            column = self._known(name)
            if operator == "in":
                parts.append(f'"{column}" IN (SELECT value FROM json_each(?))')
            elif operator == "has":
                parts.append(f'EXISTS (SELECT 1 FROM json_each("{column}") WHERE value = ?)')
            elif operator == "mentions":
                parts.append(f'mentions("{column}", ?)')
            elif operator == "contains":
                parts.append(f'instr(lower("{column}"), lower(?)) > 0')
            elif literal is None or literal == "NULL":
                parts.append(f'"{column}" {_OPERATORS[operator]} {literal or "?"}')
            else:
                parts.append(f'"{column}" {_OPERATORS[operator] if operator else "="} {literal}')
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def _known(self, column: str) -> str:
        if column not in self._columns:
            raise KeyError(f"{self._name} has no column {column}")
        return column

    # ---- cells

    def _cells(self, conditions: dict[str, Any]) -> list[Any]:
        cells = []
        for condition, value in conditions.items():
            name, _, operator = condition.partition("__")
            if operator in {"has", "contains"}:
                cells.append(value)
            elif operator == "mentions":
                cells.append(json.dumps(value))
            elif operator == "in" or _literal(value) is None:
                cells.append(json.dumps([self._cell(name, one) for one in value]) if operator == "in" else self._cell(name, value))
        return cells

    def _cell(self, name: str, value: Any) -> Any:
        write = self._columns[name].write
        return value if write is None or value is None else write(value)

    def _value(self, row: tuple[Any, ...]) -> T:
        return self._kind(*[cell if read is None or cell is None else read(cell) for read, cell in zip(self._readers, row, strict=True)])


def _literal(value: Any) -> str | None:
    """NULL and the members of our own enums stand in the statement; None for a value that is bound."""
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, StrEnum) and value.isidentifier() else None


class _Column:
    """How one field is stored, each the other's inverse; None where the value is the cell. NULL and None are each other's without asking."""

    __slots__ = ("read", "write")

    def __init__(self, read: Callable[[Any], Any] | None, write: Callable[[Any], Any] | None) -> None:
        self.read = read
        self.write = write


@cache
def _columns(kind: Any) -> dict[str, _Column]:
    hints = typing.get_type_hints(kind)
    return {field.name: _column(hints[field.name]) for field in fields(kind)}


def _column(hint: Any) -> _Column:
    if typing.get_origin(hint) in {typing.Union, UnionType}:
        (hint,) = (part for part in typing.get_args(hint) if part is not NoneType)
    hint = getattr(hint, "__supertype__", hint)
    if hint in {str, int, float}:
        return _Column(None, None)
    if hint is bool:
        return _Column(bool, int)
    if hint is datetime:
        return _Column(datetime.fromisoformat, instant)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _Column(hint, str)
    return _json(hint)


def _json(hint: Any) -> _Column:
    from pydantic import TypeAdapter

    adapter = TypeAdapter(hint)
    return _Column(adapter.validate_json, lambda value: adapter.dump_json(value).decode())


def instant(at: datetime) -> str:
    """A time as stored: UTC, always with microseconds, so that text order is time order."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")


class Tables:
    """Fulfils `ports.Transaction` on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.people = SqliteTable(connection, "people", Person)
        self.customers = SqliteTable(connection, "customers", Customer)
        self.conversations = SqliteTable(connection, "conversations", Conversation)
        self.messages = SqliteTable(connection, "messages", Message)
        self.turns = SqliteTable(connection, "turns", Turn)
        self.summons = SqliteTable(connection, "summons", Summon)
        self.signals = SqliteTable(connection, "signals", Signal)
        self.distillations = SqliteTable(connection, "distillations", Distillation)
        self.decisions = SqliteTable(connection, "decisions", Decision)
        self.jobs = SqliteTable(connection, "jobs", Job)
        self.outbox = SqliteTable(connection, "outbox", Delivery)
        self.events = SqliteTable(connection, "events", Event)
        self.tokens = SqliteTable(connection, "tokens", Token)
        self.remembered = SqliteTable(connection, "remembered", Remembered)
        self.sites = SqliteTable(connection, "sites", Site)
        self.ratings = SqliteTable(connection, "ratings", Rating)
        self.composings = SqliteTable(connection, "composings", Composing)
        self.notices = SqliteTable(connection, "notices", Notice)
        self.judgements = SqliteTable(connection, "judgements", Judgement)
        self.links = SqliteTable(connection, "links", Link)
        self.passphrases = SqliteTable(connection, "passphrases", Passphrase)
        self.mistakes = SqliteTable(connection, "mistakes", Mistake)
        self.erasures = SqliteTable(connection, "erasures", Erasure)
        self.replays = SqliteTable(connection, "replays", Replay)
        self.replayed = SqliteTable(connection, "replayed", Replayed)
        self.reviewed = SqliteTable(connection, "reviewed", Reviewed)
        self.promises = SqliteTable(connection, "promises", Promise)
        self.curves = SqliteTable(connection, "curves", Curve)
