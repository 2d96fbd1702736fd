"""Rows <-> domain values, for every table alike: a table's columns are the fields of one frozen dataclass.

SQL is built from those names and marks alone; values are always bound.
"""

import json
import sqlite3
import typing
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, cast

from voicegit.domain.conversation import Conversation, Message
from voicegit.domain.decision import Decision
from voicegit.domain.distillation import Distillation
from voicegit.domain.people import Customer, Person
from voicegit.domain.signal import Signal
from voicegit.domain.summon import Summon
from voicegit.domain.token import Token
from voicegit.domain.turn import Turn
from voicegit.domain.work import Delivery, Event, Job, Remembered
from voicegit.errors import Conflict, NotFound

T = TypeVar("T")
_OPERATORS = {"": "IS", "le": "<=", "lt": "<", "ge": ">=", "gt": ">", "not": "IS NOT"}


class SqliteTable(Generic[T]):
    """Fulfils `ports.Table` on one connection. Column names come from the dataclass alone, never from a caller."""

    def __init__(self, connection: sqlite3.Connection, name: str, kind: type[T]) -> None:
        self._connection = connection
        self._name = name
        self._kind = kind
        self._columns: dict[str, _Column] = _columns(cast(Any, kind))

    def add(self, value: T) -> None:
        columns = [c for c in self._columns if not (c == "id" and getattr(value, c) == 0)]
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{c}"' for c in columns)
        row = [self._columns[c].write(getattr(value, c)) for c in columns]
        try:
            self._connection.execute(f'INSERT INTO "{self._name}" ({names}) VALUES ({marks})', row)
        except sqlite3.IntegrityError as exc:
            raise Conflict(f"A row of {self._name} like this one exists already, or names something that does not. Nothing was written.") from exc

    def get(self, id: Any) -> T:
        found = self.first(id=id)
        if found is None:
            raise NotFound(f"There is no {self._kind.__name__.lower()} {str(id)[:60]!r} here.")
        return found

    def find(self, *, order: str = "id", limit: int | None = None, **conditions: Any) -> list[T]:
        where, values = self._where(conditions)
        column, direction = order.lstrip("-"), "DESC" if order.startswith("-") else "ASC"
        tail = f' ORDER BY "{self._known(column)}" {direction}' + (" LIMIT ?" if limit is not None else "")
        rows = self._connection.execute(f'SELECT {self._names} FROM "{self._name}"{where}{tail}', [*values, *([] if limit is None else [limit])])
        return [self._value(row) for row in rows]

    def first(self, *, order: str = "id", **conditions: Any) -> T | None:
        return next(iter(self.find(order=order, limit=1, **conditions)), None)

    def count(self, **conditions: Any) -> int:
        where, values = self._where(conditions)
        return int(self._connection.execute(f'SELECT count(*) FROM "{self._name}"{where}', values).fetchone()[0])

    def replace(self, old: T, new: T) -> None:
        changed = [c for c in self._columns if getattr(old, c) != getattr(new, c)]
        if not changed:
            return
        sets = ", ".join(f'"{c}" = ?' for c in changed)
        still = " AND ".join(f'"{c}" IS ?' for c in ["id", *changed])
        values = [self._columns[c].write(getattr(new, c)) for c in changed] + [self._columns[c].write(getattr(old, c)) for c in ["id", *changed]]
        done = self._connection.execute(f'UPDATE "{self._name}" SET {sets} WHERE {still}', values)
        if done.rowcount != 1:
            raise Conflict(f"This {self._kind.__name__.lower()} changed meanwhile. Nothing was written; look again and repeat the step.")

    def remove(self, value: T) -> None:
        self._connection.execute(f'DELETE FROM "{self._name}" WHERE id = ?', [self._columns["id"].write(getattr(value, "id"))])  # noqa: B009

    @property
    def _names(self) -> str:
        return ", ".join(f'"{c}"' for c in self._columns)

    def _known(self, column: str) -> str:
        if column not in self._columns:
            raise KeyError(f"{self._name} has no column {column}")
        return column

    def _where(self, conditions: dict[str, Any]) -> tuple[str, list[Any]]:
        parts: list[str] = []
        values: list[Any] = []
        for condition, value in conditions.items():
            name, _, operator = condition.partition("__")
            column = self._columns[self._known(name)]
            if operator == "in":
                parts.append(f'"{name}" IN (SELECT value FROM json_each(?))')
                values.append(json.dumps([column.write(one) for one in value]))
            else:
                parts.append(f'"{name}" {_OPERATORS[operator]} ?')
                values.append(column.write(value))
        return (f" WHERE {' AND '.join(parts)}" if parts else ""), values

    def _value(self, row: tuple[Any, ...]) -> T:
        return self._kind(**{name: column.read(cell) for (name, column), cell in zip(self._columns.items(), row, strict=True)})


class _Column:
    """How one field is stored. Read and write are each other's inverse."""

    __slots__ = ("read", "write")

    def __init__(self, read: Callable[[Any], Any], write: Callable[[Any], Any]) -> None:
        self.read: Callable[[Any], Any] = lambda cell: None if cell is None else read(cell)
        self.write: Callable[[Any], Any] = lambda value: None if value is None else write(value)


@cache
def _columns(kind: Any) -> dict[str, _Column]:
    hints = typing.get_type_hints(kind)
    return {field.name: _column(hints[field.name]) for field in fields(kind)}


def _column(hint: Any) -> _Column:
    if typing.get_origin(hint) in {typing.Union, UnionType}:
        (hint,) = (part for part in typing.get_args(hint) if part is not NoneType)
    hint = getattr(hint, "__supertype__", hint)
    if hint in {str, int, float}:
        return _Column(hint, lambda value: value)
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
    return at.astimezone(UTC).isoformat(timespec="microseconds")


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
