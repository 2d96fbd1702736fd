"""The words of the commits that proposals, releases and rollbacks are.

Trailers are decoration, never authority. What a model or a person wrote is indented, so that none of it can pass for a trailer of ours,
and our block comes last.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from voicegit.domain.directive import hidden_characters
from voicegit.domain.ids import ConversationId, DirectiveId, DistillationId, PersonId, ProposalId, Revision
from voicegit.domain.operation import Operation

MAIN = "refs/heads/main"


def branch(proposal: ProposalId) -> str:
    return f"refs/heads/proposal/{proposal}"


def closed(proposal: ProposalId) -> str:
    return f"refs/voicegit/closed/{proposal}"


def headline(text: str) -> str:
    """The first line of a commit: one line of at most 100 visible characters."""
    hidden = {code for _, code in hidden_characters(text)}
    shown = "".join(char for char in text if f"U+{ord(char):04X}" not in hidden)
    flat = " ".join(shown.split()).lstrip("#")
    return (flat if len(flat) <= 100 else flat[:99].rstrip() + "…") or "A change"


def message(title: str, prose: Iterable[str], trailers: Sequence[tuple[str, str]]) -> str:
    """A commit message: title, indented prose, our trailers."""
    body = "\n".join(f"  {line}".rstrip() for paragraph in prose for line in paragraph.replace("\r", "\n").split("\n"))
    block = "\n".join(f"{name}: {' '.join(value.split())}" for name, value in trailers)
    return "\n\n".join(part for part in (headline(title), body, block) if part) + "\n"


def proposed(
    proposal: ProposalId,
    *,
    title: str,
    operations: Sequence[Operation],
    evidence: Mapping[DirectiveId, Sequence[ConversationId]],
    distillation: DistillationId | None = None,
) -> str:
    """What the commit of a distillation's proposal says."""
    trailers = [("Proposal", str(proposal)), *([("Distillation", str(distillation))] if distillation else [])]
    trailers += list(dict.fromkeys(("Operation", str(operation)) for operation in operations))
    trailers += [("Evidence", f"{directive} {conversation}") for directive in sorted(evidence) for conversation in dict.fromkeys(evidence[directive])]
    return message(title, [f"{operation}: {operation.why}" for operation in operations], trailers)


def released(proposal: ProposalId, *, title: str, by: PersonId, base: Revision, head: Revision) -> str:
    return message(title, [], [("Proposal", proposal), ("Approved-by", by), ("Base", base), ("Head", head)])


def taken_back(title: str, *, release: Revision, by: PersonId, reason: str) -> str:
    return message(f"Undo: {title}", [reason] if reason else [], [("Reverts", release), ("Approved-by", by)])


def restored(title: str, *, rollback: Revision, by: PersonId) -> str:
    return message(f"Restore: {re.sub(r'^(Undo: )+', '', title)}", [], [("Reverts", rollback), ("Approved-by", by)])
