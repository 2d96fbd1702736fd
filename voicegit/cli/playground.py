"""try: what would be said, today and under a proposal."""

from pathlib import Path
from typing import Any

import click

from voicegit import bootstrap
from voicegit.cli.output import emit, json_option
from voicegit.domain.conversation import Author
from voicegit.domain.tried import Compared, Tried
from voicegit.errors import Invalid
from voicegit.services import playground


@click.command("try")
@click.argument("message", required=False)
@click.option("--customer", metavar="NAME", help="As the customer of this record; none is made.")
@click.option("--proposal", metavar="ID", help="Under this open proposal too, beside what is live.")
@click.option("--conversation", metavar="ID", help="Instead of a message: ask again all that was asked in this conversation (its newest 20 questions).")
@json_option
@click.pass_obj
def try_command(root: Path, message: str | None, customer: str | None, proposal: str | None, conversation: str | None, as_json: bool) -> None:
    """What would the model say? Nothing is sent, and nothing is kept or learned from. A model that is not local charges for it.

    \b
        voicegit try "Do you have anything on Thursday?" --proposal p-7
    """
    if (message is None) == (conversation is None):
        raise Invalid("Give either a message or --conversation ID.")
    with bootstrap.opened(root) as app:
        live, known = playground.today(app.workspace), app.workspace
        head = playground.proposed(known, proposal).head if proposal is not None else None
        asked = playground.past(known, conversation)[0] if conversation is not None else [playground.question(known, message or "", customer=customer)]
        found = [playground.compare(known, one, today=live, proposed=head) for one in asked]
    value: Any = [one.as_dict() for one in found]
    emit(
        value if conversation is not None else value[0], as_json=as_json, words=lambda: "\n\n".join(_words(one) for one in found) or "Nothing was asked there."
    )


def _words(one: Compared) -> str:
    lines = [f"Customer: {one.asked.text}"]
    lines += [f"Then, {'the model' if said.author is Author.MODEL else 'a person'}: {said.text}" for said in one.asked.answered]
    sides = (("Today", one.today), ("Under the proposal", one.proposed))
    return "\n".join([*lines, *(_side(title, tried) for title, tried in sides if tried is not None)])


def _side(title: str, tried: Tried) -> str:
    by = f" by {tried.went_by.id}" if tried.went_by is not None else ""
    sure = f"{tried.confidence:.0%} sure, {tried.threshold:.0%} needed{by}" if tried.assessment is not None else "a rule decided"
    sure += f", ${tried.cost:.4f}" if tried.cost else ""
    if tried.answers:
        return f"{title}, it would answer ({sure}): {tried.text}"
    return "\n".join([f"{title}, it would call a person ({sure}):", *(f"  - {reason.words}" for reason in tried.reasons)])
