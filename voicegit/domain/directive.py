"""A directive: one Markdown file that says how the business handles one thing. Reads the format; writing is in `directive_text`.

Front matter is YAML 1.2, read node by node: unknown keys, anchors, aliases and deep nesting are refused with their line,
so no YAML constructor ever runs on what somebody pushed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, SequenceStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from voicegit.domain.ids import DirectiveId
from voicegit.errors import Finding

MAX_BYTES = 8192
MAX_RULE_CHARS = 400
PATH = re.compile(r"(voice|situations|facts)/([a-z0-9][a-z0-9-]{0,63})\.md")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
NOT_FOR = re.compile(r"Not for: “(.+)”")
"""A rule that says which question a directive does not answer, in the customer's words. The embedded model obeys it, other models read it."""
_LABEL = re.compile(r"\*\*(Customer|Us):\*\*\s*(.*)", re.DOTALL)
_QUOTED = re.compile(r"\s{0,3}>\s*\*\*(Customer|Us):\*\*")


class Kind(StrEnum):
    VOICE = "voice"
    SITUATION = "situations"
    FACT = "facts"


class Status(StrEnum):
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True)
class Rule:
    """One list item, on one line, so that `git blame` can answer for it. `line` is 1-based in the file."""

    text: str
    line: int = 0


@dataclass(frozen=True)
class Example:
    """What customers wrote (one or more ways of saying it) and what a person of the business answered, word for word."""

    customer: tuple[str, ...]
    us: str
    line: int = 0


@dataclass(frozen=True)
class Guards:
    """Machine-checked conditions on outgoing text."""

    never_say: tuple[str, ...] = ()
    max_words: int | None = None

    def __bool__(self) -> bool:
        return bool(self.never_say) or self.max_words is not None


@dataclass(frozen=True)
class Directive:
    id: DirectiveId
    title: str
    source: str
    confidence: float = 0.5
    status: Status = Status.ACTIVE
    topics: tuple[str, ...] = ()
    protected: bool = False
    starts: date | None = None
    ends: date | None = None
    guards: Guards = field(default_factory=Guards)
    rules: tuple[Rule, ...] = ()
    examples: tuple[Example, ...] = ()

    @cached_property
    def kind(self) -> Kind:
        return Kind(self.id.split("/")[0])

    @property
    def path(self) -> str:
        return f"{self.id}.md"

    def in_force(self, today: date) -> bool:
        """Active, and inside its season (both days included)."""
        return self.status is Status.ACTIVE and (self.starts is None or self.starts <= today) and (self.ends is None or today <= self.ends)

    def meets(self, other: "Directive") -> bool:
        """Whether there is a day on which both are in season."""
        starts = max(filter(None, (self.starts, other.starts)), default=None)
        ends = min(filter(None, (self.ends, other.ends)), default=None)
        return starts is None or ends is None or starts <= ends

    def __str__(self) -> str:
        return f"{self.id} ({self.title})"


def read(path: str, content: bytes) -> tuple[Directive | None, tuple[Finding, ...]]:
    """The directive in a file, and every problem found in it. A file with findings gives no directive."""
    return _Reading(path).read(content)


def hidden_characters(text: str) -> Iterator[tuple[int, str]]:
    """1-based line and code point of each character a reviewer could not see: Cf, Co, Cs and Cc but for the newline.

    A zero-width joiner or variation selector is let through only inside an emoji (after a symbol), where it is visible.
    """
    line, before = 1, ""
    for char in text:
        if char == "\n":
            line += 1
        elif unicodedata.category(char) in {"Cf", "Co", "Cs", "Cc", "Zl", "Zp"}:
            if not (char == "\u200d" and _emoji_part(before)):
                yield line, f"U+{ord(char):04X}"
        elif _drawn_as_nothing(char) and not (char in "\ufe0e\ufe0f" and _emoji_part(before)):
            yield line, f"U+{ord(char):04X}"
        before = char


# Letters and marks by category, yet drawn as nothing: Hangul fillers, the grapheme joiner, Khmer inherent vowels, Mongolian selectors, Braille blank.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0")


def _drawn_as_nothing(char: str) -> bool:
    """Also the code points that are not assigned yet and never drawn: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point"""
    selector = "\ufe00" <= char <= "\ufe0f"
    unassigned = "\ufff0" <= char <= "\ufff8" or "\U000e0000" <= char <= "\U000e0fff" or ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef"
    return char in _INVISIBLE or selector or unassigned


def _emoji_part(char: str) -> bool:
    return bool(char) and (unicodedata.category(char) in {"So", "Sk", "Sm"} or char in "\ufe0f#*0123456789")


class _Reading:
    """One pass over one file, gathering findings as it goes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []

    def wrong(self, line: int, problem: str, remedy: str) -> None:
        self.findings.append(Finding(self.path, line, problem, remedy))

    def read(self, content: bytes) -> tuple[Directive | None, tuple[Finding, ...]]:
        text = self._text(content)
        directive = self._directive(text) if text is not None else None
        return (None if self.findings else directive), tuple(sorted(self.findings, key=lambda finding: finding.line))

    def _text(self, content: bytes) -> str | None:
        if not PATH.fullmatch(self.path):
            self.wrong(1, "this is not a place for a directive", "Use voice/, situations/ or facts/ and a name of a-z, 0-9 and hyphens, ending in .md")
        if len(content) > MAX_BYTES:
            self.wrong(1, f"the file has {len(content)} bytes; at most {MAX_BYTES} can be served", "Split it into two directives")
            return None
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as exc:
            self.wrong(content[: exc.start].count(b"\n") + 1, "a byte here is not UTF-8", "Save the file as UTF-8")
            return None
        if "\r" in text:
            self.wrong(text[: text.index("\r")].count("\n") + 1, "a carriage return ends this line", "Save the file with Unix line ends")
            return None
        for line, code in hidden_characters(text):
            self.wrong(line, f"a hidden character {code} stands here", "Delete it: a reviewer cannot see it")
        return None if self.findings else text

    def _directive(self, text: str) -> Directive | None:
        lines = text.split("\n")
        if lines[0] != "---" or "---" not in lines[1:]:
            self.wrong(1, "there is no front matter", "Begin the file with ---, the keys (at least title), and --- on a line of its own")
            return None
        end = lines.index("---", 1)
        values = self._front_matter("\n".join(lines[1:end]) + "\n")
        rules, examples = self._body(lines, end + 1)
        if "title" not in values:
            if not self.findings:
                self.wrong(1, "the directive has no title", "Add 'title: …' to the front matter, in plain words")
            return None
        return Directive(
            id=DirectiveId(self.path.removesuffix(".md")), source=text, rules=rules, examples=examples, guards=values.pop("guards", Guards()), **values
        )

    # ---- front matter

    def _front_matter(self, text: str) -> dict[str, Any]:
        node = self._compose(text)
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            self.wrong(2, "the front matter is not a list of keys", "Write it as 'key: value' lines")
            return {}
        values: dict[str, Any] = {}
        for name, value, line in self._pairs(node, _KEYS):
            field_name, read_value = _KEYS[name]
            got = read_value(self, name, value, line)
            if got is not None:
                values[field_name] = got
        if "starts" in values and "ends" in values and values["starts"] > values["ends"]:
            self.wrong(2, "'from' is later than 'until'", "Swap the two dates")
        return values

    def _compose(self, text: str) -> Node | None:
        yaml = YAML(typ="rt", pure=True)
        yaml.version = (1, 2)
        depth = 0
        try:
            for event in yaml.parse(text):
                if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                    self.wrong(event.start_mark.line + 2, "anchors and aliases are not used here", "Write the value out")
                    return None
                depth += isinstance(event, MappingStartEvent | SequenceStartEvent) - type(event).__name__.endswith("EndEvent")
                if depth > 8:
                    self.wrong(event.start_mark.line + 2, "the front matter is nested too deeply", "Use the keys that the README names")
                    return None
            return YAML(typ="rt", pure=True).compose(text)  # type: ignore[no-any-return]
        except (MarkedYAMLError, ReaderError, ValueError) as exc:
            mark = getattr(exc, "problem_mark", None)
            self.wrong((mark.line if mark else 0) + 2, "the front matter is not valid YAML", "Check the indentation, quotes and colons of this line")
            return None

    def _pairs(self, node: MappingNode, known: Any) -> Iterator[tuple[str, Node, int]]:
        seen: set[str] = set()
        for key, value in node.value:
            line, name = key.start_mark.line + 2, str(key.value) if isinstance(key, ScalarNode) else "?"
            if name in seen:
                self.wrong(line, f"'{name}' stands here twice", "Keep one of them")
            elif name not in known:
                self.wrong(line, f"'{name[:40]}' is not a key of a directive", f"Use one of: {', '.join(known)}")
            else:
                yield name, value, line
            seen.add(name)

    def _scalar(self, value: Node, tags: tuple[str, ...]) -> str | None:
        """The text of a value of one of these kinds; an escape in quotes must not bring in what `hidden_characters` keeps out."""
        if not isinstance(value, ScalarNode) or str(value.tag).removeprefix("tag:yaml.org,2002:") not in tags:
            return None
        text = str(value.value)
        return None if next(hidden_characters(text), None) else text

    def _string(self, name: str, value: Node, line: int) -> str | None:
        text = self._scalar(value, ("str", "int", "float", "bool", "timestamp"))
        if text is None or not text.strip() or len(text) > 120 or "\n" in text:
            self.wrong(line, f"'{name}' is not one line of 1 to 120 characters", "Write it as plain text")
            return None
        return text.strip()

    def _unit(self, name: str, value: Node, line: int) -> float | None:
        text = self._scalar(value, ("int", "float"))
        if text is None or not re.fullmatch(r"[01](\.\d+)?|\.\d+", text) or not 0 <= float(text) <= 1:
            self.wrong(line, f"'{name}' is not a number from 0 to 1", "Write it as 0.75")
            return None
        return float(text)

    def _flag(self, name: str, value: Node, line: int) -> bool | None:
        text = self._scalar(value, ("bool",))
        if text not in {"true", "false"}:
            self.wrong(line, f"'{name}' is neither true nor false", "Write true or false")
            return None
        return text == "true"

    def _status(self, name: str, value: Node, line: int) -> Status | None:
        text = self._scalar(value, ("str",))
        if text not in set(Status):
            self.wrong(line, f"'{name}' is neither active nor retired", "Write active or retired")
            return None
        return Status(text)

    def _date(self, name: str, value: Node, line: int) -> date | None:
        text = self._scalar(value, ("timestamp", "str")) or ""
        try:
            return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "")
        except ValueError:
            self.wrong(line, f"'{name}' is not a date", "Write it as 2026-12-01")
            return None

    def _strings(self, name: str, value: Node, line: int) -> tuple[str, ...] | None:
        items = [self._scalar(item, ("str", "int", "float", "bool")) for item in value.value] if isinstance(value, SequenceNode) else [None]
        if any(item is None or not item.strip() or len(item) > 80 or "\n" in item for item in items) or len(items) > 50:
            self.wrong(line, f"'{name}' is not a list of at most 50 short texts", f"Write it as '{name}: [one, two]'")
            return None
        return tuple(item.strip() for item in items if item is not None)

    def _topics(self, name: str, value: Node, line: int) -> tuple[str, ...] | None:
        topics = self._strings(name, value, line)
        if topics is not None and not all(SLUG.fullmatch(topic) for topic in topics):
            self.wrong(line, f"'{name}' holds something that is not a plain word", "Use a-z, 0-9 and hyphens")
            return None
        return topics

    def _guards(self, name: str, value: Node, line: int) -> Guards | None:
        if not isinstance(value, MappingNode):
            self.wrong(line, "'guards' is not a list of keys", "Write 'never_say: [word]' or 'max_words: 80' under it, indented by two")
            return None
        never: tuple[str, ...] = ()
        most: int | None = None
        for key, node, at in self._pairs(node=value, known=("never_say", "max_words")):
            if key == "never_say":
                never = self._strings(key, node, at) or ()
            else:
                text = self._scalar(node, ("int",))
                if text is None or not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= 1000:
                    self.wrong(at, "'max_words' is not a whole number from 1 to 1000", "Write it as 80")
                else:
                    most = int(text)
        return Guards(never, most)

    # ---- body

    def _body(self, lines: list[str], start: int) -> tuple[tuple[Rule, ...], tuple[Example, ...]]:
        tokens = MarkdownIt("commonmark").parse("\n".join(lines[start:]))
        rules: list[Rule] = []
        examples: list[Example] = []
        in_examples = False
        for index, token in enumerate(tokens):
            if token.type == "heading_open" and token.level == 0:
                in_examples = tokens[index + 1].content.strip().lower() == "examples"
            elif token.type == "list_item_open" and token.level == 1 and token.map:
                if in_examples:
                    self.wrong(start + token.map[0] + 1, "this rule stands among the examples, where none is read", "Put it before '## Examples'")
                rules += self._rule(lines, start + token.map[0], start + token.map[1])
            elif token.type == "blockquote_open" and token.level == 0 and token.map:
                first, last = start + token.map[0], start + token.map[1]
                if in_examples:
                    examples += self._example(lines, first, last)
                elif any(_QUOTED.match(line) for line in lines[first:last]):
                    self.wrong(first + 1, "this example stands outside the examples, where none is read", "Put it under '## Examples'")
        seen: dict[str, int] = {}
        for rule in rules:
            if rule.text in seen:
                self.wrong(rule.line, f"this rule stands on line {seen[rule.text]} already", "Delete one of the two")
            seen[rule.text] = rule.line
        return tuple(rules), tuple(examples)

    def _rule(self, lines: list[str], first: int, last: int) -> Iterator[Rule]:
        number = first + 1
        text = re.sub(r"^\s*([-*+]|\d{1,9}[.)])(\s+|$)", "", lines[first]).strip()
        if any(line.strip() for line in lines[first + 1 : last]):
            self.wrong(number, "this rule takes more than one line", "Write one rule on one line; make two rules of it if it is long")
        elif not text or len(text) > MAX_RULE_CHARS:
            self.wrong(number, f"this rule has {len(text)} characters", f"Write 1 to {MAX_RULE_CHARS} characters")
        else:
            yield Rule(text, number)

    def _example(self, lines: list[str], first: int, last: int) -> Iterator[Example]:
        paragraphs = "\n".join(re.sub(r"^\s{0,3}> ?", "", line) for line in lines[first:last]).strip().split("\n\n")
        customer: list[str] = []
        us: list[str] = []
        for paragraph in paragraphs:
            label = _LABEL.fullmatch(paragraph.strip())
            if label and label[1] == "Customer" and not us:
                customer.append(" ".join(label[2].split()))
            elif label and label[1] == "Us" and not us:
                us.append(label[2].strip())
            elif us and not label:
                us.append(paragraph.strip())
            else:
                self.wrong(first + 1, "this example does not read as one", "Write > **Customer:** …, a line with > alone, then > **Us:** …")
                return
        if not customer or not us or not all(customer) or not us[0]:
            self.wrong(
                first + 1, "this example lacks what the customer wrote or what we answered", "Write > **Customer:** …, a line with > alone, then > **Us:** …"
            )
            return
        answer = "\n\n".join(us)
        yield Example(tuple(customer), re.sub(r"(?m)^([^\S\n]*)\\(\\*\*\*)", r"\1\2", answer), first + 1)


_KEYS: dict[str, tuple[str, Callable[[_Reading, str, Node, int], Any]]] = {
    "title": ("title", _Reading._string),
    "confidence": ("confidence", _Reading._unit),
    "status": ("status", _Reading._status),
    "topics": ("topics", _Reading._topics),
    "protected": ("protected", _Reading._flag),
    "from": ("starts", _Reading._date),
    "until": ("ends", _Reading._date),
    "guards": ("guards", _Reading._guards),
}
