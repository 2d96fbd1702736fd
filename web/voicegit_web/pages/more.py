"""What does not need a tab of its own: a page of links on a phone; at a desk they stand in the rail."""

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from voicegit_web.auth import for_people
from voicegit_web.pages.shown import show

pages = Blueprint("more", __name__)

LINKS = (
    ("samples.page", "samples", "Samples", "Replies of the AI that wait for a look"),
    ("insights.page", "insights", "Insights", "How much it answers, and how well"),
    ("playground.page", "playground", "Playground", "Try a message; nothing is sent"),
    ("history.page", "history", "History", "Every decision, with undo"),
    ("settings.page", "settings", "Settings", "When it answers, notifications, the widget"),
    ("people.page", "people", "People", "Who works here, and what they may decide"),
    ("more.help", "help", "Help", "How it works, step by step, and the keys"),
)
"""Endpoint, icon, name, and what is behind it."""


@pages.get("/more")
@for_people
def page() -> ResponseReturnValue:
    return show("more/page.html", tab="more", links=[(url_for(to), *more) for to, *more in LINKS if to in current_app.view_functions])


@pages.get("/help")
@for_people
def help() -> ResponseReturnValue:
    return show("more/help.html", tab="more", here="help")
