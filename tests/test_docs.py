"""The documentation is true: its sessions are run, its tables are complete, its links lead somewhere."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from voicegit.cli import _COMMANDS, cli
from voicegit.config import Settings

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def sessions(page: Path) -> list[str]:
    return re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def steps(session: str) -> list[tuple[str, str]]:
    """Each command and what the page says it prints."""
    parts = re.split(r"(?m)^\$ ", session)[1:]
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in parts]


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if sessions(page)], ids=lambda page: page.name)
def test_the_sessions_shown_come_out_as_shown(page: Path, tmp_path: Path) -> None:
    """One shell for a page's sessions; `…` stands for anything."""
    binary = tmp_path / "bin"
    binary.mkdir()
    script = binary / "voicegit"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m voicegit "$@"\n')
    script.chmod(0o755)
    folder = tmp_path / "work"
    folder.mkdir()
    for command, expected in [step for session in sessions(page) for step in steps(session)]:
        done = subprocess.run(
            ["bash", "-c", f"{command}\nstatus=$?; pwd > {tmp_path}/pwd; exit $status"],
            cwd=folder,
            env={**os.environ, "PATH": f"{binary}:{os.environ['PATH']}", "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        pattern = ".*?".join(re.escape(part) for part in expected.rstrip().split("…"))
        assert re.fullmatch(pattern, done.stdout.rstrip(), re.DOTALL), f"$ {command}\n{done.stdout}"
        folder = Path((tmp_path / "pwd").read_text().strip())


def test_every_command_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert [name for name in _COMMANDS if f"## voicegit {name}" not in page] == []


def test_the_page_of_commands_is_what_help_says() -> None:
    from tests.commands_page import written

    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == written(cli), "Run: python -m tests.commands_page"


def test_every_setting_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "design.md").read_text("utf-8")
    assert [one.name for one in fields(Settings) if f"| `{one.name}` | `{one.default}` | {one.metadata['help']} |" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []
