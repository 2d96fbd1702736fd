"""The tree of a directives repository, checked before anything in it is served or merged."""

from collections.abc import Mapping
from dataclasses import dataclass

from voicegit.domain import directive, policy
from voicegit.domain.directive import Directive
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import Revision
from voicegit.errors import Finding, Invalid

MAX_FILES = 500
PLAIN_FILE = "100644"
IGNORED = frozenset({"README.md"})
"""For people who clone the repository; never part of the guidance."""


@dataclass(frozen=True)
class Entry:
    """One entry of a tree. `mode` as git writes it, `id` the blob's id, `content` its bytes (empty for what is no plain file)."""

    mode: str
    id: str
    content: bytes


Parsed = dict[str, tuple[Directive | None, tuple[Finding, ...]]]
"""What reading a blob gave, by path and blob id, so that a new commit costs only what it changed."""


def lint(entries: Mapping[str, Entry], parsed: Parsed | None = None) -> tuple[tuple[Directive, ...], policy.Policy | None, tuple[Finding, ...]]:
    """Directives and policy of a tree, with every finding. Pass the same `parsed` again to read only what is new."""
    findings: list[Finding] = []
    directives: list[Directive] = []
    found_policy: policy.Policy | None = None
    parsed = {} if parsed is None else parsed
    if len(entries) > MAX_FILES:
        findings.append(Finding(".", 1, f"there are {len(entries)} files; at most {MAX_FILES} can be served", "Take some out"))
    for path, entry in sorted(entries.items())[: MAX_FILES + 1]:
        if entry.mode != PLAIN_FILE:
            findings.append(Finding(path, 1, "this is not a plain file", "Links, programs and submodules cannot be directives: commit the text itself"))
        elif path == policy.PATH:
            found_policy, problems = policy.read(entry.content)
            findings += problems
        elif path not in IGNORED:
            key = f"{path}:{entry.id}"
            if key not in parsed:
                parsed[key] = directive.read(path, entry.content)
            one, problems = parsed[key]
            findings += problems
            directives += [one] if one is not None else []
    if policy.PATH not in entries:
        findings.append(Finding(policy.PATH, 1, "there is no policy", "Add policy.toml; an empty file means the defaults"))
    return tuple(directives), found_policy, tuple(findings)


def checked(revision: Revision, entries: Mapping[str, Entry], parsed: Parsed | None = None) -> DirectiveSet:
    """The set that may be served. Raises `Invalid` with every finding."""
    directives, found_policy, findings = lint(entries, parsed)
    if findings or found_policy is None:
        raise Invalid(f"Revision {revision[:10]} cannot be served: {findings[0]}", findings)
    return DirectiveSet(revision, directives, found_policy)
