"""erase: forget somebody."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.domain.erasure import Erasure
from voicegit.services import erase, people, shapes
from voicegit.services.erase import Found


@click.command("erase")
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@as_option
@json_option
@click.pass_obj
def erase_command(root: Path, customer: str, yes: bool, as_person: str | None, as_json: bool) -> None:
    """Forget a customer: their record and every word of their conversations, for good.

    \b
        voicegit erase "Dana Reyes"

    CUSTOMER is a name or an id; the id of a conversation erases one of somebody unknown. It says what goes and what stays, and asks first.
    """
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        by.must_own()
        found = erase.look(app.workspace, customer)
        if not yes:
            click.echo(_before(found), err=True)
            click.confirm(f"Erase {found.name}? This cannot be undone.", abort=True, err=True)
        row = erase.erase(app.workspace, found, by=by)
    emit(shapes.erased(found, row), as_json=as_json, words=lambda: _after(found, row))


def _before(found: Found) -> str:
    return "\n".join(["This goes, for good:", *(f"  - {one}" for one in found.goes), "This stays:", *(f"  - {one}" for one in erase.STAYS)])


def _after(found: Found, row: Erasure) -> str:
    said = f"Erased, with all that was said in {row.conversations} conversation{'' if row.conversations == 1 else 's'}."
    said = " ".join([said, *(f"{one[:1].upper()}{one[1:]}." for one in found.closing)])
    if row.wiped_at is not None:
        return f"{said} The database file holds nothing of it any more."
    return f"{said} Another program still reads an older state of the database file; the last traces in it go within the hour while 'voicegit serve' runs."
