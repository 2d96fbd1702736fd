"""Who works here, and who writes to us."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voicegit.domain.ids import CustomerId, PersonId
from voicegit.errors import Forbidden


class Role(StrEnum):
    OWNER = "owner"
    LEAD = "lead"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Person:
    """Somebody of the business. `role` says what they may decide."""

    id: PersonId
    name: str
    role: Role
    created_at: datetime

    def must_review(self) -> None:
        """Raises `Forbidden` unless this person may decide on proposals and releases."""
        if self.role is Role.OPERATOR:
            raise Forbidden(f"{self.name} is an operator. Ask the owner or a lead to decide on proposals.")


@dataclass(frozen=True)
class Customer:
    """A customer record: data for this customer's turns, never in the repository, never part of the voice."""

    id: CustomerId
    name: str
    created_at: datetime
    contacts: tuple[str, ...] = ()
    notes: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """What a placeholder in an approved example may be filled from: `name` (the first name) and the free fields."""
        first = self.name.split()[0] if self.name.strip() else ""
        return {key: value for key, value in {"name": first, **self.fields}.items() if value.strip()}

    @property
    def vip(self) -> bool:
        return self.fields.get("vip", "").strip().lower() in {"yes", "true", "1", "vip"}
