"""What a person means to do with one change of a proposal, kept while they go through the others. Only an approval makes any of it live."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicegit.domain.ids import PersonId, ProposalId, Revision


class Choice(StrEnum):
    ACCEPT = "accept"
    EDIT = "edit"
    DECLINE = "decline"


@dataclass(frozen=True)
class Judgement:
    """One person's choice on the change of one file (`path`), as the proposal stood at `head`.

    `text` is the whole file as the person wants it, for an edit only; `reason` the person's words, for a decline only.
    """

    id: str
    proposal: ProposalId
    head: Revision
    person: PersonId
    path: str
    choice: Choice
    at: datetime
    reason: str = ""
    text: str | None = None


def digest(judgements: Mapping[str, Judgement]) -> str:
    """Names a set of choices, so that an approval can say which ones were on the page."""
    told = [[path, one.choice.value, one.reason, one.text] for path, one in sorted(judgements.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
