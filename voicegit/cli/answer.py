"""answer: which of two texts holds, where a proposal asks."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.domain.ids import ProposalId, Revision
from voicegit.services import contested, people


@click.command("answer")
@click.argument("proposal")
@click.option("--keep/--undo", "keep", default=None, help="Keep what is live, or let it go as the proposal says.")
@click.option("--holds", metavar="NAME", help="Whose text holds, where two people taught opposite things.")
@click.option("--question", "number", type=int, help="With --holds: only this one of the questions, as 'voicegit diff' counts them.")
@as_option
@json_option
@click.pass_obj
def answer_command(root: Path, proposal: str, keep: bool | None, holds: str | None, number: int | None, as_person: str | None, as_json: bool) -> None:
    """Answer what PROPOSAL asks: where a lesson that is taken back was refined later, where somebody wrote against what is in force, or where two people
    taught opposite things.

    It only changes the proposal; nothing is live before it is approved.

    \b
        voicegit answer p-7 --keep
        voicegit answer p-8 --holds Lea
    """
    if (keep is None) is (holds is None) or (number is not None and holds is None):
        raise click.UsageError("Say one of --keep, --undo and --holds NAME; 'voicegit diff' shows what is asked.")
    with bootstrap.opened(root) as app:
        name, by = ProposalId(proposal), people.named(app.workspace, as_person)
        if holds is not None:
            head: Revision | None = contested.settle(app.workspace, name, holds=holds, by=by, number=number)
        else:
            head = contested.answer(app.workspace, name, keep=bool(keep), by=by)
    done = f"{proposal} reads so now: 'voicegit diff {proposal}', then 'voicegit approve {proposal}'."
    closed = f"{proposal} is closed: what is live stays, and nothing else was asked for."
    emit({"proposal": proposal, "head": head, "keeps": keep, "holds": holds}, as_json=as_json, words=lambda: done if head is not None else closed)
