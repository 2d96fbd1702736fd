"""demo: makes a workspace, starts the service, plays the story against it, and leaves the service up."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from voicegit import bootstrap, config, resources
from voicegit.cli.story import BRONX, BRONX_ANSWER, Played, Story, answers
from voicegit.domain.token import Scope
from voicegit.errors import Unavailable
from voicegit.services import people, token

STARTING = 60.0
"""Seconds the service may take to answer, on a slow machine with a cold disk."""


@click.command("demo")
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where the workspace is made; else a new folder that is removed afterwards.")
@click.option("--headless", is_flag=True, help="Play the story and stop; exit code 1 when a step came out differently.")
@click.option("--model", type=click.Choice(["local", "anthropic"]), default="local", show_default=True, help="anthropic needs ANTHROPIC_API_KEY.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Where the service listens; the next free one is taken.")
def demo_command(folder: Path | None, headless: bool, model: str, port: int) -> None:
    """Play the whole story: a message answered, a person called, a lesson learned, approved, used, explained and taken back.

    A home-cleaning business, a running service, the embedded model: no key, no network.
    """
    temporary = Path(tempfile.mkdtemp(prefix="voicegit-demo-"))
    root = (folder or temporary / "workspace").absolute()
    # Ended politely, it takes the service it started with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        bootstrap.create_workspace(root, owner="Maria", source=_starter(temporary))
        with _service(root, model, port) as address:
            played = _play(root, model, address)
            click.echo(f"\n{played.kept} steps came out as told" + (f", {len(played.broken)} did not:" if played.broken else "."))
            for step in played.broken:
                click.echo(f"  {step}")
            if not headless:
                _stay(root, address, ", and the workspace is gone; keep one with --dir" if folder is None else "")
        sys.exit(1 if played.broken else 0)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _starter(folder: Path) -> Path:
    """The starter, answering at once (in a demo nobody writes in bursts), with one answer more."""
    source = folder / "starter"
    shutil.copytree(resources.starter(), source)
    areas = source / "facts" / "areas.md"
    areas.write_text(f"{areas.read_text('utf-8')}\n> **Customer:** {BRONX}\n>\n> **Us:** {BRONX_ANSWER}\n", "utf-8")
    policy = source / "policy.toml"
    policy.write_text(policy.read_text("utf-8").replace("burst_seconds = 2.0", "burst_seconds = 0.0"), "utf-8")
    return source


def _play(root: Path, model: str, address: str) -> Played:
    with bootstrap.opened(root, provider=model) as app:
        owner = people.named(app.workspace, None)
        _, customer = token.issue(app.workspace, "the demo's customers", scope=Scope.CUSTOMER)
        _, operator = token.issue(app.workspace, "the demo's owner", scope=Scope.OPERATOR, person=owner)
        return Story(app.workspace, owner, address, customer=customer, operator=operator, exact=model == "local").play()


def _stay(root: Path, address: str, gone: str) -> None:
    told = (root / "serve.log").read_text("utf-8")
    sign_in = next((word for word in told.split() if "/sign-in?" in word), f"{address}/inbox")
    click.echo(f"\nThe service is still up. Open {sign_in}\n(it signs you in as Maria, once); then be a customer yourself: {address}/try")
    click.echo(f"The workspace is {root}. In another terminal: {Path(sys.executable).with_name('voicegit')} -C {root} log\nCtrl-C ends it{gone}.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo("\nStopped.")


@contextmanager
def _service(root: Path, model: str, port: int) -> Iterator[str]:
    """`voicegit serve` as its own process, answering; ended when the block ends."""
    with (root / "serve.log").open("wb") as log:
        process, address = _started(root, model, port, log)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _started(root: Path, model: str, port: int, log: IO[bytes]) -> tuple["subprocess.Popen[bytes]", str]:
    """Another program may take the port between the look and the start: then the next one is tried. What answers has to be this workspace's service."""
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        free = _free(port)
        command = [sys.executable, "-m", "voicegit", "-C", str(root), "serve", "--port", str(free)]
        process = subprocess.Popen(command, env={**os.environ, "VOICEGIT_PROVIDER": model}, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{free}"
        while process.poll() is None and time.monotonic() < until:
            if (root / config.SERVED).is_file() and answers(f"{address}/readyz"):
                return process, address
            time.sleep(0.1)
        process.terminate()
        process.wait(timeout=20)
        if (root / config.SERVED).is_file():
            break
        port = free + 1
    raise Unavailable(f"The service did not start. What it said: {(root / 'serve.log').read_text()[-800:]}")


def _free(port: int) -> int:
    import socket

    for candidate in range(port, min(port + 50, 65536)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise Unavailable(f"No port from {port} on is free. Choose another with --port.")
