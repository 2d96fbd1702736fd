"""promise: what is promised about wrong replies, and what it rests on."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import emit, json_option
from voicegit.services import promise, promised


@click.command("promise")
@json_option
@click.pass_obj
def promise_command(root: Path, as_json: bool) -> None:
    """What is promised about wrong replies: for each topic from how sure on the model answers by itself, what that rests on, and how many checks are missing.

    The owner promises in policy.toml, in place of a threshold; docs/promise.md says how it is kept.

    \b
        [gate]
        at_most_wrong = 0.05
    """
    with bootstrap.opened(root) as app:
        promise.catch_up(app.workspace)
        found = promised.look(app.workspace)
    emit(found.as_dict(), as_json=as_json, words=found.in_words)
