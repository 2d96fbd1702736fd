"""What a proposal is called, by what it really holds."""

from collections.abc import Mapping, Sequence

from voicegit.domain.ids import DirectiveId
from voicegit.domain.operation import Change, Operation

LONGEST = 110


def of(operations: Sequence[Operation], titles: Mapping[DirectiveId, str]) -> str:
    """A headline for operations; `titles` are those of the directives that are there."""
    if not operations:
        return "Nothing to learn"
    asked = [one for one in operations if one.question is not None and not one.question.dispute]
    behind = {(one.directive, signal) for one in asked for signal in one.evidence}
    rest = [one for one in operations if one not in asked and not {(one.directive, signal) for signal in one.evidence} & behind]
    parts = _parts(rest)
    if asked:
        about = titles.get(asked[0].directive, asked[0].directive)
        parts.append(f"which holds? {about}")
    title = "; ".join(parts or ["what you approved, confirmed"])
    return (title[:1].upper() + title[1:])[:LONGEST]


def _parts(operations: Sequence[Operation]) -> list[str]:
    fresh = list(dict.fromkeys(one.title for one in operations if one.title and not one.guards))
    words = [word for one in operations for word in one.guards.never_say]
    parts = [*fresh[:1], *([f"never say “{words[0]}”"] if words else [])]
    if parts:
        return parts
    if corrected := [one.directive for one in operations if one.answer]:
        return [f"a corrected answer in {_named(corrected[0])}"]
    more = sorted({one.directive for one in operations if one.change is not Change.REINFORCE and not one.title and not one.guards})
    return [f"more examples for {_named(more[0])}"] if more else []


def _named(directive: DirectiveId) -> str:
    return directive.split("/")[1].replace("-", " ")
