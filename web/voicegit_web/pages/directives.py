"""What is in force, to be browsed and read."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from voicegit_web.auth import for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("directives", __name__)


@pages.get("/directives")
@for_people
def page() -> ResponseReturnValue:
    return show("directives/page.html", tab="directives", directives=workspace().directives.serving().directives)
