"""What the API takes: bodies, places and questions, checked before any service sees them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicegit.domain.conversation import MAX_TEXT
from voicegit.domain.signal import Teaches

Opaque = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ById(BaseModel):
    id: Opaque


class ByProposal(BaseModel):
    id: str = Field(pattern=r"^p-[0-9]{1,9}$")


class ByName(BaseModel):
    name: Name


class ByDirective(BaseModel):
    kind: Literal["voice", "situations", "facts"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")


class Page(BaseModel):
    """`after` is the `next` of the page before."""

    limit: int = Field(50, ge=1, le=500)
    after: str | None = Field(None, max_length=64, pattern=r"^[0-9a-f]+$")


class Since(BaseModel):
    """`after`: only what came after this number."""

    after: int | None = Field(None, ge=0, le=2**62)


class Opened(Body):
    """`customer` names a record; it is made if there is none."""

    customer: Name | None = None


class Said(Body):
    text: Text


class Replied(Body):
    """A person's own words. `from_draft`: they began from the model's draft."""

    text: Text
    teaches: Teaches | None = None
    from_draft: bool = False


class Judged(Body):
    """Wanted: a `reason` to reject, a `text` to correct."""

    verdict: Literal["approve", "reject", "correct"]
    reason: Text | None = None
    text: Text | None = None
    teaches: Teaches | None = None


class Record(Body):
    """What is given is written; an empty field is taken out; what is not named stays."""

    fields: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=400)]] | None = Field(None, max_length=50)
    contacts: list[Annotated[str, Field(max_length=200)]] | None = Field(None, max_length=20)
    notes: str | None = Field(None, max_length=MAX_TEXT)
