"""What a person is writing, kept on the server for them: on any device it is there again, and whoever writes has the summon."""

from dataclasses import replace

from voicegit.domain.composing import Composing
from voicegit.domain.conversation import MAX_TEXT, Author, Message
from voicegit.domain.ids import ConversationId, MessageId
from voicegit.domain.people import Person
from voicegit.domain.signal import DraftUse
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Transaction, Workspace
from voicegit.services import conversation as conversations
from voicegit.services import takeover


def of(workspace: Workspace, conversation: ConversationId, *, by: Person) -> Composing | None:
    """What this person has begun there; None when nothing."""
    return workspace.store.read.composings.first(id=Composing.key(conversation, by.id))


def keep(
    workspace: Workspace,
    conversation: ConversationId,
    text: str,
    *,
    by: Person,
    note: bool = False,
    seen: int = 0,
    draft: DraftUse = DraftUse.UNOPENED,
    key: str | None = None,
) -> Composing:
    """Keeps the text in place of what was kept. A reply that is begun claims the summon, or renews the claim, unless another has it: the text is kept then too.

    `seen` never goes back, nor does `draft`. Raises `Conflict` when `key` names a message that was sent: a save that comes late brings nothing back.
    """
    if len(text) > MAX_TEXT:
        raise Invalid(f"The text has {len(text)} characters; at most {MAX_TEXT} are taken. Send it in parts. What you wrote before is kept.")
    kept = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").replace("\r\n", "\n")

    def step(tx: Transaction) -> Composing:
        if key is not None and tx.messages.first(conversation=conversation, key=key) is not None:
            raise Conflict("This text was sent already.")
        old = tx.composings.first(id=Composing.key(conversation, by.id))
        new = Composing(Composing.key(conversation, by.id), conversation, by.id, kept, note, draft, seen, workspace.clock.now())
        if old is None:
            tx.composings.add(new)
        else:
            new = replace(new, seen=max(seen, old.seen), draft=old.draft.further(draft))
            tx.composings.replace(old, new)
        if new.begun and not note:
            takeover.hold(tx, workspace, conversation, by=by)
        return new

    return workspace.store.write(step)


def add(workspace: Workspace, conversation: ConversationId, words: str, *, by: Person, draft: DraftUse = DraftUse.UNOPENED) -> Composing:
    """Puts words behind what this person has begun: the model's draft, a canned answer, a reply that was taken back."""
    old = of(workspace, conversation, by=by)
    text = f"{old.text.rstrip()}\n\n{words}" if old is not None and old.begun else words
    seen = old.seen if old is not None else newest_asked(workspace, conversation)
    return keep(workspace, conversation, text, by=by, note=old.note if old is not None else False, seen=seen, draft=draft)


def opened_draft(workspace: Workspace, conversation: ConversationId, *, by: Person) -> None:
    """The person has read what the model would have said."""
    old = of(workspace, conversation, by=by)
    if old is None or old.draft is DraftUse.UNOPENED:
        seen = old.seen if old is not None else newest_asked(workspace, conversation)
        keep(workspace, conversation, old.text if old else "", by=by, note=old.note if old else False, seen=seen, draft=DraftUse.OPENED)


def take_back(workspace: Workspace, message: MessageId, *, by: Person) -> Message:
    """Takes one's own reply back before it leaves; its words are in the box again, before what was begun meanwhile. Raises `Conflict` once it has left."""
    gone = takeover.undo(workspace, message, by=by)
    begun = of(workspace, gone.conversation, by=by)
    text = f"{gone.text}\n\n{begun.text}" if begun is not None and begun.begun else gone.text
    keep(workspace, gone.conversation, text, by=by, seen=newest_asked(workspace, gone.conversation))
    return gone


def note(workspace: Workspace, conversation: ConversationId, text: str, *, by: Person, key: str | None = None) -> Message:
    """A note for the team, and the box is empty again."""
    said = conversations.note(workspace, conversation, text, by=by, key=key)
    forget(workspace, conversation, by=by)
    return said


def forget(workspace: Workspace, conversation: ConversationId, *, by: Person) -> None:
    def step(tx: Transaction) -> None:
        for old in tx.composings.find(id=Composing.key(conversation, by.id)):
            tx.composings.remove(old)

    workspace.store.write(step)


def newest_asked(workspace: Workspace, conversation: ConversationId) -> int:
    """The number of the customer's newest message; 0 before the first."""
    newest = workspace.store.read.messages.first(conversation=conversation, author=Author.CUSTOMER, order="-seq")
    return newest.seq if newest is not None else 0
