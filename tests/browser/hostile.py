"""The full shop, and on top of it every string of `xss`, and a word that is too long, wherever somebody can write: as a name, a message, a note, a draft, a
reason, a directive, a policy."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.browser import xss
from tests.browser.filled import Filled
from voicegit import bootstrap
from voicegit.domain.conversation import Author, Conversation, Floor, MessageKind
from voicegit.domain.ids import ConversationId, CustomerId, SignalId, SummonId
from voicegit.domain.people import Customer, Person, Role
from voicegit.domain.signal import Signal, SignalKind
from voicegit.domain.summon import Summon
from voicegit.errors import Invalid
from voicegit.ports import Transaction, Workspace
from voicegit.services import conversation, people, personal, review, rollback

LONG = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz"
"""A word that no line of a phone holds."""

STRINGS = (LONG, *xss.STRINGS)
EVERYTHING = "\n".join(STRINGS)
PART = 34
"""Strings to a directive: with more a file would be longer than it may be."""


def infest(root: Path, filled: Filled) -> Filled:
    """Returns where things are; its conversations of the kind `hostile` hold every string."""
    with bootstrap.opened(root, provider="local") as app:
        maria = people.named(app.workspace, None)
        # Directives first: what is somebody's name already may not stand in one.
        release = _live(app.workspace, maria)
        second = _proposed(app.workspace, maria)
        people.add(app.workspace, "<img src=x onerror=window.__xss=1>", role=Role.OPERATOR)
        people.add(app.workspace, LONG, role=Role.OPERATOR)
        talks = app.workspace.store.write(lambda tx: _waiting(tx, app.workspace))
        app.workspace.store.write(lambda tx: _said(tx, app.workspace, talks[0], maria))
        return replace(filled, talks={**filled.talks, "hostile": talks[0]}, release=release, second=second)


def _waiting(tx: Transaction, workspace: Workspace) -> list[ConversationId]:
    """A customer of each name, waiting for a person for a reason that reads so; every third with a person who holds the conversation."""
    now, talks = workspace.clock.now(), []
    for number, text in enumerate(STRINGS):
        name = f"{' '.join(text.split())[:115]} {number}"
        customer = Customer(CustomerId(workspace.clock.new_id()), name, now, notes=text, fields={"team": text})
        talk = Conversation(ConversationId(workspace.clock.new_id()), now, customer=customer.id, floor=Floor.SUMMONED)
        tx.customers.add(customer)
        tx.conversations.add(talk)
        conversation.append(tx, workspace, talk.id, Author.CUSTOMER, text)
        tx.summons.add(Summon(SummonId(workspace.clock.new_id()), talk.id, None, (text, EVERYTHING) if not talks else (text,), now))
        talks.append(talk.id)
    return talks


def _said(tx: Transaction, workspace: Workspace, talk: ConversationId, by: Person) -> None:
    """Everything said by everybody in one conversation, and learned from it."""
    for text in STRINGS:
        conversation.append(tx, workspace, talk, Author.CUSTOMER, text)
    for part in _parts(STRINGS):
        words = "\n".join(part)
        conversation.append(tx, workspace, talk, Author.PERSON, words, kind=MessageKind.NOTE, by=by)
        conversation.append(tx, workspace, talk, Author.PERSON, words, by=by)
        answer = conversation.append(tx, workspace, talk, Author.MODEL, words)
        signal = Signal(
            SignalId(workspace.clock.new_id()), SignalKind.REJECTION, talk, answer.id, by.id, workspace.clock.now(), 0.8, words, ours=words, reason=words
        )
        tx.signals.add(signal)


def _live(workspace: Workspace, by: Person) -> str:
    """A policy and directives that hold what may stand in them, approved; decisions with hostile reasons."""
    policy = workspace.directives.entries(workspace.directives.head())["policy.toml"].content.decode()
    hostile = policy.replace('name = "Sparkle Home Cleaning"', "name = '<img src=x onerror=window.__xss=1>'")
    assert hostile != policy
    files: dict[str, bytes | None] = {"policy.toml": hostile.encode()}
    for number, part in enumerate(_parts(_fit(workspace))):
        files[f"situations/hostile-{number}.md"] = _directive(part)
    release = ""
    for number, reason in enumerate(_parts(STRINGS)):
        title = " ".join(reason[0].split())[:100]
        name = review.propose(workspace, files if not number else {f"facts/gone-{number}.md": _directive(["Gone"])}, title=title, by=by, why="\n".join(reason))
        if number == 1:
            review.decline(workspace, name, reason="\n".join(reason), by=by)
            continue
        live = review.approve(workspace, name, by=by)
        release = release or live
        if number:
            rollback.rollback(workspace, live, by=by, reason="\n".join(reason))
    return release


def _proposed(workspace: Workspace, by: Person) -> str:
    """An open proposal that touches what is live: its word diff shows both."""
    part = [text.replace("x", "y") for text in _fit(workspace)[:PART]]
    return review.propose(workspace, {"situations/hostile-0.md": _directive(part), "facts/hostile.md": _directive(part)}, title=part[0], by=by, why=part[1])


def _fit(workspace: Workspace) -> list[str]:
    """The strings that a directive may hold at all: nothing hidden, nothing that could be somebody's name."""
    fit = []
    for text in STRINGS:
        try:
            personal.refuse(workspace, workspace.directives.head(), {"situations/x.md": text})
        except Invalid:
            continue
        if text.isprintable():
            fit.append(text)
    return fit


def _directive(rules: Sequence[str]) -> bytes:
    lines = "\n".join(f"- {rule}" for rule in rules)
    example = f"> **Customer:** {rules[-1]}\n>\n> **Us:** {rules[0]}\n"
    return f"---\ntitle: {json.dumps(rules[0][:80])}\ntopics: [hostile]\n---\n\n{lines}\n\n## Examples\n\n{example}".encode()


def _parts(strings: Sequence[str]) -> list[Sequence[str]]:
    return [strings[at : at + PART] for at in range(0, len(strings), PART)]
