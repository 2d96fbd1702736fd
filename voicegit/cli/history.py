"""log, why, blame, bisect, rollback, restore: what was decided, and taking it back."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option, progress, when
from voicegit.domain.ids import DirectiveId, MessageId
from voicegit.domain.tried import Tried
from voicegit.services import bisect, history, people, playground, rollback, shapes
from voicegit.services.bisect import Began
from voicegit.services.history import Entry, EntryKind, Source, Why
from voicegit.services.trace import How


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
    line = f"{one.release[:10]}  {when(one.at)}  {one.kind.value:8}  {one.title}  ({one.by})"
    return f"{line}\n            although past answers get worse: “{one.despite}”" if one.despite else line


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
    if found.holding:
        return f"“{found.message.text}”\n  sent while a person was called: it is 'holding_line' of policy.toml, at revision {found.turn.revision[:10]}"
    lines = [f"“{found.message.text}”", f"  said at revision {found.turn.revision[:10]} by {found.turn.model}, {found.turn.confidence:.0%} sure"]
    if found.covering and found.erased:
        lines.append(f"  The words are erased, so which lines they rested on is not known any more. {found.covering} covered it at that revision.")
    elif not found.sources:
        lines.append("  No single directive covers it; it was written under the voice rules and the facts in force.")
    shown: set[tuple[object, ...]] = set()
    for one in found.sources:
        lines.append(f"  {one.directive}:{one.line}  {one.text}")
        if _chain(one) not in shown:
            shown.add(_chain(one))
            lines += [f"      {words}" for words in _origin(one, found)]
            for before in one.earlier:
                lines.append(f"      before that it said: {before.text.strip()}")
                lines += [f"          {words}" for words in _origin(before, found)]
    return "\n".join(lines)


def _chain(one: Source) -> tuple[object, ...]:
    """What is told of where a line comes from: told once of the lines that share it."""
    return (one.entry.release, one.was, one.passed, one.conversations, tuple(map(_chain, one.earlier)), tuple(before.text for before in one.earlier))


PASSED = {How.MOVED: "moved here", How.MARKED: "written otherwise, in the same words,", How.RESTORED: "put back"}


def _origin(one: Source, found: Why) -> list[str]:
    """The steps from a line to the people who taught it."""
    lines = [f"{PASSED[step.how]} by {step.entry.by} on {when(step.entry.at)}: “{step.entry.title}”" for step in one.passed]
    entry = one.entry
    verb = "came with the workspace" if entry.kind is EntryKind.INIT else f"approved by {entry.by} on {when(entry.at)}"
    lines.append(f"{verb}: “{entry.title}” ({f'{entry.proposal}, ' if entry.proposal else ''}{entry.release[:10]})")
    for talk in one.conversations:
        told = found.taught[talk]
        by = f" by {', '.join(told.people)}" if told.people else ""
        lines.append(f"taught in {talk}{by}{': erased' if told.erased else ''}")
    if not one.conversations and entry.kind is not EntryKind.INIT:
        lines.append("written by hand: no conversation taught it")
    return lines


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


@click.command("bisect")
@click.argument("message")
@json_option
@click.pass_obj
def bisect_command(root: Path, message: str, as_json: bool) -> None:
    """When did this start? Asks what MESSAGE answered again under older directives, and names the release that changed the answer.

    MESSAGE is a reply of the model, or what a customer wrote: then also why a person is called can be dated.

    Of n releases it needs log2(n) and two to begin with; up to four more where something was taken back. Nothing is sent or kept.
    A model that is not local is asked several times each, and charges.

    \b
        voicegit bisect 01a1feb6-0f3d-7c2e-9d1b-5a3e8f4b2c10
    """
    with bootstrap.opened(root) as app:
        asked = MessageId(message)
        if playground.charges(app.workspace, app.workspace.directives.head()):
            progress(f"The model is asked at most {bisect.expected(app.workspace, asked)} times, and charges for it.")
        found = bisect.bisect(app.workspace, asked, progress=lambda done, most: progress(f"asked under {done} revisions of at most {most}"))
    emit(shapes.began(found), as_json=as_json, words=lambda: _began(found))


def _began(found: Began) -> str:
    lines = [f"Customer: {found.asked.text}", f"Answer: {_tried(found.now.tried)}"]
    if not found.as_said:
        lines.append(
            f"  (asked again under the same directives, it does not do what it did then: {f'“{found.said}”' if found.said else 'a person was called'})"
        )
    if found.release is None or found.before is None:
        all_of_them = found.asked_under >= found.releases
        lines.append("It was always answered so: no release changed it." if all_of_them else "It was answered so under each that was asked, the first one too.")
    else:
        one = found.release
        named = f"“{one.title}” ({f'{one.proposal}, ' if one.proposal else ''}{one.release[:10]})"
        undo = one.kind is EntryKind.ROLLBACK
        how = f"{named}, {'taken back' if undo else 'approved'} by {one.by} on {when(one.at)}."
        lines.append(f"It was answered so at first, otherwise in between, and so again since {how}" if found.again else f"It began with {how}")
        lines += [f"Before: {_tried(found.before.tried)}", f"To take it back: 'voicegit {'restore' if undo else 'rollback'} {one.release[:10]}'."]
    if not found.clear:
        lines.append("The model did not answer the same way each time, and once no answer had more than half of the tries: look at it twice.")
    lines.append(f"{found.asked_under} replays of {found.releases} releases, {found.tries} questions to the model.")
    return "\n".join(lines)


def _tried(one: Tried) -> str:
    return one.text if one.answers else f"a person is called ({'; '.join(reason.words for reason in one.reasons)})"


@click.command("rollback")
@click.argument("release")
@click.option("--reason", default="", help="Why; it stands in the commit.")
@as_option
@json_option
@click.pass_obj
def rollback_command(root: Path, release: str, reason: str, as_person: str | None, as_json: bool) -> None:
    """Take one release back, however old; what came later stays. If later changes touch the same lines, a proposal asks you.

    RELEASE is its id, or the proposal that it was.
    """
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        done = rollback.rollback(app.workspace, history.named(app.workspace, release), by=by, reason=reason)
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
        done = rollback.restore(app.workspace, history.named(app.workspace, release), by=by)
    emit({"release": done}, as_json=as_json, words=lambda: f"Live again as {done[:10]}.")
