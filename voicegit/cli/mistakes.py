"""mistakes: what people caught."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import emit, json_option
from voicegit.domain.mistake import Mistake
from voicegit.services import mistakes, shapes

SHOWN = 100
"""Characters of a text that a line shows; the JSON answer has all of it."""


@click.command("mistakes")
@click.option("--all", "closed", is_flag=True, help="Also those that a release has addressed.")
@json_option
@click.pass_obj
def mistakes_command(root: Path, closed: bool, as_json: bool) -> None:
    """What people found wrong, and what keeps it from coming back; what came back most often first.

    A reply that would make one of these again, to a question like the one it was caught at, is asked anew once; then a person is called.
    """
    with bootstrap.opened(root) as app:
        found = mistakes.listed(app.workspace, closed=closed)
    emit([shapes.mistake(one) for one in found], as_json=as_json, words=lambda: "\n\n".join(map(_words, found)) or "No mistake is open.")


def _words(one: Mistake) -> str:
    lines = [f"To “{_short(one.question)}” it said “{_short(one.wrong)}”", f"  wrong: {one.why}"]
    lines += [f"  better: “{_short(one.better)}”"] if one.better else []
    lines.append(f"  caught {len(one.signals)}×, made again {one.again}×, held back {one.stopped}×")
    lines.append(f"  addressed by release {one.closed_by[:10]}" if one.closed_by else "  open: replies like it are held back until a release addresses it")
    return "\n".join(lines)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1].rstrip()}…"
