"""mistakes: what people caught, and closing what cannot come back."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.domain.ids import MistakeId
from voicegit.domain.mistake import Mistake
from voicegit.services import mistakes, people, shapes

SHOWN = 100
"""Characters of a text that a line shows; the JSON answer has all of it."""


@click.group("mistakes", invoke_without_command=True)
@click.option("--all", "closed", is_flag=True, help="Also those that are closed.")
@json_option
@click.pass_context
def mistakes_command(context: click.Context, closed: bool, as_json: bool) -> None:
    """What people found wrong, and what keeps it from coming back; what came back most often first.

    A reply that would make one of these again, to a question like the one it was caught at, is asked anew once; then a person is called.
    """
    if context.invoked_subcommand is not None:
        return
    with bootstrap.opened(context.obj) as app:
        found = mistakes.listed(app.workspace, closed=closed)
    emit([shapes.mistake(one) for one in found], as_json=as_json, words=lambda: "\n\n".join(map(_words, found)) or "No mistake is open.")


@mistakes_command.command("close")
@click.argument("mistake")
@click.option("--because", required=True, help="Why it cannot come back; it stays with the entry.")
@as_option
@json_option
@click.pass_obj
def close_command(root: Path, mistake: str, because: str, as_person: str | None, as_json: bool) -> None:
    """Close MISTAKE, which cannot come back: nothing is held back for it, until somebody catches the same again.

    \b
        voicegit mistakes close 01a1feb6-0f3d-7c2e-9d1b-5a3e8f4b2c10 --because "We do not sell mops any more"
    """
    with bootstrap.opened(root) as app:
        one = mistakes.close(app.workspace, MistakeId(mistake), because=because, by=people.named(app.workspace, as_person))
    emit(shapes.mistake(one), as_json=as_json, words=lambda: _words(one))


@mistakes_command.command("reopen")
@click.argument("mistake")
@as_option
@json_option
@click.pass_obj
def reopen_command(root: Path, mistake: str, as_person: str | None, as_json: bool) -> None:
    """Open MISTAKE again that somebody closed."""
    with bootstrap.opened(root) as app:
        one = mistakes.reopen(app.workspace, MistakeId(mistake), by=people.named(app.workspace, as_person))
    emit(shapes.mistake(one), as_json=as_json, words=lambda: _words(one))


def _words(one: Mistake) -> str:
    lines = [f"To “{_short(one.question)}” it said “{_short(one.wrong)}”", f"  wrong: {one.why}"]
    lines += [f"  better: “{_short(one.better)}”"] if one.better else []
    lines.append(f"  caught {len(one.signals)}×, made again {one.again}×, held back {one.stopped}×")
    lines += [f"  {_state(one)}", *(f"  prevented by: {_short(str(each))}" for each in one.prevented_by)]
    return "\n".join([*lines, f"  {one.id}"])


def _state(one: Mistake) -> str:
    if one.closed_by:
        return f"addressed by release {one.closed_by[:10]}"
    if one.because:
        return f"closed: “{_short(one.because)}”"
    return "closed" if one.closed_at else "open: replies like it are held back until a release addresses it, or 'voicegit mistakes close' does"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1].rstrip()}…"
