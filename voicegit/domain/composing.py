"""What a person is writing in a conversation, kept for them until it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from voicegit.domain.ids import ConversationId, PersonId
from voicegit.domain.signal import DraftUse

WRITING = timedelta(seconds=10)
"""How long after its last change a text counts as being written."""


@dataclass(frozen=True)
class Composing:
    """One person's unsent text in one conversation. `note`: it is meant for the team alone. `draft` is what they did with the model's draft.

    `seen` is the newest message of the customer that they had read when they wrote it.
    """

    id: str
    conversation: ConversationId
    person: PersonId
    text: str
    note: bool
    draft: DraftUse
    seen: int
    at: datetime

    @staticmethod
    def key(conversation: ConversationId, person: PersonId) -> str:
        return f"{conversation}:{person}"

    @property
    def begun(self) -> bool:
        return bool(self.text.strip())
