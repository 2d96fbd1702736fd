"""What every page shows: who is signed in, the business's name, and how much waits behind each tab."""

from typing import Any

from flask import Flask, g, render_template

from voicegit.domain.people import Person
from voicegit_web.service import workspace


def register(web: Flask) -> None:
    web.context_processor(_everywhere)


def show(template: str, *, tab: str, **values: Any) -> str:
    """A page of `templates/`, under one of the tabs: inbox, review, directives or more."""
    return render_template(template, tab=tab, **values)


def me() -> Person | None:
    """Who is signed in; None where a page is for everybody."""
    caller = g.get("caller")
    return caller.person if caller is not None else None


def _everywhere() -> dict[str, Any]:
    """Functions, so that a page pays only for what it shows."""
    return {"me": me(), "business_name": _business, "badges": _badges}


def _business() -> str:
    return workspace().directives.serving().policy.business.name


def _badges() -> dict[str, int]:
    """How many customers wait for a person, and how many proposals for a decision."""
    waiting = workspace().store.read.summons.count(status__in=["open", "claimed"], ended_at=None)
    return {"inbox": waiting, "review": len(workspace().directives.proposals())}
