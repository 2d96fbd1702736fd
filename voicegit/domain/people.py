"""Who works here, and who writes to us."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from voicegit.domain.ids import CustomerId, PersonId
from voicegit.errors import Conflict, Forbidden


class Role(StrEnum):
    OWNER = "owner"
    LEAD = "lead"
    OPERATOR = "operator"

    @property
    def may(self) -> str:
        """What this role decides, in words."""
        return _MAY[self]


_MAY = {
    Role.OWNER: "decides everything: what goes live, the settings, and who works here",
    Role.LEAD: "works the inbox, and decides what goes live",
    Role.OPERATOR: "works the inbox, and sees the rest",
}


@dataclass(frozen=True)
class Person:
    """Somebody of the business. `role` says what they may decide.

    Sign-ins up to `signed_out_at` hold no longer. Who left stays in the history by name. `seen_at` is right to some minutes.
    """

    id: PersonId
    name: str
    role: Role
    created_at: datetime
    seen_at: datetime | None = None
    signed_out_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def may_review(self) -> bool:
        """Whether this person may decide on proposals and releases."""
        return self.role is not Role.OPERATOR

    def must_review(self) -> None:
        """Raises `Forbidden` unless this person may decide on proposals and releases."""
        if not self.may_review:
            raise Forbidden(f"{self.name} is an operator. Ask the owner or a lead to decide on proposals.")

    def must_own(self) -> None:
        """Raises `Forbidden` unless this person may decide about settings, people and keys."""
        if self.role is not Role.OWNER:
            raise Forbidden(f"{self.name} is no owner. Ask an owner to change this; everybody may read it.")

    def holds(self, signed_in_at: datetime) -> bool:
        """Whether a sign-in of that time, or a link made then, is still one of somebody who works here."""
        return self.left_at is None and (self.signed_out_at is None or signed_in_at > self.signed_out_at)

    def signed_out(self, now: datetime) -> "Person":
        """On every device, and every link that was not used yet opens nothing."""
        return replace(self, signed_out_at=now)

    def with_role(self, role: Role, now: datetime) -> "Person":
        """Whoever may decide other things than before signs in again."""
        return replace(self, role=role, signed_out_at=now)

    def left(self, now: datetime) -> "Person":
        return replace(self, left_at=now, signed_out_at=now)


def must_keep_an_owner(everybody: Iterable[Person], without: Person) -> None:
    """Raises `Conflict` when nobody but `without` could decide about the business."""
    if without.role is Role.OWNER and not any(one.role is Role.OWNER and one.left_at is None and one.id != without.id for one in everybody):
        raise Conflict(f"{without.name} is the only owner, and somebody has to be. Make somebody else an owner first; nothing was changed.")


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
