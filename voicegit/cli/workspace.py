"""init, status, lint, doctor."""

import getpass
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click

from voicegit import bootstrap
from voicegit.adapters import folder
from voicegit.cli.output import emit, json_option
from voicegit.domain import tree
from voicegit.errors import Invalid
from voicegit.services import doctor, status


@click.command("init")
@click.argument("folder_name", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help="The business's name, for policy.toml.")
@click.option("--owner", help="The first person, who may decide everything; else your login name.")
@click.option("--from", "source", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A folder of directives to begin with; else the starter.")
@json_option
def init_command(folder_name: Path, name: str | None, owner: str | None, source: Path | None, as_json: bool) -> None:
    """Make a workspace for one business in DIR: its directives (git), its database, its owner.

    \b
        voicegit init shop --name "Sparkle Home Cleaning" --owner Maria
    """
    person = owner or getpass.getuser()
    revision = bootstrap.create_workspace(folder_name.absolute(), owner=person, name=name, source=source)
    value = {"workspace": str(folder_name), "revision": revision, "owner": person}
    emit(
        value,
        as_json=as_json,
        words=lambda: (
            f"{folder_name} is ready. Its owner is {person}.\n"
            f'Next: voicegit -C {folder_name} say "Do you have anything on Thursday?"\n'
            f"      voicegit -C {folder_name} serve"
        ),
    )


@click.command("status")
@json_option
@click.pass_obj
def status_command(root: Path, as_json: bool) -> None:
    """What is in force, who waits for a person, what is proposed."""
    with bootstrap.opened(root) as app:
        found = status.look(app.workspace)
    emit(found.as_dict(), as_json=as_json, words=found.in_words)


@click.command("lint")
@click.argument("place", metavar="[PATH|REV]", required=False)
@json_option
@click.pass_obj
def lint_command(root: Path, place: str | None, as_json: bool) -> None:
    """Check directives: a folder, a revision of the workspace, or (without PATH) what is live. Exit code 1 when something is wrong.

    \b
        voicegit lint ./my-directives
        voicegit -C shop lint p-3
    """
    path = Path(place) if place else None
    if path is not None and path.is_dir():
        entries = folder.entries(path)
    else:
        with bootstrap.opened(root) as app:
            entries = app.workspace.directives.entries(_revision(app, place))
    directives, _, findings = tree.lint(entries)
    value = {"files": len(entries), "findings": [vars(finding) for finding in findings]}
    if findings and not as_json:
        raise Invalid(f"{len(findings)} problem{'s' if len(findings) > 1 else ''} in {len(entries)} files:", findings)
    emit(value, as_json=as_json, words=lambda: f"{len(entries)} files, {len(directives)} directives: all of it can be served.")
    if findings:
        raise SystemExit(1)


def _revision(app: bootstrap.App, place: str | None) -> Any:
    directives = app.workspace.directives
    if place is None:
        return directives.head()
    branch = next((one for one in directives.proposals() if one.proposal == place), None)
    return branch.head if branch is not None else directives.resolve(place)


@click.command("doctor")
@json_option
@click.pass_obj
def doctor_command(root: Path, as_json: bool) -> None:
    """Look for trouble in the workspace and on this machine; each finding says what to do. Exit code 1 when something is wrong."""
    with bootstrap.opened(root) as app:
        checked = [_git(), *doctor.examine(app.workspace), app.database.examine(), *app.directives.examine()]
    value = [{"check": name, "ok": ok, "says": says} for name, ok, says in checked]
    emit(value, as_json=as_json, words=lambda: "\n".join(f"{'ok ' if ok else 'NO '} {name}: {says}" for name, ok, says in checked))
    if not all(ok for _, ok, _ in checked):
        raise SystemExit(1)


def _git() -> tuple[str, bool, str]:
    git = shutil.which("git")
    if git is None:
        return "git", False, "git is not installed. Install git 2.38 or newer."
    version = subprocess.run([git, "version"], capture_output=True, text=True, check=False).stdout.split()[-1]
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    return "git", numbers >= (2, 38), f"version {version}" + ("" if numbers >= (2, 38) else "; 2.38 or newer is needed")
