"""All decisions in plain words, newest first: read, undo, restore, take along as a file."""

import csv
import io

from flask import Blueprint, Response, json, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.ids import Revision
from voicegit.domain.turn import Outcome
from voicegit.errors import VoicegitError
from voicegit.services import change, history, rollback
from voicegit.services.history import Decided, EntryKind
from voicegit.services.rollback import Clash
from voicegit_web.auth import caller, for_people, reviewer
from voicegit_web.pages.review import WORDS
from voicegit_web.pages.reviewing import Card
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("history", __name__)
PAGE = 30
FIELDS = ("at", "kind", "by", "title", "reason", "proposal", "conversations", "release", "undone")


@pages.get("/history")
@for_people
def page() -> ResponseReturnValue:
    decided, following = history.decided(workspace(), after=request.args.get("after", "")[:60] or None, limit=PAGE)
    return show("history/page.html", tab="more", here="history", decided=decided, following=following, began=request.args.get("after") is None)


@pages.get("/history/<release>")
@for_people
def read(release: str) -> ResponseReturnValue:
    return _read(release)


def _read(release: str, *, refused: VoicegitError | None = None) -> ResponseReturnValue:
    entry = history.entry(workspace(), release)
    undone = history.taken_back(history.log(workspace())).get(entry.release)
    changes = change.released(workspace(), entry) if entry.kind is not EntryKind.INIT else []
    shown = show(
        "history/read.html",
        tab="more",
        here="history",
        entry=entry,
        undone=undone,
        cards=[Card(number, one, None, None) for number, one in enumerate(changes, 1)],
        total=len(changes),
        talks=len({talk for _, talk in entry.evidence}),
        answered=workspace().store.read.turns.count(revision=entry.release, outcome=Outcome.REPLY),
        may_decide=_may_decide(),
        refused=refused,
        **WORDS,
    )
    return shown, refused.status if refused else 200


def _may_decide() -> bool:
    try:
        caller().acting.must_review()
    except VoicegitError:
        return False
    return True


@pages.post("/history/<release>/undo")
@for_people
def undo(release: str) -> ResponseReturnValue:
    """What came later stays. When later decisions changed the same words, a proposal asks instead."""
    person = reviewer()
    entry = history.entry(workspace(), release)
    try:
        rollback.rollback(workspace(), entry.release, by=person, reason=request.form.get("reason", "").strip())
    except Clash as exc:
        return redirect(f"/review/{exc.proposal}", 303)
    except VoicegitError as exc:
        return _read(release, refused=exc)
    return redirect(url_for("history.read", release=release), 303)


@pages.post("/history/<release>/restore")
@for_people
def restore(release: str) -> ResponseReturnValue:
    person = reviewer()
    entry = history.entry(workspace(), release)
    try:
        rollback.restore(workspace(), Revision(entry.release), by=person)
    except Clash as exc:
        return redirect(f"/review/{exc.proposal}", 303)
    except VoicegitError as exc:
        return _read(release, refused=exc)
    return redirect(url_for("history.read", release=release), 303)


# ---- to take along


@pages.get("/history.csv")
@for_people
def as_csv() -> ResponseReturnValue:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(FIELDS)
    for one in history.decided(workspace())[0]:
        rows.writerow([_inert(str(value)) for value in _row(one).values()])
    return Response(text.getvalue(), mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="history.csv"'})


@pages.get("/history.json")
@for_people
def as_json() -> ResponseReturnValue:
    items = [_row(one) for one in history.decided(workspace())[0]]
    return Response(json.dumps({"items": items}), mimetype="application/json", headers={"Content-Disposition": 'attachment; filename="history.json"'})


def _row(one: Decided) -> dict[str, object]:
    release = one.entry.release if one.entry else ""
    values = (one.at.isoformat(), one.kind, one.by, one.title, one.reason, one.proposal or "", one.conversations, release, one.undone)
    return dict(zip(FIELDS, values, strict=True))


def _inert(cell: str) -> str:
    """No spreadsheet takes it for a formula: https://owasp.org/www-community/attacks/CSV_Injection"""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
