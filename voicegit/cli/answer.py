"""answer: which of two texts holds, where a proposal asks."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.domain.ids import ProposalId
from voicegit.services import contested, people


@click.command("answer")
@click.argument("proposal")
@click.option("--keep/--undo", "keep", required=True, default=None, help="Keep what is live, or let it go as the proposal says.")
@as_option
@json_option
@click.pass_obj
def answer_command(root: Path, proposal: str, keep: bool, as_person: str | None, as_json: bool) -> None:
    """Answer what PROPOSAL asks: where a lesson that is taken back was refined later, or where somebody wrote against what is in force.

    It only changes the proposal; nothing is live before it is approved.

    \b
        voicegit answer p-7 --keep
    """
    with bootstrap.opened(root) as app:
        head = contested.answer(app.workspace, ProposalId(proposal), keep=keep, by=people.named(app.workspace, as_person))
    done = f"{proposal} reads so now: 'voicegit diff {proposal}', then 'voicegit approve {proposal}'."
    closed = f"{proposal} is closed: what is live stays, and nothing else was asked for."
    emit({"proposal": proposal, "head": head, "keeps": keep}, as_json=as_json, words=lambda: done if head is not None else closed)
