"""log, why, blame, rollback, restore: what was decided, and taking it back."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option, when
from voicegit.domain.ids import DirectiveId, MessageId
from voicegit.services import history, people, rollback, shapes
from voicegit.services.history import Entry, Why


@click.command("log")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@click.pass_obj
def log_command(root: Path, limit: int, as_json: bool) -> None:
    """What was decided, newest first: releases and rollbacks."""
    with bootstrap.opened(root) as app:
        entries = history.log(app.workspace)[:limit]
    emit([shapes.entry(one) for one in entries], as_json=as_json, words=lambda: "\n".join(map(_line, entries)))


def _line(one: Entry) -> str:
    return f"{one.release[:10]}  {when(one.at)}  {one.kind.value:8}  {one.title}  ({one.by})"


@click.command("why")
@click.argument("message")
@json_option
@click.pass_obj
def why_command(root: Path, message: str, as_json: bool) -> None:
    """Why did it say that? The lines behind a reply, the conversations that taught them, and who approved."""
    with bootstrap.opened(root) as app:
        found = history.why(app.workspace, MessageId(message))
    emit(shapes.why(found), as_json=as_json, words=lambda: _why_words(found))


def _why_words(found: Why) -> str:
    lines = [f"“{found.message.text}”", f"  said at revision {found.turn.revision[:10]} by {found.turn.model}, {found.turn.confidence:.0%} sure"]
    if not found.sources:
        lines.append("  No single directive covers it; it was written under the voice rules and the facts in force.")
    shown: set[str] = set()
    for one in found.sources:
        lines.append(f"  {one.directive}:{one.line}  {one.text}")
        if one.entry.release not in shown:
            shown.add(one.entry.release)
            verb = "came with the workspace" if one.entry.kind == "init" else f"approved by {one.entry.by} on {when(one.entry.at)}"
            lines.append(f"      {verb}: “{one.entry.title}” ({one.entry.release[:10]})")
            lines += [f"      taught in {talk} by {', '.join(found.taught.get(talk) or ('nobody known any more (erased)',))}" for talk in one.conversations]
    return "\n".join(lines)


@click.command("blame")
@click.argument("directive")
@json_option
@click.pass_obj
def blame_command(root: Path, directive: str, as_json: bool) -> None:
    """Where each line of a directive comes from: the release, who approved it, the conversations behind it."""
    with bootstrap.opened(root) as app:
        sources = history.blame(app.workspace, DirectiveId(directive.removesuffix(".md")))
    emit(
        [shapes.source(one) for one in sources],
        as_json=as_json,
        words=lambda: "\n".join(f"{one.entry.release[:10]}  {one.entry.by[:14]:14}  {one.line:3}  {one.text}" for one in sources),
    )


@click.command("rollback")
@click.argument("release")
@click.option("--reason", default="", help="Why; it stands in the commit.")
@as_option
@json_option
@click.pass_obj
def rollback_command(root: Path, release: str, reason: str, as_person: str | None, as_json: bool) -> None:
    """Take one release back, however old; what came later stays. If later changes touch the same lines, a proposal asks you."""
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        done = rollback.rollback(app.workspace, app.workspace.directives.resolve(release), by=by, reason=reason)
    emit({"release": done}, as_json=as_json, words=lambda: f"Taken back as {done[:10]}. To bring it back: 'voicegit restore {done[:10]}'.")


@click.command("restore")
@click.argument("release")
@as_option
@json_option
@click.pass_obj
def restore_command(root: Path, release: str, as_person: str | None, as_json: bool) -> None:
    """Bring back what a rollback took; RELEASE is the rollback or the release that it took back."""
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        done = rollback.restore(app.workspace, app.workspace.directives.resolve(release), by=by)
    emit({"release": done}, as_json=as_json, words=lambda: f"Live again as {done[:10]}.")
