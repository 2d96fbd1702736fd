"""Printing: one value either as JSON for machines or as plain words for people. Data goes to stdout, everything else to stderr."""

import json
import textwrap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
as_option = click.option("--as", "as_person", metavar="PERSON", help="Who does this; else the owner.")
pass_root = click.pass_obj


def emit(value: Any, *, as_json: bool, words: Callable[[], str]) -> None:
    """Prints `value` as one JSON document, or what `words` makes of it."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=1))
        return
    text = words()
    if text:
        click.echo(text)


def progress(message: str) -> None:
    click.echo(message, err=True)


def when(at: datetime) -> str:
    """In this machine's own time: for people, not for machines."""
    return at.astimezone().strftime("%d %b %H:%M")


def indent(text: str, by: str = "  ") -> str:
    return textwrap.indent(text, by)


def read_text(path: Path | None, text: str | None) -> str:
    """A text given as an argument, in a file, or (with -) on standard input."""
    if path is not None:
        return click.get_text_stream("stdin").read() if str(path) == "-" else path.read_text("utf-8")
    return text or ""
