"""notify: the channels, and a message to try them with."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import emit, json_option, progress
from voicegit.domain.notice import NoticeState
from voicegit.services import notify, shapes


@click.group("notify")
def notify_command() -> None:
    """Who is told that a customer waits, when nobody is at the page. The channels stand in voicegit.toml; docs/notifications.md says how."""


@notify_command.command("list")
@json_option
@click.pass_obj
def notify_list_command(root: Path, as_json: bool) -> None:
    """The channels in the order of the ladder, and whether the last message arrived. Addresses are secrets: only their kind is shown."""
    with bootstrap.opened(root) as app:
        states = notify.channels(app.workspace)
        zone = app.workspace.directives.serving().policy.business.timezone
    emit(
        [shapes.channel(state) for state in states],
        as_json=as_json,
        words=lambda: (
            "\n".join(
                f"{one.channel.name} ({one.channel.masked}) {f'after {one.channel.after_minutes} min' if one.channel.after_minutes else 'at once'}"
                f"{f', {one.channel.person}' if one.channel.person else ''}: {one.in_words(zone)}"
                for one in states
            )
            or "Nobody is told outside the pages. Write a [[notify]] table into voicegit.toml."
        ),
    )


@notify_command.command("test")
@click.argument("name", required=False)
@json_option
@click.pass_obj
def notify_test_command(root: Path, name: str | None, as_json: bool) -> None:
    """Send a test message through the channel NAME, or through each. Exit code 1 when one did not arrive.

    \b
        voicegit notify test "Maria's phone"
    """
    with bootstrap.opened(root) as app:
        names = [name] if name is not None else [channel.name for channel in app.workspace.notifier.channels]
        done = []
        for one in names:
            progress(f"Sending to {one} …")
            done.append(notify.test(app.workspace, one))
    emit(
        [shapes.notice(one) for one in done],
        as_json=as_json,
        words=lambda: (
            "\n".join(f"{one.channel}: {'sent, its server took it' if one.state is NoticeState.SENT else f'NOT SENT. {one.problem}'}" for one in done)
            or "There is no channel to test. Write a [[notify]] table into voicegit.toml."
        ),
    )
    if not done or any(one.state is not NoticeState.SENT for one in done):
        raise SystemExit(1)
