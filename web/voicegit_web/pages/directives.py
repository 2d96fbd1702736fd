"""What is in force: browsed, searched, read, and where each sentence comes from. Writing and editing open a proposal, like anything else."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from voicegit.domain import directive_text
from voicegit.domain.directive import Directive, Example, Guards, Kind, Rule
from voicegit.domain.ids import DirectiveId, Revision
from voicegit.errors import Invalid, VoicegitError
from voicegit.ports import Workspace
from voicegit.services import directives, history, seasons
from voicegit_web.auth import caller, for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("directives", __name__)
PLAIN = {
    Kind.VOICE: ("How we talk", "Always in force."),
    Kind.SITUATION: ("How we handle things", "What we do in one kind of case."),
    Kind.FACT: ("Facts", "What may be stated: hours, prices, areas."),
}
SHAPED = 10
"""Replies that a directive's page shows, the newest."""

PAIRS = 3
"""Empty pairs of question and answer that the form for a new directive offers."""


@pages.get("/directives")
@for_people
def page() -> ResponseReturnValue:
    words = request.args.get("q", "")[:200]
    found = directives.matching(workspace(), words)
    groups = [(kind, *PLAIN[kind], [one for one in found if one.kind is kind]) for kind in Kind]
    return show(
        "directives/page.html", tab="directives", groups=groups, words=words, found=len(found), today=_today(workspace()), ending=seasons.ending(workspace())
    )


@pages.get("/directives/<kind>/<name>")
@for_people
def read(kind: str, name: str) -> ResponseReturnValue:
    return _read(directives.found(workspace(), DirectiveId(f"{kind}/{name}")))


def _read(one: Directive, *, refused: str | None = None, status: int = 200) -> ResponseReturnValue:
    known = workspace().directives.serving()
    sources = {source.line: source for source in history.blame(workspace(), one.id, revision=Revision(known.revision))}
    talks = {talk for source in sources.values() for told in (source, *source.earlier) for talk in told.conversations}
    shown = show(
        "directives/read.html",
        tab="directives",
        one=one,
        plain=PLAIN[one.kind],
        sources=sources,
        taught=history.taught(workspace(), talks),
        steps=history.of_directive(workspace(), one.id),
        shaped=history.shaped(workspace(), one.id, limit=SHAPED),
        today=_today(workspace()),
        soon=any(season.id == one.id for season in seasons.ending(workspace())),
        revision=known.revision,
        refused=refused,
    )
    return shown, status


# ---- writing


@dataclass(frozen=True)
class Form:
    """What somebody typed, kept as it is until it can be proposed."""

    kind: str = Kind.SITUATION.value
    title: str = ""
    rules: str = ""
    asked: tuple[str, ...] = ("",) * PAIRS
    answered: tuple[str, ...] = ("",) * PAIRS
    topics: str = ""
    never_say: str = ""
    max_words: str = ""
    starts: str = ""
    ends: str = ""
    why: str = ""

    @classmethod
    def sent(cls) -> "Form":
        given = request.form
        texts = {name: given.get(name, "") for name in ("kind", "title", "rules", "topics", "never_say", "max_words", "starts", "ends", "why")}
        return cls(asked=tuple(given.getlist("asked")[:20]), answered=tuple(given.getlist("answered")[:20]), **texts)

    def directive(self) -> Directive:
        """Raises `Invalid`, with what to correct."""
        kind = next((one for one in Kind if one.value == self.kind), None)
        if kind is None:
            raise Invalid("Choose what kind it is: how we talk, how we handle things, or a fact.")
        if not self.title.strip():
            raise Invalid("It needs a title, in plain words.")
        pairs = [(asked.strip(), answered.strip()) for asked, answered in zip(self.asked, self.answered, strict=False) if asked.strip() or answered.strip()]
        if any(not asked or not answered for asked, answered in pairs):
            raise Invalid("Each example needs both: what the customer writes and what we answer.")
        if self.max_words.strip() and not self.max_words.strip().isdecimal():
            raise Invalid("“At most so many words” has to be a whole number.")
        guards = Guards(tuple(_words(self.never_say)), int(self.max_words) if self.max_words.strip() else None)
        return Directive(
            id=directives.name_for(kind, self.title),
            title=self.title.strip(),
            source="",
            topics=tuple(directives.name_for(kind, word).partition("/")[2] for word in _words(self.topics)),
            starts=_day(self.starts, "In force from"),
            ends=_day(self.ends, "In force until"),
            guards=guards,
            rules=tuple(Rule(line.strip().removeprefix("- ").strip()) for line in self.rules.splitlines() if line.strip()),
            examples=tuple(Example(tuple(asked.splitlines()), answered) for asked, answered in pairs),
        )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as exc:
        raise Invalid(f"“{field}” is not a date. Write it as 2026-12-01.") from exc


@pages.get("/directives/new")
@for_people
def blank() -> ResponseReturnValue:
    return _form(Form(kind=request.args.get("kind", Kind.SITUATION.value)[:20]))


@pages.post("/directives/new")
@for_people
def write() -> ResponseReturnValue:
    """With `show` the file as it would be; else a proposal."""
    form = Form.sent()
    try:
        made = form.directive()
        text = directive_text.written(made)
        if "show" in request.form:
            return _form(form, preview=text)
        name = directives.propose(workspace(), made.id, text, by=caller().acting, why=form.why.strip(), fresh=True)
    except VoicegitError as exc:
        return _form(form, refused=exc)
    return redirect(f"/review/{name}", 303)


def _form(form: Form, *, refused: VoicegitError | None = None, preview: str | None = None) -> ResponseReturnValue:
    kinds = [(kind.value, *PLAIN[kind]) for kind in Kind]
    return show("directives/new.html", tab="directives", form=form, kinds=kinds, refused=refused, preview=preview), refused.status if refused else 200


@pages.get("/directives/<kind>/<name>/edit")
@for_people
def edit(kind: str, name: str) -> ResponseReturnValue:
    one = directives.found(workspace(), DirectiveId(f"{kind}/{name}"))
    return _editor(one, text=one.source)


@pages.post("/directives/<kind>/<name>/edit")
@for_people
def change(kind: str, name: str) -> ResponseReturnValue:
    one = directives.found(workspace(), DirectiveId(f"{kind}/{name}"))
    text, why = request.form.get("text", ""), request.form.get("why", "")
    try:
        proposal = directives.propose(workspace(), one.id, text, by=caller().acting, why=why.strip())
    except VoicegitError as exc:
        return _editor(one, text=text, why=why, refused=exc)
    return redirect(f"/review/{proposal}", 303)


def _editor(one: Directive, *, text: str, why: str = "", refused: VoicegitError | None = None) -> ResponseReturnValue:
    return show("directives/edit.html", tab="directives", one=one, text=text, why=why, refused=refused), refused.status if refused else 200


@pages.post("/directives/<kind>/<name>/extend")
@for_people
def extend(kind: str, name: str) -> ResponseReturnValue:
    """In force for longer, as a proposal: one tap for four weeks, or until the day that was chosen."""
    one = directives.found(workspace(), DirectiveId(f"{kind}/{name}"))
    try:
        until = _day(request.form.get("until", ""), "until")
        proposal = seasons.extend(workspace(), one.id, by=caller().acting, until=until)
    except VoicegitError as exc:
        return _read(one, refused=exc.message, status=exc.status)
    return redirect(f"/review/{proposal}", 303)


@pages.post("/directives/<kind>/<name>/retire")
@for_people
def retire(kind: str, name: str) -> ResponseReturnValue:
    one = directives.found(workspace(), DirectiveId(f"{kind}/{name}"))
    try:
        proposal = directives.retire(workspace(), one.id, by=caller().acting, why=request.form.get("why", ""))
    except VoicegitError as exc:
        return _read(one, refused=exc.message, status=exc.status)
    return redirect(f"/review/{proposal}", 303)


def _today(known: Workspace) -> Any:
    return seasons.today(known)
