"""extend: a season that lasts longer."""

from datetime import datetime
from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.domain.ids import DirectiveId
from voicegit.services import people, seasons


@click.command("extend")
@click.argument("directive")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day, such as 2027-01-31; else four weeks longer.")
@as_option
@json_option
@click.pass_obj
def extend_command(root: Path, directive: str, until: datetime | None, as_person: str | None, as_json: bool) -> None:
    """Propose that DIRECTIVE, which has a season, stays in force for longer.

    \b
        voicegit extend facts/winter-hours --until 2027-01-31
    """
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        day = until.date() if until is not None else None
        name = seasons.extend(app.workspace, DirectiveId(directive.removesuffix(".md")), by=by, until=day)
    emit({"proposal": name}, as_json=as_json, words=lambda: f"{name} waits for a decision: 'voicegit diff {name}'.")
