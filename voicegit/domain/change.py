"""One file's change of a proposal in plain words, computed from the two texts; what its author says about it is never asked."""

from collections.abc import Iterable
from datetime import date

from voicegit.domain import policy
from voicegit.domain.directive import Directive, Status
from voicegit.domain.operation import Change

PLAIN: dict[Change, str] = {
    Change.ADD: "Adds to it",
    Change.REFINE: "Says it more precisely",
    Change.REVISE: "Says something different",
    Change.RETIRE: "Takes away",
    Change.REINFORCE: "Confirms it: the words stay",
}


def kinds(path: str, old: Directive | None, new: Directive | None, named: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Each kind of operation with its plain words. `named` are those that the proposal says of this file; they count only for one that stays."""
    if path == policy.PATH:
        return (("policy", "Changes the settings"),)
    if old is None:
        return (("add", "A new directive"),)
    if new is None:
        return (("retire", "Deletes the directive"),)
    if old.status is Status.ACTIVE and new.status is Status.RETIRED:
        return (("retire", "Retires the directive: it is kept, and not used any more"),)
    if old.status is Status.RETIRED and new.status is Status.ACTIVE:
        return (("add", "Puts the directive back in force"),)
    known = [Change(one) for one in dict.fromkeys(named) if one in set(Change)]
    same = [rule.text for rule in old.rules] == [rule.text for rule in new.rules] and old.examples == new.examples and old.guards == new.guards
    # "Confirmed" may only be said of a file whose words stay.
    fit = [one for one in known if (one is Change.REINFORCE) is same] or [Change.REINFORCE if same and old.title == new.title else Change.REVISE]
    return tuple((one.value, PLAIN[one]) for one in fit)


def front_matter(old: Directive | None, new: Directive | None) -> tuple[str, ...]:
    """What changes besides the prose, one sentence each."""
    if new is None:
        return ()
    told = [] if old is None or old.title == new.title else [f"Title: “{old.title}” becomes “{new.title}”."]
    if old is not None and old.confidence != new.confidence:
        told.append(f"How sure we are: {old.confidence:.0%} becomes {new.confidence:.0%}.")
    elif old is None:
        told.append(f"How sure we are: {new.confidence:.0%}.")
    if (old.status if old else Status.ACTIVE) is not new.status:
        told.append("Retired: it is not used any more." if new.status is Status.RETIRED else "In force again.")
    told += _listed("Topic", old.topics if old else (), new.topics)
    if (old.protected if old else False) is not new.protected:
        told.append("Protected: only an owner's own proposal may change it." if new.protected else "No longer protected: a lead may approve changes to it.")
    told += _day("In force from", old.starts if old else None, new.starts)
    told += _day("In force until", old.ends if old else None, new.ends)
    told += _listed("Never say", old.guards.never_say if old else (), new.guards.never_say)
    before, after = (old.guards.max_words if old else None), new.guards.max_words
    if before != after:
        told.append(f"At most words in an answer: {before or 'no limit'} becomes {after or 'no limit'}.")
    return tuple(told)


def _listed(what: str, old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    return [*(f"{what}: {one}, added." for one in new if one not in old), *(f"{what}: {one}, removed." for one in old if one not in new)]


def _day(what: str, old: date | None, new: date | None) -> list[str]:
    if old == new:
        return []
    return [f"{what}: {_said(old)} becomes {_said(new)}."]


def _said(day: date | None) -> str:
    return f"{day:%d %b %Y}" if day else "no date"
