"""distill, propose, proposals, diff, approve, amend, decline: from signals to a decision."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option, progress, when
from voicegit.domain.distillation import Distillation
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.operation import Operation
from voicegit.domain.signal import Signal
from voicegit.ports import Branch
from voicegit.services import change, contested, distill, people, review, shapes, unteach
from voicegit.services.contested import Asked
from voicegit.services.review import Shown


@click.command("distill")
@json_option
@click.pass_obj
def distill_command(root: Path, as_json: bool) -> None:
    """Turn what people did since the last time into a proposal. Nothing becomes live by it."""
    with bootstrap.opened(root) as app:
        waiting = app.workspace.store.read.signals.count(distillation=None)
        if waiting > 200:
            progress(f"Reading {waiting} signals; this takes a while …")
        run = distill.distill(app.workspace)
    value = {
        "proposal": run.proposal,
        "title": run.title,
        "operations": [_operation(one) for one in run.operations],
        "dropped": [{**_operation(one.operation), "reason": one.reason} for one in run.dropped],
        "reason": run.summary,
        "signals": run.signals,
        "cost": run.cost,
    }
    emit(value, as_json=as_json, words=lambda: _distilled(run))


def _operation(one: Operation) -> dict[str, Any]:
    value: dict[str, Any] = {"operation": one.change.value, "directive": one.directive, "why": one.why, "evidence": list(one.evidence)}
    value |= {key: text for key, text in (("title", one.title), ("rule", one.rule), ("text", one.text)) if text is not None}
    if one.examples:
        value["examples"] = [{"customer": list(example.customer), "us": example.us} for example in one.examples]
    if one.guards:
        value["guards"] = {"never_say": list(one.guards.never_say), "max_words": one.guards.max_words}
    return value


def _distilled(run: Distillation) -> str:
    lines = [run.summary]
    for one in run.operations:
        lines.append(f"  {one}: {one.why}")
        lines += [f"      {one.question}"] if one.question else []
    lines += [f"  dropped: {one.operation}, because {one.reason}" for one in run.dropped]
    if run.proposal is not None:
        lines.append(f"{run.proposal} waits for you: 'voicegit diff {run.proposal}', then 'voicegit approve {run.proposal}'.")
    return "\n".join(lines)


@click.command("propose")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", help="Where the file goes in the repository, when one file is given: 'facts/hours.md'. Else folder and name as they are.")
@click.option("--title", required=True, help="What changes, in plain words.")
@click.option("--why", default="", help="Why.")
@as_option
@json_option
@click.pass_obj
def propose_command(root: Path, files: tuple[Path, ...], to: str | None, title: str, why: str, as_person: str | None, as_json: bool) -> None:
    """Propose files of your own (directives, policy.toml); they go live when somebody approves them.

    \b
        voicegit propose hours.md --to facts/hours.md --title "Longer hours in December"
    """
    if to is not None and len(files) != 1:
        raise click.UsageError("--to names one place; give one file with it.")
    contents = {to or _place(path): path.read_bytes() for path in files}
    with bootstrap.opened(root) as app:
        name = review.propose(app.workspace, contents, title=title, by=people.named(app.workspace, as_person), why=why)
    emit({"proposal": name}, as_json=as_json, words=lambda: f"{name} waits for a decision: 'voicegit diff {name}'.")


def _place(path: Path) -> str:
    return path.name if path.name == "policy.toml" else f"{path.absolute().parent.name}/{path.name}"


@click.command("proposals")
@json_option
@click.pass_obj
def proposals_command(root: Path, as_json: bool) -> None:
    """The open proposals, oldest first, with the verdict of their checks."""
    with bootstrap.opened(root) as app:
        waiting = review.waiting(app.workspace)
    emit([shapes.proposal(one) for one in waiting], as_json=as_json, words=lambda: "\n".join(map(_line, waiting)) or "No proposal is open.")


def _line(shown: Shown) -> str:
    bad = [one for one in shown.checks if one.verdict != "pass"]
    checks = f"{len(shown.checks) - len(bad)} checks pass" + (f", {len(bad)} need a look" if bad else "")
    talks = {talk for talks in shown.evidence.values() for talk in talks}
    source = f"from {len(talks)} conversation{'s' if len(talks) != 1 else ''}" if talks else f"by {shown.commit.author}, by hand"
    changes = f"{len(shown.commit.files)} file{'s' if len(shown.commit.files) != 1 else ''}"
    return f"{shown.id}  {shown.title}\n     {changes} {source}; {checks}" + (f"\n     look twice: {'; '.join(shown.labels)}" if shown.labels else "")


@click.command("diff")
@click.argument("proposal")
@json_option
@click.pass_obj
def diff_command(root: Path, proposal: str, as_json: bool) -> None:
    """What a proposal changes, the checks on it, and the people's own words behind it."""
    with bootstrap.opened(root) as app:
        review.try_out(app.workspace, ProposalId(proposal))
        shown = review.show(app.workspace, ProposalId(proposal))
        talks = [talk for talks in shown.evidence.values() for talk in talks]
        signals = review.evidence(app.workspace, talks)
        names = {person.id: person.name for person in app.workspace.store.read.people.find()}
        asks = unteach.question(app.workspace, Branch(shown.id, shown.head, shown.base))
        against = [str(one) for asked in change.questions(app.workspace, shown).values() for one in asked]
        disputes = contested.disputes(app.workspace, shown)
    value = {
        **shapes.proposal(shown),
        "diff": shown.diff,
        "questions": [*against, *(one.in_words() for one in disputes)],
        "words": [shapes.words(one, names) for one in signals],
    }
    if asks is not None:
        value["question"] = {"words": asks.in_words()[0], "keeps": asks.keeps, "refined": [asdict(one) for one in asks.refined]}
    told = [*asks.in_words(), asks.stands(shown.id), ""] if asks else []
    told += [*against, f"  'voicegit answer {shown.id} --keep' keeps what is in force; approving it lets the newer text hold", ""] if against else []
    told += [line for one in disputes for line in _dispute(shown, one, many=len(disputes) > 1)]
    emit(value, as_json=as_json, words=lambda: "\n".join([*told, _whole(shown, signals, names)]))


def _dispute(shown: Shown, one: Asked, *, many: bool) -> list[str]:
    number = f" --question {one.number}" if many else ""
    how = " or ".join(f"'voicegit answer {shown.id} --holds {who}{number}'" for who in dict.fromkeys((one.question.old_by, one.question.new_by)))
    return [f"{one.number}. {one.in_words()}" if many else one.in_words(), *([] if one.holds else [f"  {how}"]), ""]


def _whole(shown: Shown, signals: list[Signal], names: dict[Any, str]) -> str:
    lines = [f"{shown.id}: {shown.title}", f"by {shown.commit.author}, {when(shown.commit.at)}, {shown.head[:10]} on top of {shown.main[:10]}", ""]
    lines += [f"look twice: {label}" for label in shown.labels]
    for check in shown.checks:
        lines.append(f"{ {'pass': 'ok  ', 'warn': 'look', 'fail': 'NO  '}[check.verdict.value] } {check.name}: {check.summary}")
        lines += [f"       {finding}" for finding in check.findings]
    lines += ["", "What people did:"] if signals else []
    for one in signals:
        said = f"“{one.text}”" if one.text else f"because “{one.reason}”" if one.reason else ""
        lines.append(f"  {names.get(one.person)} ({one.kind}) to “{one.customer_text}”: {said}")
    return "\n".join([*lines, "", shown.diff.rstrip()])


@click.command("approve")
@click.argument("proposal")
@as_option
@click.option("--head", help="Refuse unless the proposal is still at this commit (as you saw it).")
@click.option("--base", help="Refuse unless what is live is still at this commit.")
@click.option("--yes", is_flag=True, help="Do not show the diff and ask.")
@click.option("--despite", metavar="REASON", default="", help="Why it shall go live although past answers get worse; kept with the decision.")
@json_option
@click.pass_obj
def approve_command(root: Path, proposal: str, as_person: str | None, head: str | None, base: str | None, yes: bool, despite: str, as_json: bool) -> None:
    """Make a proposal live: exactly the text that you looked at. The next message is answered under it."""
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        name = ProposalId(proposal)
        seen: tuple[Revision | None, Revision | None] = (_full(app, head), _full(app, base))
        if not yes:
            review.try_out(app.workspace, name)
            shown = review.show(app.workspace, name)
            click.echo(_whole(shown, [], {}), err=as_json)
            click.confirm(f"\nMake this live, as {by.name}?", abort=True, err=as_json)
            seen = (seen[0] or shown.head, seen[1] or shown.main)
        release = review.approve(app.workspace, name, by=by, head=seen[0], base=seen[1], despite=despite)
    emit({"release": release}, as_json=as_json, words=lambda: f"Live as {release[:10]}, approved by {by.name}. To undo: 'voicegit rollback {release[:10]}'.")


def _full(app: bootstrap.App, name: str | None) -> Revision | None:
    return None if name is None else app.workspace.directives.resolve(name)


@click.command("amend")
@click.argument("proposal")
@click.argument("directive", required=False)
@click.option("--title", help="Other words for the proposal itself.")
@click.option("--file", "path", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The new text; without it your editor opens.")
@as_option
@json_option
@click.pass_obj
def amend_command(root: Path, proposal: str, directive: str | None, title: str | None, path: Path | None, as_person: str | None, as_json: bool) -> None:
    """Change one file of an open proposal, or its title. The commit is then yours; its evidence stays.

    \b
        voicegit amend p-3 situations/damage-claims
        voicegit amend p-3 --title "Damage claims"
    """
    if directive is None and title is None:
        raise click.UsageError("Name a directive to change, or give a --title.")
    with bootstrap.opened(root) as app:
        by = people.named(app.workspace, as_person)
        shown = review.show(app.workspace, ProposalId(proposal))
        files = {} if directive is None else _edited(app, shown, directive, path)
        head = review.amend(app.workspace, ProposalId(proposal), files, by=by, head=shown.head, title=title)
    emit({"proposal": proposal, "head": head}, as_json=as_json, words=lambda: f"{proposal} is now {head[:10]}, by {by.name}.")


def _edited(app: bootstrap.App, shown: Shown, directive: str, path: Path | None) -> dict[str, bytes]:
    """The new text of one file, from a file or from the person's editor."""
    place = directive if directive.endswith((".md", ".toml")) else f"{directive}.md"
    if path is not None:
        return {place: path.read_bytes()}
    old = app.workspace.directives.entries(shown.head).get(place)
    edited = click.edit(old.content.decode() if old else "", extension=".md")
    if edited is None:
        raise click.Abort
    return {place: edited.encode()}


@click.command("decline")
@click.argument("proposal")
@click.option("--reason", required=True, help="Why, in a sentence; it is remembered and shown to the next distillation.")
@as_option
@json_option
@click.pass_obj
def decline_command(root: Path, proposal: str, reason: str, as_person: str | None, as_json: bool) -> None:
    """Close a proposal, with the reason."""
    with bootstrap.opened(root) as app:
        review.decline(app.workspace, ProposalId(proposal), reason=reason, by=people.named(app.workspace, as_person))
    emit({"proposal": proposal, "declined": True}, as_json=as_json, words=lambda: f"{proposal} is closed. It comes back only with new evidence.")
