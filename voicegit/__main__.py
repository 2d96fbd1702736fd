"""`voicegit` and `python -m voicegit`: one place turns errors into words and exit codes."""

import json
import sys
import tempfile
import traceback
import uuid
from pathlib import Path


def main() -> None:
    """Exit codes: 0 done, 1 refused with the reason, 2 wrong usage, 3 a bug of ours (with an incident number)."""
    import click

    from voicegit.cli import cli
    from voicegit.errors import VoicegitError

    as_json = "--json" in sys.argv
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except VoicegitError as exc:
        _tell(exc, as_json=as_json)
        sys.exit(1)
    except click.ClickException as exc:
        exc.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        print("Stopped. Everything up to here is kept.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as exc:  # noqa: BLE001 - the last place: a person must never meet a traceback
        number = uuid.uuid4().hex[:8]
        place = Path(tempfile.gettempdir()) / f"voicegit-incident-{number}.txt"
        # Kinds and places, no message: it could hold somebody's words.
        place.write_text(f"{type(exc).__name__}\n{''.join(traceback.format_tb(exc.__traceback__))}", "utf-8")
        print(f"This is a bug in voicegit, not your doing. Incident {number}: the details are in {place}. Nothing half-done was kept.", file=sys.stderr)
        sys.exit(3)


def _tell(exc: Exception, *, as_json: bool) -> None:
    title, message = getattr(exc, "title", ""), getattr(exc, "message", str(exc))
    findings = [str(finding) for finding in getattr(exc, "findings", ())]
    if as_json:
        print(json.dumps({"error": title, "detail": message, "findings": findings}, ensure_ascii=False), file=sys.stderr)
        return
    print(message, file=sys.stderr)
    for finding in findings:
        print(f"  {finding}", file=sys.stderr)


if __name__ == "__main__":
    main()
