"""say, chat, customer: the customer's side."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import emit, json_option
from voicegit.domain.conversation import Author
from voicegit.domain.ids import ConversationId
from voicegit.domain.people import Customer
from voicegit.services import conversation as conversations
from voicegit.services import exchange, people, shapes
from voicegit.services.exchange import Answer, Exchange


def _in_words(done: Exchange, business: str) -> str:
    if done.answer is Answer.REPLY and done.reply and done.turn:
        return f"{business}: {done.reply.text}\n  ({done.turn.confidence:.0%} sure, {done.turn.threshold:.0%} asked for)"
    if done.answer is Answer.SUMMON and done.turn:
        said = f"{business}: {done.holding.text}\n" if done.holding else ""
        return said + "\n".join(["  A person was called:", *(f"  - {reason.words}" for reason in done.turn.reasons)])
    if done.answer is Answer.HELD:
        return "  A person has this conversation; the message waits for them."
    return "  It is being answered."


@click.command("say")
@click.argument("text")
@click.option("--conversation", help="An existing conversation; else a new one begins.")
@click.option("--customer", "name", help="Who says it; a record is made if there is none.")
@json_option
@click.pass_obj
def say_command(root: Path, text: str, conversation: str | None, name: str | None, as_json: bool) -> None:
    """Send one message as a customer, and see what comes of it: a reply, or a person called.

    \b
        voicegit say "Which team came to my house yesterday?" --customer "Dana Reyes"
    """
    with bootstrap.opened(root) as app:
        workspace = app.workspace
        talk = ConversationId(conversation) if conversation else conversations.start(workspace, customer=name, channel="cli").id
        done = exchange.say(workspace, talk, text)
        business = workspace.directives.serving().policy.business.name
    emit(shapes.exchange(done), as_json=as_json, words=lambda: f"{_in_words(done, business)}\n  conversation {done.message.conversation}")


@click.command("chat")
@click.option("--customer", "name", help="Who you are.")
@click.option("--conversation", help="Go on with an existing conversation.")
@click.pass_obj
def chat_command(root: Path, name: str | None, conversation: str | None) -> None:
    """Be a customer, in this terminal. An empty line or Ctrl-D ends it."""
    with bootstrap.opened(root) as app:
        workspace = app.workspace
        talk = ConversationId(conversation) if conversation else conversations.start(workspace, customer=name, channel="cli").id
        business = workspace.directives.serving().policy.business.name
        click.echo(f"You are writing to {business}. An assistant answers; an empty line ends it. (conversation {talk})", err=True)
        shown = 0
        while True:
            for message in conversations.seen_by_customer(workspace, talk):
                if message.seq > shown and message.author is Author.PERSON:
                    click.echo(f"{business} (a person): {message.text}")
                shown = max(shown, message.seq)
            text = click.prompt("you", default="", show_default=False, prompt_suffix="> ")
            if not text.strip():
                return
            done = exchange.say(workspace, talk, text)
            click.echo(_in_words(done, business))


@click.group("customer")
def customer_command() -> None:
    """Customer records: data for that customer's own turns, never in the repository."""


@customer_command.command("set")
@click.argument("name")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--contact", "contacts", multiple=True, help="An e-mail address or a phone number; may be given again.")
@click.option("--notes", help="For the team and for this customer's turns.")
@json_option
@click.pass_obj
def set_command(root: Path, name: str, fields: tuple[str, ...], contacts: tuple[str, ...], notes: str | None, as_json: bool) -> None:
    """Write fields of a record, making it if there is none; an empty value takes a field out.

    \b
        voicegit customer set "Dana Reyes" team="Mike & Bob" last_visit=yesterday vip=yes
    """
    wrong = next((field for field in fields if "=" not in field), None)
    if wrong is not None:
        raise click.UsageError(f"{wrong!r} has no '='. Write FIELD=VALUE.")
    pairs = dict(field.split("=", 1) for field in fields)
    with bootstrap.opened(root) as app:
        record = people.set_customer(app.workspace, name, fields=pairs, contacts=list(contacts) or None, notes=notes)
    emit(shapes.customer(record), as_json=as_json, words=lambda: _record_words(record))


@customer_command.command("show")
@click.argument("name")
@json_option
@click.pass_obj
def show_command(root: Path, name: str, as_json: bool) -> None:
    """Show one record."""
    with bootstrap.opened(root) as app:
        record = people.customer(app.workspace, name)
    emit(shapes.customer(record), as_json=as_json, words=lambda: _record_words(record))


@customer_command.command("list")
@json_option
@click.pass_obj
def list_command(root: Path, as_json: bool) -> None:
    """List all records."""
    with bootstrap.opened(root) as app:
        records = app.workspace.store.read.customers.find(order="name")
    emit([shapes.customer(one) for one in records], as_json=as_json, words=lambda: "\n".join(map(_record_words, records)) or "No customer has a record yet.")


def _record_words(record: Customer) -> str:
    known = [f"{key} = {value}" for key, value in record.fields.items()] + list(record.contacts) + ([record.notes] if record.notes else [])
    return f"{record.name}: {'; '.join(known) or 'nothing known yet'}"
