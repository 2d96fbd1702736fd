"""Printing: one value either as JSON for machines or as plain words for people. Data goes to stdout, everything else to stderr."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
as_option = click.option("--as", "as_person", metavar="PERSON", help="Who does this; else the owner.")


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
