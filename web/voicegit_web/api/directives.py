"""What is in force, and where each line of it comes from."""

from datetime import date
from zoneinfo import ZoneInfo

from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.ids import DirectiveId
from voicegit.domain.token import Scope
from voicegit.errors import NotFound
from voicegit.services import history, shapes
from voicegit_web.api.requests import ByDirective
from voicegit_web.api.told import Told
from voicegit_web.auth import open_to
from voicegit_web.service import workspace

api = APIBlueprint("api_directives", __name__, url_prefix="/api/v1/directives", abp_security=[{"token": []}])


@api.get("", summary="The directives that are served")
@open_to(Scope.OPERATOR, Scope.READ)
def listed() -> Told:
    """All of one revision. `trouble` says why that is not the newest, if it is not."""
    known = workspace().directives.serving()
    force = {one.id for one in known.in_force(_today())}
    return {
        "revision": known.revision,
        "trouble": [str(finding) for finding in workspace().directives.trouble()],
        "items": [shapes.directive(one, in_force=one.id in force) for one in known.directives],
    }


@api.get("/<kind>/<name>", summary="One directive")
@open_to(Scope.OPERATOR, Scope.READ)
def read(path: ByDirective) -> Told:
    """Its text, and for each line the release, who approved it, and the conversations that taught it."""
    known = workspace().directives.serving()
    found = known.get(DirectiveId(f"{path.kind}/{path.name}"))
    if found is None:
        raise NotFound(f"There is no directive '{path.kind}/{path.name}'. GET /api/v1/directives lists them.")
    lines = history.blame(workspace(), found.id, revision=known.revision)
    shown = shapes.directive(found, in_force=found.in_force(_today()))
    return shown | {"revision": known.revision, "source": found.source, "lines": [shapes.source(one) for one in lines]}


def _today() -> date:
    policy = workspace().directives.serving().policy
    return workspace().clock.now().astimezone(ZoneInfo(policy.business.timezone)).date()
