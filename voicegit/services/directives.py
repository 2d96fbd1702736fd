"""A person writes a directive, edits one, or retires it: each becomes a proposal, like anything that was distilled."""

import re
import unicodedata
from collections.abc import Sequence

from voicegit.domain import directive as directives
from voicegit.domain import directive_text
from voicegit.domain.directive import Directive, Kind, Status
from voicegit.domain.ids import DirectiveId, ProposalId
from voicegit.domain.people import Person
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Workspace
from voicegit.services import review


def found(workspace: Workspace, name: DirectiveId) -> Directive:
    """The directive as it is live. Raises `NotFound`."""
    known = workspace.directives.serving().get(name)
    if known is None:
        raise NotFound(f"There is no directive '{str(name)[:80]}'. The list shows those there are.")
    return known


def matching(workspace: Workspace, words: str) -> list[Directive]:
    """The directives in whose title, topics or text every one of these words stands, whatever its case; all of them without words."""
    wanted = words.casefold().split()
    return [one for one in workspace.directives.serving().directives if all(word in f"{one.title} {one.source}".casefold() for word in wanted)]


def propose(workspace: Workspace, name: DirectiveId, text: str, *, by: Person, why: str = "", fresh: bool = False) -> ProposalId:
    """Proposes this text for that file. Raises `Invalid` with findings and their lines, `Conflict` when a fresh one would take the place of another."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    read, findings = directives.read(f"{name}.md", text.encode("utf-8", "replace"))
    if read is None:
        raise Invalid(f"This cannot be proposed yet: {findings[0].problem} (line {findings[0].line}). {findings[0].remedy}. Nothing was saved.", findings)
    known = workspace.directives.serving().get(name)
    if fresh and known is not None:
        raise Conflict(f"“{known.title}” has this name already. Edit that one, or choose another title.")
    title = f"{read.title}: written by hand" if known is None else f"{read.title}: edited by hand"
    return review.propose(workspace, {f"{name}.md": text.encode()}, title=title, by=by, why=why)


def retire(workspace: Workspace, name: DirectiveId, *, by: Person, why: str) -> ProposalId:
    """Proposes that a directive is kept but not used any more. Raises `Invalid` without the reason."""
    if not why.strip():
        raise Invalid("Retiring a directive needs its reason: whoever decides on it reads it. Say why, in a sentence.")
    known = found(workspace, name)
    if known.status is Status.RETIRED:
        raise Conflict(f"“{known.title}” is retired already.")
    text = directive_text.set_status(known.source, Status.RETIRED)
    return review.propose(workspace, {known.path: text.encode()}, title=f"Retire: {known.title}", by=by, why=why)


def name_for(kind: Kind, title: str) -> DirectiveId:
    """The file's name for a title: its words in a-z, 0-9 and hyphens. Raises `Invalid` when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")
    if not slug:
        raise Invalid("The title needs at least one letter from a to z or a digit: the file is named after it.")
    return DirectiveId(f"{kind.value}/{slug}")


def kinds() -> Sequence[Kind]:
    return list(Kind)
