"""docs/commands.md, written from the commands' own help. `python -m tests.commands_page` writes it; a test compares."""

from pathlib import Path

import click


def written(group: click.Group) -> str:
    context = click.Context(group, info_name="voicegit", **group.context_settings)
    parts = ["# All commands\n\nEvery command takes `--json` for machines where it answers with data; `-C DIR` names the workspace.\n"]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        parts += _page(command, f"voicegit {name}", context)
    return "\n".join(parts)


def _page(command: click.Command, name: str, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=name.rsplit(maxsplit=1)[-1], parent=parent, max_content_width=100, terminal_width=100)
    parts = [f"## {name}\n\n```\n{command.get_help(context).rstrip()}\n```\n"]
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert found is not None
            parts += _page(found, f"{name} {sub}", context)
    return parts


if __name__ == "__main__":
    from voicegit.cli import cli

    (Path(__file__).parent.parent / "docs" / "commands.md").write_text(written(cli), "utf-8")
