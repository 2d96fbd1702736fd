"""A machine's verdict on a proposal, and what it touches. Computed from the two trees alone, never from anybody's prose about them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz import fuzz

from voicegit.domain import dispute, naming
from voicegit.domain import policy as policy_file
from voicegit.domain.contradiction import InForce
from voicegit.domain.directive import PATH, Directive, Guards, Kind, Status, read
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.naming import Known
from voicegit.domain.operation import Contested
from voicegit.domain.outgoing import guard_hits, guards_for, names_a_time
from voicegit.domain.policy import Trigger
from voicegit.domain.privacy import certain, suspicious
from voicegit.domain.quantity import figures
from voicegit.domain.rephrased import Rephrased
from voicegit.domain.tree import Entry, lint
from voicegit.domain.triggers import fired
from voicegit.errors import Finding


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """`summary` is one plain sentence; a check that fails forbids approval."""

    name: str
    verdict: Verdict
    summary: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Proposed:
    """What the checks look at. `owners_own` is True when an owner wrote or last edited the proposal by hand; `names` are people known from its evidence.

    `full_names` are those of all other customers.
    """

    before: DirectiveSet
    entries: Mapping[str, Entry]
    message: str
    today: date
    owners_own: bool = False
    names: Sequence[str] = ()
    full_names: Collection[str] = ()
    disputes: Sequence[Contested] = ()
    """What two people taught against each other, as the distillation that proposed it asks."""
    name: str = "PROPOSAL"


ALIKE = 88
"""How alike (0..100, token set ratio) two rules must be to be shown as saying the same."""


def run(proposed: Proposed) -> tuple[Check, ...]:
    directives, policy, findings = lint(proposed.entries)
    if findings or policy is None:
        return (Check("lint", Verdict.FAIL, f"{len(findings)} problems make it impossible to serve.", findings),)
    after = DirectiveSet(proposed.before.revision, directives, policy)
    changed = [d for d in directives if (old := proposed.before.get(d.id)) is None or old.source != d.source]
    return (
        Check("lint", Verdict.PASS, "Every file can be read and served."),
        _privacy(proposed, changed),
        _protected(proposed, after, changed),
        _guards(after, proposed.before, proposed.today),
        _conflict(after, proposed, changed),
    )


def failed(checks: Sequence[Check]) -> list[Check]:
    return [check for check in checks if check.verdict is Verdict.FAIL]


def added_lines(before: str, after: str) -> list[tuple[int, str]]:
    """Lines of `after`, with their numbers, that do not stand in `before`."""
    known = set(before.split("\n"))
    return [(number, line) for number, line in enumerate(after.split("\n"), 1) if line.strip() and line not in known]


def labels(proposed: Proposed) -> tuple[str, ...]:
    """What a proposal touches that deserves a second look, in plain words: risk first."""
    directives, _, _ = lint(proposed.entries)
    after = {d.id: d for d in directives}
    before = {d.id: d for d in proposed.before.directives}
    sources = {id: d.source for id, d in before.items()}
    added = "\n".join(line for id, d in after.items() for _, line in added_lines(sources.get(id, ""), d.source))
    pairs = [(d, after.get(id)) for id, d in before.items() if d.status is Status.ACTIVE]
    removed = any(_rests(old, new) or {r.text for r in old.rules} - {r.text for r in getattr(new, "rules", ())} for old, new in pairs)
    loosened = any(_looser(old.guards, Guards() if new is None or _rests(old, new) else new.guards) for old, new in pairs)
    touched = fired(added, {})
    found = [
        ("changes when a person is called (policy)", _policy_moved(proposed)),
        ("answers with a day or an hour", any(_promises_a_time(d, before.get(id)) for id, d in after.items())),
        ("touches money", Trigger.MONEY in touched),
        ("touches legal words", Trigger.LEGAL_THREAT in touched or "liab" in added.lower()),
        ("touches safety", Trigger.INJURY_OR_DANGER in touched),
        ("changes a protected directive", any(d.protected and sources[id] != getattr(after.get(id), "source", None) for id, d in before.items())),
        ("takes a guard away", loosened),
        ("takes a rule away", removed),
    ]
    return tuple(name for name, holds in found if holds)


def _promises_a_time(new: Directive, old: Directive | None) -> bool:
    """What was true for one customer is said to the next one. Facts are there to name hours; a situation's answers are not."""
    said = {example.us for example in getattr(old, "examples", ())}
    return new.kind is Kind.SITUATION and any(names_a_time(example.us) for example in new.examples if example.us not in said)


def _rests(old: Directive, new: Directive | None) -> bool:
    """Whether a directive that was in force is not any more, or for a shorter time."""
    if new is None or new.status is not Status.ACTIVE:
        return True
    later = new.starts is not None and (old.starts is None or new.starts > old.starts)
    return later or (new.ends is not None and (old.ends is None or new.ends < old.ends))


def _looser(old: Guards, new: Guards) -> bool:
    longer = old.max_words is not None and (new.max_words is None or new.max_words > old.max_words)
    return longer or bool(set(old.never_say) - set(new.never_say))


def _policy_moved(proposed: Proposed) -> bool:
    entry = proposed.entries.get(policy_file.PATH)
    return entry is not None and policy_file.read(entry.content)[0] != proposed.before.policy


def personal(
    before: DirectiveSet, texts: Mapping[str, str], *, names: Sequence[str] = (), full_names: Collection[str] = ()
) -> tuple[list[Finding], list[Finding]]:
    """What in the new lines of these texts surely is personal data, and what only might be (a capitalised word that no live text holds).

    `names` are looked for in all their parts; `full_names` (of all other customers, whose parts are everybody's words) only whole.
    """
    live = "\n".join(d.source for d in before.directives)
    people = naming.known(names, full_names, live=live)
    ours = _business(before, texts)
    sure: list[Finding] = []
    perhaps: list[Finding] = []
    for path, text in texts.items():
        _named(before, path, text, people, (sure, perhaps))
        old = getattr(before.get(path.removesuffix(".md")), "source", "")
        for number, line in added_lines(old, text):
            spoken = "" if _SEASON.fullmatch(line) else ours.sub("", line)
            kind = certain(spoken, names=names) or ("name" if people.names_in_full(spoken) else None)
            if kind is not None:
                sure.append(Finding(path, number, f"this is personal data ({kind})", "Replace it by a placeholder, such as {name} or [phone]"))
            elif unknown := [line[s.start : s.end] for s in suspicious(line, names=names) if line[s.start : s.end] not in live]:
                perhaps.append(Finding(path, number, f"“{unknown[0]}” may be personal data", "If it is a person's, replace it by a placeholder"))
    return sure, perhaps


_SEASON = re.compile(r"(?:from|until): *\d{4}-\d\d-\d\d *")
"""A day far away has as many figures as a telephone number."""


def _named(before: DirectiveSet, path: str, text: str, people: Known, found: tuple[list[Finding], list[Finding]]) -> None:
    """The path, the title and the topics of a directive, where they are new: a person has no placeholder there."""
    new = read(path, text.encode())[0] if PATH.fullmatch(path) else None
    old = before.get(path.removesuffix(".md"))
    said = [] if old is not None or not PATH.fullmatch(path) else [("path", path.removesuffix(".md").partition("/")[2])]
    if new is not None:
        said += [("title", new.title)] if old is None or old.title != new.title else []
        said += [("topics", topic) for topic in new.topics if old is None or topic not in old.topics]
    for what, words in said:
        if people.names(words):
            found[0].append(Finding(path, 1, f"its {what} is personal data (name)", "Choose a word that is nobody's name"))
        elif people.may_name(words):
            found[1].append(Finding(path, 1, f"its {what} “{words}” may be a customer's name", "If it is, choose another word"))


def _business(before: DirectiveSet, texts: Mapping[str, str]) -> re.Pattern[str]:
    """The business's own name, which may be somebody's too: it is what customers are to read."""
    new = policy_file.read(texts[policy_file.PATH].encode())[0] if policy_file.PATH in texts else None
    names = {policy.business.name for policy in (before.policy, new) if policy is not None}
    return re.compile("|".join(re.escape(name) for name in sorted(names)), re.IGNORECASE)


def _privacy(proposed: Proposed, changed: Sequence[Directive]) -> Check:
    texts = {d.path: d.source for d in changed} | {"commit message": proposed.message.split("\n\nProposal: ")[0]}
    sure, perhaps = personal(proposed.before, texts, names=proposed.names, full_names=proposed.full_names)
    # A policy is not prose: what only might be a name is its owner's choice of words.
    policy = proposed.entries[policy_file.PATH].content.decode("utf-8", "replace")
    sure += personal(proposed.before, {policy_file.PATH: policy}, names=proposed.names, full_names=proposed.full_names)[0]
    if sure:
        return Check("privacy", Verdict.FAIL, "It holds personal data.", (*sure, *perhaps))
    if perhaps:
        return Check("privacy", Verdict.WARN, f"{len(perhaps)} lines may hold personal data: look at them.", tuple(perhaps))
    return Check("privacy", Verdict.PASS, "No personal data was found in it.")


def _protected(proposed: Proposed, after: DirectiveSet, changed: Sequence[Directive]) -> Check:
    kept = [d for d in proposed.before.directives if d.protected]
    moved = [d for d in kept if getattr(after.get(d.id), "source", None) != d.source]
    if moved and not proposed.owners_own:
        found = tuple(Finding(d.path, 1, "this directive is protected", "Only a proposal that the owner wrote may change it") for d in moved)
        return Check("protected", Verdict.FAIL, "It changes a protected directive.", found)
    against = [] if proposed.owners_own else _against(kept, proposed.before, changed)
    if against:
        return Check("protected", Verdict.FAIL, "It contradicts a protected directive.", tuple(against))
    return Check("protected", Verdict.PASS, "No protected directive is changed." if not moved else "The owner changes a protected directive by hand.")


def _against(kept: Sequence[Directive], before: DirectiveSet, changed: Sequence[Directive]) -> list[Finding]:
    """New rules and answers that say something else than a protected directive does."""
    force = InForce([d for d in kept if d.status is Status.ACTIVE])
    rephrased = Rephrased(force, among=before.directives)
    found: list[Finding] = []
    for directive in changed:
        old = before.get(directive.id)
        rules = {rule.text for rule in old.rules} if old is not None else set()
        examples = {(text, example.us) for example in old.examples for text in example.customer} if old is not None else set()
        new = [rule for rule in directive.rules if rule.text not in rules]
        told = [(rule.line, one) for rule in new for one in [force.against_rule(rule.text) or next(iter(rephrased.against("", rule.text)), None)]]
        told += [
            (example.line, one)
            for example in directive.examples
            for text in example.customer
            if (text, example.us) not in examples
            for one in force.against(text, example.us) or rephrased.against(text, example.us)
        ]
        found += [
            Finding(directive.path, line, f"this says something else than {one.directive}.md:{one.line} (“{one.old}”), which is protected", "Take it out")
            for line, one in told
            if one is not None
        ]
    return found


def _guards(after: DirectiveSet, before: DirectiveSet, today: date) -> Check:
    """A new example that breaks a guard is refused; an old one that a new guard catches is shown: it will not be said any more.

    Each against the guards that can hold together with it, whatever the season. One that is only too long is shown: what it says may be right.
    """
    active = [d for d in after.directives if d.status is Status.ACTIVE and (d.ends is None or d.ends >= today)]
    fresh: list[Finding] = []
    caught: list[Finding] = []
    for directive in active:
        old = {example.us for example in getattr(before.get(directive.id), "examples", ())}
        guards = guards_for([d for d in active if d.id == directive.id or (d.kind is Kind.VOICE and d.meets(directive))], directive.id)
        for example in directive.examples:
            for hit in guard_hits(example.us, Guards(guards.never_say)):
                if example.us in old:
                    caught.append(Finding(directive.path, example.line, f"as an answer {hit}", "A person is called instead, until it is written anew"))
                else:
                    fresh.append(Finding(directive.path, example.line, f"as an answer {hit}", "Change the example or the guard"))
            for hit in guard_hits(example.us, Guards(max_words=guards.max_words)):
                caught.append(Finding(directive.path, example.line, f"as an answer {hit}", "Shorten it; until then a person is called instead"))
    held = guards_for([d for d in active if d.kind is Kind.VOICE], None)
    for key, line in (("holding_line", after.policy.turns.holding_line), ("tell_line", after.policy.summon.tell_line.replace("{time}", ""))):
        caught += [Finding(policy_file.PATH, 1, f"as {key} {hit}", "Write it without that") for hit in guard_hits(line, Guards(held.never_say))]
    if fresh:
        return Check("guards", Verdict.FAIL, f"{len(fresh)} new examples break a guard.", (*fresh, *caught))
    if caught:
        return Check("guards", Verdict.WARN, f"{len(caught)} approved texts break a guard and will not be said as they are.", tuple(caught))
    return Check("guards", Verdict.PASS, "Every example keeps to the guards.")


def _conflict(after: DirectiveSet, proposed: Proposed, changed: Sequence[Directive]) -> Check:
    """New rules that say the same as, or the opposite of, a rule elsewhere: shown, for a person to judge. Of two answers to one question that cannot both
    hold, a person has to say which does.
    """
    before, found = proposed.before, []
    if opposed := tuple(_opposed(after, proposed)):
        return Check("conflict", Verdict.FAIL, "It answers one question in two ways that cannot both hold.", opposed)
    for directive in changed:
        old = {rule.text for rule in getattr(before.get(directive.id), "rules", ())}
        for rule in (rule for rule in directive.rules if rule.text not in old):
            for other in after.directives:
                for known in other.rules:
                    same_place = other.id == directive.id and known.line == rule.line
                    if not same_place and fuzz.token_set_ratio(_plain(rule.text), _plain(known.text)) >= ALIKE:
                        opposite = _negated(rule.text) != _negated(known.text)
                        says = "the opposite of" if opposite else "much the same as"
                        found.append(Finding(directive.path, rule.line, f"this says {says} {other.path}:{known.line}", "Keep one of the two"))
    left = _left_behind(after, before, changed)
    if found or left:
        said = [f"{len(found)} new rules repeat or contradict another."] * bool(found) + [f"{len(left)} answers still say what a rule said before."] * bool(
            left
        )
        return Check("conflict", Verdict.WARN, " ".join(said), (*found, *left))
    return Check("conflict", Verdict.PASS, "No new rule repeats or contradicts another.")


def _opposed(after: DirectiveSet, proposed: Proposed) -> Iterator[Finding]:
    """Where two people taught against each other and nobody said whose text holds; then examples with the same words, whoever wrote them."""
    told: set[frozenset[str]] = set()
    for question in proposed.disputes:
        if both := dispute.open_in(after.directives, question):
            older, newer = both
            told.add(frozenset((str(older), str(newer))))
            says = f"{question.old_by} answered this so on {question.old_on:%d %b %Y}, and {question.new_by} the opposite ({newer})"
            names = " or ".join(f"'voicegit answer {proposed.name} --holds {who}'" for who in (question.old_by, question.new_by))
            yield Finding(older.directive.path, older.line, says, f"Say whose text holds: {names}")
    for one, other in dispute.opposed(after.directives, proposed.before.directives):
        if frozenset((str(one), str(other))) not in told:
            told.add(frozenset((str(one), str(other))))
            yield Finding(one.directive.path, one.line, f"“{one.asked}” gets the opposite answer at {other}", "Take one of the two out")


def _left_behind(after: DirectiveSet, before: DirectiveSet, changed: Sequence[Directive]) -> list[Finding]:
    """Approved answers that still hold a figure which the rules of their directive gave up for another: the embedded model goes on quoting them."""
    found = []
    for new in changed:
        old = before.get(new.id)
        was, now = (frozenset().union(*(figures(rule.text) for rule in getattr(one, "rules", ()))) for one in (old, new))
        gone = was - now
        if not gone or not now - was:
            continue
        for example in new.examples:
            if stale := sorted(value for _, value in figures(example.us) & gone):
                found.append(Finding(new.path, example.line, f"this answer still says {stale[0]}, which its rules say no more", "Change the answer too"))
    return found


_NEGATIONS = {"no", "not", "never", "don't", "dont", "without", "avoid", "stop"}


def _plain(text: str) -> str:
    return " ".join(word for word in text.lower().replace("’", "'").split() if word.strip('.,;:!?"') not in _NEGATIONS)


def _negated(text: str) -> bool:
    return bool({word.strip('.,;:!?"“”') for word in text.lower().replace("’", "'").split()} & _NEGATIONS)
