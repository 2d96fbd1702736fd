"""site: where customers write, and which pages may show it."""

from pathlib import Path

import click

from voicegit import bootstrap
from voicegit.bootstrap import App
from voicegit.cli.output import emit, json_option
from voicegit.domain.site import Site
from voicegit.services import site as sites

origin_option = click.option("--origin", "origins", multiple=True, help="A page that may show the widget, such as https://shop.example; may be repeated.")


@click.group("site")
def site_command() -> None:
    """Where customers write: a chat page of ours, and the same in a frame on the business's own pages.

    \b
        voicegit site add shop --origin https://shop.example
        voicegit site list
    """


@site_command.command("add")
@click.argument("name")
@origin_option
@json_option
@click.pass_obj
def add_command(root: Path, name: str, origins: tuple[str, ...], as_json: bool) -> None:
    """Make a site; print its page and the line that brings the widget into yours."""
    with bootstrap.opened(root) as app:
        made = sites.add(app.workspace, name, origins=origins)
        value = _told(app, made)
    emit(value, as_json=as_json, words=lambda: _words(made, value))


@site_command.command("allow")
@click.argument("name")
@origin_option
@json_option
@click.pass_obj
def allow_command(root: Path, name: str, origins: tuple[str, ...], as_json: bool) -> None:
    """Say anew which pages may show a site's widget; without --origin none may."""
    with bootstrap.opened(root) as app:
        changed = sites.allow(app.workspace, name, origins=origins)
        value = _told(app, changed)
    emit(value, as_json=as_json, words=lambda: _words(changed, value))


@site_command.command("list")
@json_option
@click.pass_obj
def list_command(root: Path, as_json: bool) -> None:
    """List the sites in use."""
    with bootstrap.opened(root) as app:
        found = [(one, _told(app, one)) for one in sites.in_use(app.workspace)]
    nothing = "There is no site yet. Make one with 'voicegit site add NAME'."
    emit([value for _, value in found], as_json=as_json, words=lambda: "\n".join(_words(*one) for one in found) or nothing)


@site_command.command("revoke")
@click.argument("name")
@json_option
@click.pass_obj
def revoke_command(root: Path, name: str, as_json: bool) -> None:
    """Close a site: its page and its widget open nothing from now on. What was said stays."""
    with bootstrap.opened(root) as app:
        gone = sites.revoke(app.workspace, name)
    emit({"name": gone.name, "revoked": True}, as_json=as_json, words=lambda: f"The site {gone.name} is closed. What customers said there stays.")


@site_command.command("secret")
@click.argument("name")
@json_option
@click.pass_obj
def secret_command(root: Path, name: str, as_json: bool) -> None:
    """Print the secret with which your server vouches for its users (see docs/widget.md). Keep it on the server."""
    with bootstrap.opened(root) as app:
        found = sites.named(app.workspace, name)
    emit({"name": found.name, "secret": found.secret}, as_json=as_json, words=lambda: found.secret)


def _told(app: App, site: Site) -> dict[str, object]:
    page = f"{_address(app)}/w/{site.token}"
    return {"name": site.name, "page": page, "origins": list(site.origins), "widget": f'<script src="{page}/widget.js" async></script>'}


def _words(site: Site, value: dict[str, object]) -> str:
    shown = f"  on your pages: {value['widget']}\n  shown by: {', '.join(site.origins)}"
    return f"{site.name}\n  its page: {value['page']}\n" + (shown if site.origins else "  no other page may show it; say which with 'voicegit site allow'")


def _address(app: App) -> str:
    settings = app.settings
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.address or f"http://{host}:{settings.port}"
