"""Texts as lines: taking one change back out of a text that went on changing."""

from difflib import SequenceMatcher


def without_change(before: str, after: str, now: str) -> str:
    """`now` without the lines that `before` -> `after` brought, and with those that it took, put back behind the line they stood behind.

    A guess for a person to judge where a three-way merge finds no answer: lines that were edited since are left as they are.
    """
    old, new, present = before.split("\n"), after.split("\n"), now.split("\n")
    changes = [places for tag, *places in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if tag != "equal"]
    for line in (line for _, _, new_from, new_to in changes for line in new[new_from:new_to]):
        if line.strip() and line in present:
            present.remove(line)
    for old_from, old_to, _, _ in changes:
        anchor = old[old_from - 1] if old_from else None
        if anchor is None or anchor in present:
            at = present.index(anchor) + 1 if anchor is not None else 0
            present[at:at] = [line for line in old[old_from:old_to] if line not in present or not line.strip()]
    return "\n".join(present)
