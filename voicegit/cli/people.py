"""people, token: who works here and how they sign in, and the keys of programs."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.cli.output import as_option, emit, json_option
from voicegit.domain.people import Role
from voicegit.domain.signin import INVITATION
from voicegit.domain.token import Scope
from voicegit.services import people, signin, token


@click.group("people")
def people_command() -> None:
    """Who works here, and what they may decide."""


ROLE = click.Choice([role.value for role in Role])


@people_command.command("add")
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="owner: everything; lead: review too; operator: the inbox.")
@json_option
@click.pass_obj
def add_command(root: Path, name: str, role: str, as_json: bool) -> None:
    """Add a person, and print the link they sign in with.

    \b
        voicegit people add Lea --role lead
    """
    with bootstrap.opened(root) as app:
        person = people.add(app.workspace, name, role=Role(role))
        link = app.people_open + signin.path(signin.link(app.workspace, person.id, life=INVITATION))
    value = {"id": person.id, "name": person.name, "role": role, "link": link}
    emit(value, as_json=as_json, words=lambda: f"{person.name} is here now, as {role}. {_once(link)}")


@people_command.command("link")
@click.argument("name")
@json_option
@click.pass_obj
def link_command(root: Path, name: str, as_json: bool) -> None:
    """Print a link to sign in with: good once, for 24 hours."""
    with bootstrap.opened(root) as app:
        person = people.named(app.workspace, name)
        link = app.people_open + signin.path(signin.link(app.workspace, person.id, life=INVITATION))
    emit({"name": person.name, "link": link}, as_json=as_json, words=lambda: f"For {person.name}. {_once(link)}")


def _once(link: str) -> str:
    return f"Whoever has this link signs in as them, once, within 24 hours:\n  {link}"


@people_command.command("role")
@click.argument("name")
@click.argument("role", type=ROLE)
@json_option
@click.pass_obj
def role_command(root: Path, name: str, role: str, as_json: bool) -> None:
    """Change what a person may decide; they sign in again."""
    with bootstrap.opened(root) as app:
        person = people.change_role(app.workspace, people.named(app.workspace, name).id, Role(role))
    emit({"name": person.name, "role": role}, as_json=as_json, words=lambda: f"{person.name} is {role} now, and signs in again.")


@people_command.command("remove")
@click.argument("name")
@json_option
@click.pass_obj
def remove_command(root: Path, name: str, as_json: bool) -> None:
    """Let a person go: no sign-in and no token of theirs opens anything. What they did stays under their name."""
    with bootstrap.opened(root) as app:
        person = people.remove(app.workspace, people.named(app.workspace, name).id)
    emit(
        {"name": person.name, "removed": True}, as_json=as_json, words=lambda: f"{person.name} cannot sign in any more. What they did stays, under their name."
    )


@people_command.command("sign-out")
@click.argument("name")
@json_option
@click.pass_obj
def sign_out_command(root: Path, name: str, as_json: bool) -> None:
    """Sign a person out on every device, at once."""
    with bootstrap.opened(root) as app:
        person = people.sign_out_everywhere(app.workspace, people.named(app.workspace, name).id)
    emit(
        {"name": person.name, "signed_out": True},
        as_json=as_json,
        words=lambda: f"{person.name} is signed out everywhere. 'voicegit people link' lets them in again.",
    )


@people_command.command("list")
@json_option
@click.pass_obj
def list_command(root: Path, as_json: bool) -> None:
    """List everybody."""
    with bootstrap.opened(root) as app:
        everybody = people.working(app.workspace)
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
