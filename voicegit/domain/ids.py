"""The names of things. Opaque text; those made by us are UUIDs whose order is their age (RFC 9562, version 7)."""

from typing import NewType

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
TurnId = NewType("TurnId", str)
SummonId = NewType("SummonId", str)
SignalId = NewType("SignalId", str)
CustomerId = NewType("CustomerId", str)
PersonId = NewType("PersonId", str)
DistillationId = NewType("DistillationId", str)
DecisionId = NewType("DecisionId", str)
NoticeId = NewType("NoticeId", str)
ReplayId = NewType("ReplayId", str)
MistakeId = NewType("MistakeId", str)

ProposalId = NewType("ProposalId", str)
"""`p-17`: short enough to be typed on a phone."""

DirectiveId = NewType("DirectiveId", str)
"""Folder and name without the ending: `situations/damage-claims`."""

Revision = NewType("Revision", str)
"""A full commit id of the directives repository: 40 lower-case hex digits."""
