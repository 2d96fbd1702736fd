"""The web service: JSON for programs under `/api/v1`, plain pages for people. Imports voicegit, never the reverse."""

import os
from pathlib import Path

from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from voicegit import __version__, bootstrap
from voicegit_web import auth, errors, health, live, security
from voicegit_web.api import conversations, customers, directives, events, feedback, history, once, proposals, summons, takeover
from voicegit_web.pages import conversation as conversation_pages
from voicegit_web.pages import customer, erase, inbox, insights, mistakes, more, people, playground, replay, review, samples, settings, shown, signin, started
from voicegit_web.pages import directives as directive_pages
from voicegit_web.pages import history as history_pages
from voicegit_web.service import Service

API = (conversations, summons, takeover, feedback, proposals, directives, history, customers, events)
PAGES = (
    inbox,
    conversation_pages,
    erase,
    customer,
    review,
    replay,
    directive_pages,
    history_pages,
    started,
    samples,
    insights,
    mistakes,
    playground,
    more,
    people,
    settings,
    signin,
    live,
)


def create_app(app: bootstrap.App | None = None, *, debug: bool = False) -> OpenAPI:
    """The service on one opened workspace (else on the one that VOICEGIT_WORKSPACE names, or the current folder). Starts no thread.

    Raises `Invalid` when debug is on and the address is not this machine's own.
    """
    opened = app or bootstrap.open_app(Path(os.environ.get("VOICEGIT_WORKSPACE") or "."))
    web = OpenAPI(
        __name__,
        info=Info(title="voicegit", version=__version__, description=health.DESCRIPTION),
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        validation_error_model=errors.Problem,
        validation_error_callback=errors.not_valid,
        doc_ui=False,
    )
    security.harden(web, opened, debug=debug)
    web.extensions["voicegit"] = Service(opened)
    web.jinja_env.undefined = StrictUndefined
    shown.register(web)
    web.json.sort_keys = False  # type: ignore[attr-defined]
    web.json.ensure_ascii = False  # type: ignore[attr-defined]
    errors.register(web)
    auth.register(web)
    csrf = CSRFProtect(web)
    for noun in API:
        web.register_api(noun.api)
        # A request with an Authorization header cannot be forged by another site's form, and `auth` takes no cookie for a change.
        csrf.exempt(noun.api)
    for page in PAGES:
        web.register_blueprint(page.pages)
    # A visitor's form carries a signed key of its own, in place of a session that a frame would not have.
    csrf.exempt(customer.pages)
    web.register_blueprint(health.pages)
    once.register(web, [noun.api.name for noun in API])
    auth.check_every_route(web)
    return web
