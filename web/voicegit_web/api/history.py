"""What was decided, and why a reply says what it says."""

from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.ids import MessageId
from voicegit.domain.token import Scope
from voicegit.errors import NotFound
from voicegit.services import history, shapes
from voicegit_web.api.requests import ById, Page
from voicegit_web.api.told import Told
from voicegit_web.auth import open_to
from voicegit_web.service import workspace

api = APIBlueprint("api_history", __name__, url_prefix="/api/v1", abp_security=[{"token": []}])


@api.get("/history", summary="What was decided")
@open_to(Scope.OPERATOR, Scope.READ)
def listed(query: Page) -> Told:
    """Releases and rollbacks, newest first. `after` is the `next` of the page before."""
    entries = history.log(workspace())
    begin = 0
    if query.after is not None:
        begin = next((place + 1 for place, one in enumerate(entries) if one.release == query.after), -1)
        if begin < 0:
            raise NotFound("There is no such release in the history. Begin again without 'after'.")
    page = entries[begin : begin + query.limit]
    more = begin + len(page) < len(entries)
    return {"items": [shapes.entry(one) for one in page], "next": page[-1].release if more else None}


@api.get("/messages/<id>/why", summary="Why did it say that?")
@open_to(Scope.OPERATOR, Scope.READ)
def why(path: ById) -> Told:
    """The lines behind a reply of the model, the conversations that taught them, and who approved."""
    return shapes.why(history.why(workspace(), MessageId(path.id)))
