"""import, export, redact: conversations in and out, and texts without personal data."""

import gzip
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.errors import Invalid
from voicegit.services import people, redaction, transfer

SHOWN = 20
"""Bad lines that are printed; the JSON answer has all of them."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_option
@json_option
@click.pass_obj
def import_command(root: Path, file: Path, as_person: str | None, as_json: bool) -> None:
    """Read past conversations from JSON lines (.gz too). What an agent wrote there teaches as a takeover does.

    \b
        {"id": "1", "turns": [{"role": "customer", "text": "…"}, {"role": "agent", "text": "…"}]}
    \b
    A line may also have "customer": a name, or a record with name, contacts, notes and fields.

    The same id again is left alone. Bad lines are named by number; the good ones are kept.
    """
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        with click.progressbar(length=file.stat().st_size, label="Reading", file=sys.stderr, hidden=as_json) as bar:
            counted = transfer.take_in(app.workspace, _lines(file, bar), by=by)
    value = {
        "conversations": counted.conversations,
        "messages": counted.messages,
        "takeovers": counted.takeovers,
        "known_already": counted.known_already,
        "skipped_roles": counted.skipped_roles,
        "bad": [{"line": line, "problem": problem} for line, problem in counted.bad],
    }
    words = [f"{counted.conversations} conversations with {counted.messages} messages; {counted.takeovers} answers of people teach."]
    words += [f"{counted.known_already} were here already."] if counted.known_already else []
    words += [f"{counted.skipped_roles} turns were neither a customer's nor an agent's and were passed over."] if counted.skipped_roles else []
    words += [f"  line {line}: {problem}" for line, problem in counted.bad[:SHOWN]]
    words += [f"  and {len(counted.bad) - SHOWN} more bad lines"] if len(counted.bad) > SHOWN else []
    emit(value, as_json=as_json, words=lambda: "\n".join(words))
    if counted.bad and not counted.conversations and not counted.known_already:
        raise Invalid(f"No line of {file.name} could be used. Each line has to be one conversation: see 'voicegit import --help'.")


def _lines(file: Path, bar: Any) -> Iterator[str]:
    with file.open("rb") as raw, gzip.open(raw) if file.suffix == ".gz" else nullcontext(raw) as opened:
        read = 0
        try:
            for line in opened:
                bar.update(raw.tell() - read)
                read = raw.tell()
                yield line.decode("utf-8", "replace")
        except (OSError, EOFError) as exc:
            raise Invalid(f"{file.name} breaks off or is no gzip file. What was read before is kept; the import can be repeated.") from exc


@click.command("export")
@click.option("--customer", metavar="CUSTOMER", help="Only what there is of this customer, by name or id.")
@click.option("--redacted", is_flag=True, help="With placeholders for personal data: for whoever is not to know whose it was.")
@click.pass_obj
def export_command(root: Path, customer: str | None, redacted: bool) -> None:
    """Write every conversation as JSON lines to standard output; 'import' reads them again."""
    with bootstrap.opened(root) as app:
        for line in transfer.write_out(app.workspace, customer=customer, redacted=redacted):
            click.echo(line)


@click.command("redact")
@click.option("--name", "names", multiple=True, help="A name to take out; may be given again.")
@click.option("--country", default="US", show_default=True, help="Whose phone and id numbers, as two letters.")
@json_option
def redact_command(names: tuple[str, ...], country: str, as_json: bool) -> None:
    """Replace personal data by placeholders: text, or JSON lines with "text", from standard input to standard output.

    \b
        voicegit redact < letter.txt
        voicegit redact --json < messages.jsonl

    The first line decides which of the two it is. JSON lines keep their other fields as they are. With --json each line is JSON and gets
    "spans" (start, end, type) on the original text. As many lines go out as came in.
    """
    given, out = sys.stdin.buffer, sys.stdout.buffer
    chosen = redaction.Chosen(names, redaction.known_country(country))
    for line in redaction.with_spans(given, chosen) if as_json else redaction.redacted(given, chosen):
        out.write(line)
        out.flush()
