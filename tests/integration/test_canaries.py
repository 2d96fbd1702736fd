"""A canary of each kind of personal data goes through all that voicegit does; afterwards nothing that git keeps, and no log line, holds one.

The distiller here is the worst there could be: it copies whatever it reads into every place that goes into a commit.
"""

import logging
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import Shop
from voicegit import hook
from voicegit.adapters import git_push
from voicegit.domain import privacy
from voicegit.domain.directive import Example
from voicegit.domain.ids import DirectiveId
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.people import Role
from voicegit.domain.signal import SignalKind
from voicegit.errors import Invalid, VoicegitError
from voicegit.ports import Signature
from voicegit.services import distill, feedback, history, people, review, rollback, worker

CUSTOMER, STAFF = "Dana Quillfeather", "Olga Brimstoneova"
SAID = {
    "email": ("write to quagga.zed@canary.example", "quagga.zed"),
    "phone": ("call me on +1 415-555-0199", "555-0199"),
    "card": ("my card is 5500 0055 5555 5559", "5555 5559"),
    "iban": ("pay to DE89 3704 0044 0532 0130 00", "0532 0130"),
    "national id": ("my SSN is 123-45-6789", "123-45-6789"),
    "national id, United Kingdom": ("my number is QQ 12 34 56 C", "12 34 56 C"),
    "national id, Spain": ("mi DNI 12345678Z", "12345678Z"),
    "address": ("I live at 12 Zebracorn Street, Springfield, IL 62704", "Zebracorn"),
    "date of birth": ("I was born on 3 March 1985", "3 March 1985"),
    "order": ("where is order #QX-774411", "774411"),
    "account": ("my account number is 84536221", "84536221"),
    "link with a token": ("https://shop.example/reset?token=9f3quagga2 does not open", "9f3quagga2"),
    "the customer's name": (f"{CUSTOMER} here, {CUSTOMER.split()[1]} is my family name", "uillfeather"),
    "a name of ours": (f"{STAFF} promised it, ask Brimstoneova", "rimstoneova"),
    "a name that is stated": ("my name is Zebedee Okapiwala", "kapiwala"),
}
CANARIES = {kind: canary for kind, (_, canary) in SAID.items()}


def kept_by_git(repository: Path) -> str:
    """Every object there is, reachable or not, every ref and every reflog; commits without the lines that say who committed."""

    def git(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(["git", "-C", str(repository), *arguments], input=stdin.encode(), capture_output=True, check=True)
        return done.stdout.decode("utf-8", "replace")

    every = [line.split() for line in git("cat-file", "--batch-all-objects", "--batch-check").splitlines()]
    shown = [git("cat-file", kind, id) for id, kind, _ in every if kind in {"blob", "tag"}]
    shown += [git("cat-file", "commit", id).partition("\n\n")[2] for id, kind, _ in every if kind == "commit"]
    shown += [git("ls-tree", "-r", "--name-only", id) for id, kind, _ in every if kind == "tree"]
    files = [
        file.read_text("utf-8", "replace") for file in repository.rglob("*") if file.is_file() and "objects" not in file.parts and ".sample" not in file.name
    ]
    return "\n".join([*shown, *files, git("for-each-ref"), git("log", "-g", "--all", "--format=%gs")])


def found_in(text: str) -> list[str]:
    low = text.lower()
    return [kind for kind, canary in CANARIES.items() if canary.lower() in low]


def copies_everything(material: Material) -> Distilled:
    """One directive for each lesson, with its words in every field there is."""
    operations = []
    for number, lesson in enumerate(material.lessons):
        words = [text for text in (lesson.customer, lesson.theirs, lesson.ours, lesson.reason) if text]
        line = " ".join(" ".join(words).split())
        example = Example((lesson.customer,), lesson.theirs or lesson.ours or "Yes.")
        id = DirectiveId(f"situations/case-{number}")
        operations.append(Operation(Change.ADD, id, line[:300], (lesson.signal,), text=line[:180], title=line[:80], topics=("case",), examples=(example,)))
    return Distilled(tuple(operations), " ".join(one.customer for one in material.lessons)[:90], "All of it.")


@pytest.mark.parametrize("kind", SAID)
def test_each_canary_is_seen(kind: str) -> None:
    said, canary = SAID[kind]
    assert canary.lower() not in privacy.redact(said, names=[CUSTOMER, STAFF]).lower()


def lived(shop: Shop) -> None:
    """Every canary in a customer's words, in a person's, in a correction, in a reason."""
    people.set_customer(shop.workspace, CUSTOMER, contacts=["quagga.zed@canary.example"], fields={"street": "12 Zebracorn Street"})
    olga = shop.person(STAFF, Role.OPERATOR)
    for number, (said, _) in enumerate(SAID.values()):
        talk = shop.taken_over(f"My vase number {number} is broken, {said}", f"I am sorry. You said: {said}.", CUSTOMER)
        shop.model.reply_with("Certainly, we look into that.")
        done = shop.say(talk, f"Thank you so much, {said}")
        if done.reply is not None:
            kind = SignalKind.REJECTION if number % 2 else SignalKind.CORRECTION
            feedback.give(shop.workspace, done.reply.id, kind, by=olga, reason=f"Not like that: {said}", text=f"Better: {said}")


def test_git_and_the_logs_hold_no_canary(shop: Shop, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG, "voicegit")
    lived(shop)
    repository = shop.app.directives.path
    shop.teacher.answer = copies_everything
    proposals = []
    while (row := distill.distill(shop.workspace)).proposal is not None:
        proposals.append(row.proposal)
        with suppress(VoicegitError):
            release = review.approve(shop.workspace, row.proposal, by=shop.owner)
            rollback.rollback(shop.workspace, release, by=shop.owner, reason=next(iter(SAID.values()))[0])
    assert proposals
    assert len(history.log(shop.workspace)) > 1, "what it copied became live, without its canaries"

    by_hand: list[Callable[[str], object]] = [
        lambda said: review.propose(shop.workspace, {"facts/case.md": _file(said)}, title="A case", by=shop.owner),
        lambda said: review.propose(shop.workspace, {"facts/case.md": _file("Harmless")}, title=said[:90], by=shop.owner),
        lambda said: review.propose(shop.workspace, {"facts/case.md": _file("Harmless")}, title="A case", why=said, by=shop.owner),
        lambda said: review.amend(shop.workspace, open_one, {"facts/open.md": _file(said)}, by=shop.owner),
        lambda said: review.decline(shop.workspace, open_one, reason=said, by=shop.owner),
    ]
    open_one = review.propose(shop.workspace, {"facts/open.md": _file("Harmless")}, title="An open one", by=shop.owner)
    for number, (said, _) in enumerate(SAID.values()):
        for attempt in (by_hand[number % len(by_hand)], by_hand[(number + 2) % len(by_hand)]):
            with suppress(VoicegitError):
                attempt(said)
    worker.take_up(shop.workspace)
    assert found_in(kept_by_git(repository)) == []
    assert found_in(caplog.text) == []
    assert found_in("".join(capfd.readouterr())) == []


def test_no_push_brings_a_canary_in(shop: Shop) -> None:
    """As the hook asks, while what is pushed is in quarantine; that a refused push leaves nothing behind is the matter of `test_git_push`."""
    people.set_customer(shop.workspace, CUSTOMER)
    shop.person(STAFF, Role.OPERATOR)
    directives, known = shop.app.directives, hook.names(shop.app.directives.path)
    main = directives.head()

    def pushed(words: str, message: str, ref: str = "refs/heads/main") -> None:
        with directives.writing() as git:
            tip = git.commit(main, {"facts/case.md": _file(words)}, message=message, author=Signature("Robin", "push", shop.clock.now()))
        git_push.check(directives, [("0" * 40, tip, ref)], known)

    pushed("Harmless", "A case")
    for said, _ in SAID.values():
        for words, message in ((said, "A case"), ("Harmless", said)):
            with pytest.raises(Invalid, match="personal data"):
                pushed(words, message)
    with pytest.raises(Invalid, match="Only main"):
        pushed("Harmless", "A case", f"refs/heads/{CUSTOMER.replace(' ', '-')}")


def _file(words: str) -> bytes:
    return f"---\ntitle: A case\n---\n\n- {words}\n".encode()
