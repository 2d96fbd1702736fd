"""What every page shows: who is signed in, the business's name, how much waits behind each tab, and times in the business's zone."""

import hashlib
import re
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, render_template, request, url_for
from markupsafe import Markup

from voicegit.domain.people import Person
from voicegit.services import inbox
from voicegit_web.pages import times
from voicegit_web.service import workspace

_LOOPBACK = re.compile(r"//(localhost|127(\.\d+){3}|\[::1\])(?=[:/]|$)")
STATIC = Path(__file__).parent.parent / "static"


def register(web: Flask) -> None:
    web.context_processor(_everywhere)
    web.add_template_filter(_clock, "clock")
    web.add_template_filter(_day, "day")
    web.add_template_filter(_when, "when")
    web.add_template_filter(_ago, "ago")
    web.add_template_filter(times.lasting, "lasting")
    web.add_template_filter(only_here, "only_here")


def show(template: str, *, tab: str, here: str = "", **values: Any) -> str:
    """A page of `templates/`, under one of the tabs: inbox, review, directives or more; `here` names which of the pages under More."""
    return render_template(template, tab=tab, here=here, **values)


def me() -> Person | None:
    """Who is signed in; None where a page is for everybody."""
    caller = g.get("caller")
    return caller.person if caller is not None else None


def badges() -> dict[str, int]:
    """How many customers wait for a person, and how many proposals for a decision."""
    return {"inbox": inbox.waits(workspace()), "review": workspace().directives.open_proposals()}


def newest_event() -> int:
    """Where the feed is as this page is drawn: its stream goes on from here, so that nothing falls between."""
    newest = workspace().store.read.events.first(order="-id")
    return newest.id if newest else 0


def _everywhere() -> dict[str, Any]:
    """Functions, so that a page pays only for what it shows."""
    return {"me": me(), "business_name": _business, "badges": badges, "newest_event": newest_event, "asset": asset, "more_pages": _more_pages}


def _business() -> str:
    return workspace().directives.serving().policy.business.name


def _more_pages() -> list[tuple[str, str, str]]:
    from voicegit_web.pages.more import LINKS

    return [(url_for(to), name, words) for to, name, words, _ in LINKS if to in current_app.view_functions]


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file of `static/`. It changes with the file, so browsers may keep it for ever."""
    # Nine of them a page: what `url_for` would make of each takes twenty times as long.
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={_digest(name)}"


def only_here(text: str) -> bool:
    """Whether an address in it leads nowhere but to the machine that it is opened on."""
    return _LOOPBACK.search(text) is not None


# ---- times


def _zone() -> tzinfo:
    return ZoneInfo(workspace().directives.serving().policy.business.timezone)


def _clock(at: datetime) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), times.clock(at, _zone()))


def _day(at: datetime) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), times.day(at, _zone(), now=workspace().clock.now()))


def _when(at: datetime) -> Markup:
    """`today 14:02`, `12 Nov 09:30`."""
    words = f"{times.day(at, _zone(), now=workspace().clock.now())} {times.clock(at, _zone())}"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), words)


def _ago(at: datetime) -> Markup:
    """How long since then; `page.js` lets it go on counting."""
    words = times.lasting((workspace().clock.now() - at).total_seconds())
    return Markup(f'<time datetime="{at.isoformat()}" data-since>{words}</time>')  # noqa: S704 - digits and our own words; a list has many
