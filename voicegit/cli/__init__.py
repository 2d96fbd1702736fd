"""The command line: parse, call one service, print. Commands are imported when they run, so that `--help` answers at once."""

import importlib
import os
from pathlib import Path
from typing import Any

import click

from voicegit import __version__

_SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Begin": {
        "init": ("workspace", "Make a workspace for one business."),
        "demo": ("demo", "Play the whole story on a fresh workspace."),
        "serve": ("serve", "Run the web service and the background work."),
        "status": ("workspace", "What is in force, who waits, what is proposed."),
        "doctor": ("workspace", "Look for trouble and say what to do."),
    },
    "Customers": {
        "chat": ("customer", "Be a customer, in this terminal."),
        "say": ("customer", "Send one message as a customer."),
        "try": ("playground", "What would it say? Nothing is sent or kept."),
        "customer": ("customer", "Customer records: set, show, list."),
        "site": ("site", "Where customers write: the chat page and the widget."),
    },
    "People": {
        "people": ("people", "Who works here: add, list."),
        "token": ("people", "Tokens for programs: add, list, revoke."),
        "notify": ("notify", "Who is told when nobody is at the page: list, test."),
        "inbox": ("inbox", "Who waits for a person, and why."),
        "show": ("inbox", "Read a conversation."),
        "claim": ("inbox", "Hold a summon for five minutes."),
        "reply": ("inbox", "Answer a customer in your own words."),
        "undo": ("inbox", "Take back a reply within five seconds."),
        "note": ("inbox", "Leave a note for the team."),
        "handback": ("inbox", "Give the conversation back to the model."),
        "resolve": ("inbox", "End a conversation."),
        "feedback": ("inbox", "Say of a reply: good, wrong because …, or better so."),
        "promise": ("promise", "What is promised about wrong replies, and why."),
    },
    "Learning": {
        "mistakes": ("mistakes", "What people caught, and what keeps it from coming back."),
        "distill": ("review", "Turn what people did into a proposal."),
        "propose": ("review", "Propose a change of your own."),
        "extend": ("season", "Propose that a season lasts longer."),
        "proposals": ("review", "The open proposals."),
        "diff": ("review", "What a proposal changes, why, and its checks."),
        "replay": ("replay", "Try a proposal on past questions, against what is live."),
        "approve": ("review", "Make a proposal live."),
        "amend": ("review", "Change a proposal before it is decided."),
        "decline": ("review", "Close a proposal, with the reason."),
        "answer": ("answer", "Say which holds, where a proposal asks."),
    },
    "History": {
        "log": ("history", "What was decided, newest first."),
        "why": ("history", "Why did it say that?"),
        "blame": ("history", "Where each line of a directive comes from."),
        "bisect": ("history", "When did this start? The release that changed the answer."),
        "rollback": ("history", "Take one release back."),
        "restore": ("history", "Bring back what a rollback took."),
    },
    "Files": {
        "lint": ("workspace", "Check directives, in a folder or at a revision."),
        "import": ("transfer", "Read past conversations (JSON lines)."),
        "export": ("transfer", "Write every conversation (JSON lines)."),
        "erase": ("erase", "Forget a customer and all that was said, for good."),
        "redact": ("transfer", "Replace personal data in a text by placeholders."),
    },
}
_COMMANDS = {name: place for section in _SECTIONS.values() for name, place in section.items()}


class _Group(click.Group):
    """Knows every command's name and one line of help without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"voicegit.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, help) for name, (_, help) in commands.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        if args and args[0] not in _COMMANDS:
            raise click.UsageError(f"There is no command {args[0]!r}. 'voicegit --help' lists them.")
        return super().resolve_command(ctx, args)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-C", "folder", type=click.Path(path_type=Path), metavar="DIR", help="The workspace; else VOICEGIT_WORKSPACE, else this folder.")
@click.version_option(__version__, prog_name="voicegit")
@click.pass_context
def cli(ctx: click.Context, folder: Path | None) -> None:
    """Teach an LLM how your business talks to customers, and stay in charge of what it has learned.

    A first round, in a new workspace:

    \b
        voicegit init shop && cd shop
        voicegit say "Do you have anything on Thursday?"
        voicegit inbox
    """
    ctx.obj = folder if folder is not None else Path(os.environ.get("VOICEGIT_WORKSPACE") or ".")
