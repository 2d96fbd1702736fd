"""replay: a proposal tried on what was really asked."""

import time
from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import emit, json_option, progress
from voicegit.domain.replay import Kind
from voicegit.domain.replayed import Counts, Replay, Replayed, Side, State, questions
from voicegit.errors import NotFound
from voicegit.ports import Workspace
from voicegit.services import replay, replay_report, replaying
from voicegit.services.replay import Found

PATIENCE = 2.0
"""Seconds of silence after which progress is told."""

EVERY = 1.0


@click.command("replay")
@click.argument("subject", metavar="[PROPOSAL|REVISION]", required=False)
@click.option("--cases", type=click.IntRange(1, 2000), metavar="N", help="Past questions to ask at the most; else as policy.toml says.")
@click.option("--yes", is_flag=True, help="Do not ask before it costs money; the cap in policy.toml holds. Where no price is known, --cases is wanted.")
@json_option
@click.pass_obj
def replay_command(root: Path, subject: str | None, cases: int | None, yes: bool, as_json: bool) -> None:
    """Try a proposal (or any revision) on past questions, against what is live. Nothing is sent, and nothing is learned from it.

    Ctrl-C keeps what is done; the same command goes on. Without a name: the only open proposal.

    \b
        voicegit replay p-7 --cases 40
    """
    with bootstrap.opened(root) as app:
        workspace = app.workspace
        what = replay.subject(workspace, subject or _only(workspace))
        row = replay.unfinished(workspace, what, most=cases)
        if row is None:
            row = replay.plan(workspace, what, most=cases)
            _agree(row, costs=replay_report.charges(workspace, row), yes=yes)
            row = replay.begin(workspace, row)
        if row.cases:
            row = _run(workspace, row)
        found = replay.get(workspace, row.id)
        emit(replay_report.shape(found, workspace), as_json=as_json, words=lambda: _words(found, workspace))


def _only(workspace: Workspace) -> str:
    names = [one.proposal for one in workspace.directives.proposals()]
    if len(names) != 1:
        raise NotFound(f"Name what to replay: {', '.join(names)}." if names else "No proposal is open. Name a revision to compare with what is live.")
    return names[0]


def _agree(planned: Replay, *, costs: bool, yes: bool) -> None:
    """States what it takes, before anything is asked."""
    if not costs or not planned.cases:
        return
    progress(replay_report.price(planned))
    if not yes:
        click.confirm("Ask them?", abort=True, err=True)


def _run(workspace: Workspace, row: Replay) -> Replay:
    begun = said = time.monotonic()

    def told(done: int, of: int, counts: Counts) -> None:
        nonlocal said
        if time.monotonic() - begun > PATIENCE and time.monotonic() - said > EVERY:
            said = time.monotonic()
            progress(f"{done} of {of} cases: {counts}")

    try:
        return replaying.run(workspace, row, told=told)
    except KeyboardInterrupt:
        left = replay.get(workspace, row.id)
        progress(f"Stopped: {left.done} of {len(row.cases)} cases are kept. 'voicegit replay {row.proposal or row.head[:10]}' goes on.")
        raise


def _words(found: Found, workspace: Workspace) -> str:
    asked, row = len(found.summary.cases), found.replay
    before = f" ({asked - found.done} of them asked before)" if asked > found.done else ""
    lines = [f"{row.proposal or row.head[:10]} against what is live, on {questions(asked)}{before}:"]
    if row.state is State.STOPPED:
        lines.insert(0, f"Stopped after {found.done} of {len(row.cases)} cases. {row.problem}".rstrip())
    lines += [f"  {found.summary.tallies}"] if asked else []
    lines += [f"  {line}" for line in found.lines]
    lines += [f"  It cost ${found.summary.cost:.4f}."] if found.summary.cost else []
    for one in [*found.summary.shown("broken"), *found.summary.shown("unsure")]:
        lines += ["", *_case(one, workspace)]
    return "\n".join(lines)


def _case(one: Replayed, workspace: Workspace) -> list[str]:
    case = replay_report.told(workspace, one)
    lines = [f"{one.verdict.value}: “{case.asked}”" if case else f"{one.verdict.value}: (the customer was erased)"]
    whose = {Kind.ACCEPTED: "found good", Kind.SENT: "it said then, and nobody looked"}.get(one.kind, "a person wrote")
    lines += [f"  {whose}: {case.wanted}"] if case and case.wanted else []
    lines += [f"  a person objected to: {case.wrong} (because {case.reason or 'no reason was given'})"] if case and case.wrong else []
    return [*lines, f"  today: {_side(one.before)}", f"  then:  {_side(one.after)}"]


def _side(side: Side) -> str:
    votes = f" ({side.votes} of {side.of} tries)" if side.of > 1 else ""
    called = f"a person would be called: {' '.join(side.reasons)}"
    return (side.text if side.answers else called) + votes
