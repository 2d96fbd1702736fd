"""inbox, show, claim, reply, undo, note, handback, resolve, feedback: what a person does."""

from pathlib import Path
from typing import Any

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option, when
from voicegit.domain.conversation import Author, Message, MessageKind
from voicegit.domain.ids import ConversationId, MessageId
from voicegit.domain.signal import SignalKind, Teaches
from voicegit.services import conversation as conversations
from voicegit.services import feedback, inbox, people, shapes, takeover

_VERDICTS = {"approve": SignalKind.APPROVAL, "reject": SignalKind.REJECTION, "correct": SignalKind.CORRECTION}
teaches_option = click.option(
    "--teaches", type=click.Choice([one.value for one in Teaches]), help="What your words are about; 'nothing' keeps them from learning."
)


@click.command("inbox")
@json_option
@click.pass_obj
def inbox_command(root: Path, as_json: bool) -> None:
    """Who waits for a person, longest first, and why the model stayed quiet."""
    with bootstrap.opened(root) as app:
        rows = inbox.waiting(app.workspace)
    emit([row.as_dict() for row in rows], as_json=as_json, words=lambda: "\n\n".join(row.in_words() for row in rows) or "Nobody waits for a person.")


@click.command("show")
@click.argument("conversation")
@json_option
@click.pass_obj
def show_command(root: Path, conversation: str, as_json: bool) -> None:
    """Read a conversation, notes included."""
    with bootstrap.opened(root) as app:
        tx = app.workspace.store.read
        talk = tx.conversations.get(conversation)
        messages = tx.messages.find(conversation=talk.id, order="seq")
        names = {person.id: person.name for person in tx.people.find()}
    value = [shapes.message(one, names) for one in messages]
    emit(value, as_json=as_json, words=lambda: "\n".join(_line(one, names) for one in messages) or "Nothing was said yet.")


def _line(one: Message, names: dict[Any, str]) -> str:
    who = {Author.CUSTOMER: "Customer", Author.MODEL: "Model", Author.PERSON: names.get(one.person, "?")}[one.author]
    marks = [one.kind.value] if one.kind is not MessageKind.SPOKEN else []
    marks += ["withdrawn"] if one.withdrawn_at else []
    return f"{when(one.at)}  {who}{' (' + ', '.join(marks) + ')' if marks else ''}: {one.text}\n              {one.id}"


@click.command("claim")
@click.argument("summon")
@as_option
@json_option
@click.pass_obj
def claim_command(root: Path, summon: str, as_person: str | None, as_json: bool) -> None:
    """Hold a summon (or the live one of a conversation) for five minutes, so that nobody else answers it."""
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        held = takeover.claim(app.workspace, takeover.summon_of(app.workspace, summon).id, by=by)
    value = {"summon": held.id, "status": held.status.value, "lease_until": held.lease_until.isoformat() if held.lease_until else None}
    emit(value, as_json=as_json, words=lambda: f"{by.name} has it for five minutes.")


@click.command("reply")
@click.argument("conversation")
@click.argument("text")
@as_option
@teaches_option
@click.option("--from-draft", is_flag=True, help="Your text began as the model's draft: it counts as an edit or an approval of it.")
@json_option
@click.pass_obj
def reply_command(root: Path, conversation: str, text: str, as_person: str | None, teaches: str | None, from_draft: bool, as_json: bool) -> None:
    """Answer a customer in your own words. They go out verbatim, and you have the floor until you hand it back.

    \b
        voicegit reply CONVERSATION "I'm so sorry to hear that. I will stop by this afternoon."
    """
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        kind = Teaches(teaches) if teaches else None
        said = takeover.reply(app.workspace, ConversationId(conversation), text, by=by, teaches=kind, from_draft=from_draft)
    value = {"message": said.id, "conversation": conversation, "by": by.name}
    emit(value, as_json=as_json, words=lambda: f"{by.name} has the floor. It leaves in 5 seconds: 'voicegit undo {said.id}' takes it back.")


@click.command("undo")
@click.argument("message")
@as_option
@json_option
@click.pass_obj
def undo_command(root: Path, message: str, as_person: str | None, as_json: bool) -> None:
    """Take back a reply within five seconds of sending it."""
    with bootstrap.opened(root) as app:
        takeover.undo(app.workspace, MessageId(message), by=people.named(app.workspace, as_person))
    emit({"message": message, "withdrawn": True}, as_json=as_json, words=lambda: "Taken back; the customer never sees it.")


@click.command("note")
@click.argument("conversation")
@click.argument("text")
@as_option
@json_option
@click.pass_obj
def note_command(root: Path, conversation: str, text: str, as_person: str | None, as_json: bool) -> None:
    """Leave a note for the team: it is never sent, and no model reads it."""
    with bootstrap.opened(root) as app:
        said = conversations.note(app.workspace, ConversationId(conversation), text, by=people.named(app.workspace, as_person))
    emit({"message": said.id, "conversation": conversation}, as_json=as_json, words=lambda: "Noted, for the team only.")


@click.command("handback")
@click.argument("conversation")
@json_option
@click.pass_obj
def handback_command(root: Path, conversation: str, as_json: bool) -> None:
    """Give the conversation back to the model. What the customer wrote meanwhile is its next turn."""
    with bootstrap.opened(root) as app:
        takeover.hand_back(app.workspace, ConversationId(conversation))
        inbox.catch_up(app.workspace, ConversationId(conversation))
    emit({"conversation": conversation, "floor": "model"}, as_json=as_json, words=lambda: "The model has the floor again.")


@click.command("resolve")
@click.argument("conversation")
@json_option
@click.pass_obj
def resolve_command(root: Path, conversation: str, as_json: bool) -> None:
    """End a conversation. If the customer writes again, the model has the floor."""
    with bootstrap.opened(root) as app:
        takeover.resolve(app.workspace, ConversationId(conversation))
    emit({"conversation": conversation, "resolved": True}, as_json=as_json, words=lambda: "Resolved.")


@click.command("feedback")
@click.argument("message")
@click.argument("verdict", type=click.Choice(list(_VERDICTS)))
@click.option("--reason", help="Why it was wrong, in a sentence (needed to reject).")
@click.option("--text", help="What should have been said (needed to correct).")
@as_option
@teaches_option
@json_option
@click.pass_obj
def feedback_command(
    root: Path, message: str, verdict: str, reason: str | None, text: str | None, as_person: str | None, teaches: str | None, as_json: bool
) -> None:
    """Say of a reply of the model: approve, reject (with --reason), or correct (with --text). Nothing is sent to the customer.

    \b
        voicegit feedback MESSAGE reject --reason 'we never say "unfortunately"'
    """
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        kind = Teaches(teaches) if teaches else None
        given = feedback.give(app.workspace, MessageId(message), _VERDICTS[verdict], by=by, reason=reason, text=text, teaches=kind)
    value = {"signal": given.id, "kind": given.kind.value, "weight": given.weight, "message": message}
    emit(value, as_json=as_json, words=lambda: f"Kept: {given.kind.value} by {by.name} (weight {given.weight:g}). The next distillation reads it.")
