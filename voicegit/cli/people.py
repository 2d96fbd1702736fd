"""people, token: who works here, and the keys of programs."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.domain.people import Role
from voicegit.domain.token import Scope
from voicegit.services import people, token


@click.group("people")
def people_command() -> None:
    """Who works here, and what they may decide."""


@people_command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="owner: everything; lead: review too; operator: the inbox.")
@json_option
@click.pass_obj
def add_command(root: Path, name: str, role: str, as_json: bool) -> None:
    """Add a person."""
    with bootstrap.opened(root) as app:
        person = people.add(app.workspace, name, role=Role(role))
    emit({"id": person.id, "name": person.name, "role": role}, as_json=as_json, words=lambda: f"{person.name} is here now, as {role}.")


@people_command.command("list")
@json_option
@click.pass_obj
def list_command(root: Path, as_json: bool) -> None:
    """List everybody."""
    with bootstrap.opened(root) as app:
        everybody = app.workspace.store.read.people.find(order="name")
    value = [{"id": one.id, "name": one.name, "role": one.role.value} for one in everybody]
    emit(value, as_json=as_json, words=lambda: "\n".join(f"{one.name} ({one.role})" for one in everybody))


@click.group("token")
def token_command() -> None:
    """Tokens for programs that use the HTTP API. None of them can approve."""


@token_command.command("add")
@click.argument("name")
@click.option("--scope", type=click.Choice([scope.value for scope in Scope]), required=True, help="customer: a channel; operator: the inbox; read: look only.")
@as_option
@json_option
@click.pass_obj
def token_add_command(root: Path, name: str, scope: str, as_person: str | None, as_json: bool) -> None:
    """Make a token; its secret is shown once."""
    with bootstrap.opened(root) as app:
        person = people.named(app.workspace, as_person) if scope == Scope.OPERATOR else None
        made, secret = token.issue(app.workspace, name, scope=Scope(scope), person=person)
    value = {"name": made.name, "scope": scope, "secret": secret}
    emit(value, as_json=as_json, words=lambda: f"{secret}\n  Keep it now: it is not stored and cannot be shown again. Use it as 'Authorization: Bearer …'.")


@token_command.command("list")
@json_option
@click.pass_obj
def token_list_command(root: Path, as_json: bool) -> None:
    """List the tokens in use."""
    with bootstrap.opened(root) as app:
        tokens = app.workspace.store.read.tokens.find(revoked_at=None)
    value = [{"name": one.name, "scope": one.scope.value, "created_at": one.created_at.isoformat()} for one in tokens]
    emit(value, as_json=as_json, words=lambda: "\n".join(f"{one.name} ({one.scope})" for one in tokens) or "There is no token.")


@token_command.command("revoke")
@click.argument("name")
@json_option
@click.pass_obj
def token_revoke_command(root: Path, name: str, as_json: bool) -> None:
    """Make a token useless from now on."""
    with bootstrap.opened(root) as app:
        gone = token.revoke(app.workspace, name)
    emit({"name": gone.name, "revoked": True}, as_json=as_json, words=lambda: f"The token {gone.name} opens nothing any more.")
