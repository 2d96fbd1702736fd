"""When the AI answers, and how: plain questions. Saving makes a proposal of exactly these edits; nothing is live before it is approved.

Beside it what is this machine's own and takes effect at once: who is notified, keys of programs, and where customers write.
"""

import re
from dataclasses import dataclass, field

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain import question, whatif
from voicegit.domain.ids import Revision
from voicegit.domain.policy import Policy, Trigger
from voicegit.domain.policy_text import Name, Value
from voicegit.domain.question import Goes
from voicegit.domain.site import Site
from voicegit.domain.token import Scope
from voicegit.errors import Conflict, Invalid, NotFound, VoicegitError
from voicegit.services import notify, people
from voicegit.services import policy as policies
from voicegit.services import site as sites
from voicegit.services import token as keys
from voicegit_web.auth import caller, for_owners, for_people, fresh
from voicegit_web.pages.shown import show
from voicegit_web.service import service, workspace

pages = Blueprint("settings", __name__)


@dataclass(frozen=True)
class Form:
    """What the page holds: each answer as typed, and who gets each kind of message. `wrong` says by field what cannot be."""

    answers: dict[str, str]
    goes: dict[Trigger, Goes]
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, policy: Policy) -> "Form":
        answers = {one.field: one.shown(one.answer(policy)) for one in question.QUESTIONS}
        return cls(answers, {trigger: question.goes(trigger, policy.gate) for trigger in Trigger})

    @classmethod
    def sent(cls, before: "Form") -> "Form":
        """What did not come stays as it was."""
        answers = {name: request.form.get(name, old)[:1000] for name, old in before.answers.items()}
        chosen = {trigger: request.form.get(f"goes.{trigger.value}", "") for trigger in Trigger}
        return cls(answers, {trigger: Goes(said) if said in question.choices(trigger) else before.goes[trigger] for trigger, said in chosen.items()})

    def changes(self, before: "Form", policy: Policy) -> dict[Name, Value]:
        """What differs from before, as values. Fills `wrong`, and raises `Invalid`, for what cannot be one."""
        found: dict[Name, Value] = {}
        for one in question.QUESTIONS:
            typed = self.answers[one.field]
            if typed.strip() == before.answers[one.field]:
                continue
            try:
                found[one.name] = one.taken(typed)
            except Invalid as exc:
                self.wrong[one.field] = exc.message
        if self.wrong:
            raise Invalid("Some answers cannot be used; each says why below it. Nothing was changed, and everything you wrote is kept.")
        return found | question.lists(self.goes, policy.gate)

    def refused(self, exc: Invalid) -> None:
        """Puts what the policy's own check found beside the answer that it is about."""
        for finding in exc.findings:
            for one in question.QUESTIONS:
                if finding.problem.startswith(f"'{one.field}'"):
                    said = finding.problem.partition(": ")[2].removeprefix("value error, ")
                    self.wrong[one.field] = f"{said[:1].upper()}{said[1:]}."


@pages.get("/settings")
@for_people
def page() -> ResponseReturnValue:
    return _render(Form.of(workspace().directives.serving().policy), seen=workspace().directives.head())


def _render(
    form: Form, *, seen: str, told: list[str] | None = None, said: list[str] | None = None, refused: VoicegitError | None = None
) -> ResponseReturnValue:
    shown = show(
        "settings/page.html",
        tab="more",
        here="settings",
        form=form,
        seen=seen,
        groups=question.GROUPS,
        triggers=question.TRIGGERS,
        choices=question.choices,
        goes=question.GOES,
        told=told,
        said=said,
        refused=refused,
    )
    return shown, refused.status if refused else 200


@pages.post("/settings")
@for_owners
def change() -> ResponseReturnValue:
    """With `try`: what it would do, and nothing is stored. Else a proposal."""
    policy = workspace().directives.serving().policy
    before, seen = Form.of(policy), request.form.get("seen", "")
    form = Form.sent(before)
    try:
        if re.fullmatch(r"[0-9a-f]{40}", seen) is None:
            raise Conflict("This page does not say what you looked at. It is read anew below; look at it, and send it again.")
        changes = form.changes(before, policy)
        if "try" in request.form:
            now, _, then = policies.changed(workspace(), changes, seen=Revision(seen))
            told = whatif.in_words(policies.effect(workspace(), then), policies.DAYS) if then.gate != now.policy.gate else []
            return _render(form, seen=seen, told=told, said=question.in_words(now.policy, then))
        name = policies.propose(workspace(), changes, by=caller().acting, seen=Revision(seen))
    except Invalid as exc:
        form.refused(exc)
        return _render(form, seen=seen, refused=exc)
    except VoicegitError as exc:
        return _render(form, seen=workspace().directives.head(), refused=exc)
    return redirect(f"/review/{name}", 303)


# ---- notifications


@pages.get("/settings/notifications")
@for_people
def notifications() -> ResponseReturnValue:
    zone = workspace().directives.serving().policy.business.timezone
    channels = [(one, one.in_words(zone)) for one in notify.channels(workspace())]
    return show("settings/notifications.html", tab="more", here="settings", channels=channels, tried=request.args.get("tried", "")[:60])


@pages.post("/settings/notifications/test")
@for_owners
def test() -> ResponseReturnValue:
    """What came of it stands on the page, as the channel's last message."""
    name = request.form.get("channel", "")
    notify.test(workspace(), name)
    return redirect(url_for("settings.notifications", tried=name), 303)


# ---- keys of programs


@pages.get("/settings/tokens")
@for_people
def tokens() -> ResponseReturnValue:
    return _tokens(gone=request.args.get("gone", "")[:80])


def _tokens(*, secret: str | None = None, gone: str = "", refused: VoicegitError | None = None) -> ResponseReturnValue:
    """`secret` is shown this once."""
    here = people.working(workspace())
    shown = show(
        "settings/tokens.html",
        tab="more",
        here="settings",
        tokens=workspace().store.read.tokens.find(revoked_at=None),
        names={one.id: one.name for one in here},
        people=here,
        scopes=list(Scope),
        secret=secret,
        gone=gone,
        refused=refused,
        kept={"name": "", "scope": Scope.CUSTOMER.value, "person": ""} | (request.form.to_dict() if refused else {}),
    )
    return shown, refused.status if refused else 200


@pages.post("/settings/tokens")
@for_owners
def make_token() -> ResponseReturnValue:
    fresh()
    given = request.form
    try:
        if given.get("scope") not in set(Scope):
            raise Invalid("Choose what the token may do.")
        scope = Scope(given["scope"])
        person = people.named(workspace(), given.get("person", "")) if scope is Scope.OPERATOR else None
        _, secret = keys.issue(workspace(), given.get("name", ""), scope=scope, person=person)
    except (Invalid, NotFound) as exc:
        return _tokens(refused=exc)
    return _tokens(secret=secret)


@pages.post("/settings/tokens/<id>/revoke")
@for_owners
def revoke_token(id: str) -> ResponseReturnValue:
    gone = keys.revoke(workspace(), id)
    return redirect(url_for("settings.tokens", gone=gone.name), 303)


# ---- where customers write


@pages.get("/settings/widget")
@for_people
def widget() -> ResponseReturnValue:
    return _widget(done=request.args.get("done", ""))


def _widget(*, done: str = "", secret: Site | None = None, refused: VoicegitError | None = None, at: str = "") -> ResponseReturnValue:
    """`secret` names the site whose secret is shown this once; `at` the one whose answers were refused."""
    shown = show(
        "settings/widget.html",
        tab="more",
        here="settings",
        sites=sites.in_use(workspace()),
        address=service().app.settings.address or request.host_url.rstrip("/"),
        done=done,
        secret=secret,
        refused=refused,
        at=at,
        kept={"name": "", "origins": ""} | (request.form.to_dict() if refused else {}),
    )
    return shown, refused.status if refused else 200


def _origins() -> tuple[str, ...]:
    return tuple(request.form.get("origins", "").replace(",", " ").split())


@pages.post("/settings/widget")
@for_owners
def make_site() -> ResponseReturnValue:
    try:
        sites.add(workspace(), request.form.get("name", ""), origins=_origins())
    except (Conflict, Invalid) as exc:
        return _widget(refused=exc)
    return redirect(url_for("settings.widget", done="made"), 303)


@pages.post("/settings/widget/<id>/allow")
@for_owners
def allow(id: str) -> ResponseReturnValue:
    try:
        sites.allow(workspace(), _site(id).name, origins=_origins())
    except Invalid as exc:
        return _widget(refused=exc, at=id)
    return redirect(url_for("settings.widget", done="allowed"), 303)


@pages.post("/settings/widget/<id>/secret")
@for_owners
def reveal(id: str) -> ResponseReturnValue:
    fresh()
    return _widget(secret=_site(id))


@pages.post("/settings/widget/<id>/close")
@for_owners
def close(id: str) -> ResponseReturnValue:
    sites.revoke(workspace(), _site(id).name)
    return redirect(url_for("settings.widget", done="closed"), 303)


def _site(id: str) -> Site:
    found = workspace().store.read.sites.first(id=id, revoked_at=None)
    if found is None:
        raise NotFound("There is no such site in use. Look at the list again.")
    return found
