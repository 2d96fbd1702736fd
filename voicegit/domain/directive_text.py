"""Writes directives: exact edits of one rule, example, guard or key. Every byte outside the edit stays as a person wrote it."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from voicegit.domain.directive import Directive, Example, Guards, Rule, Status
from voicegit.errors import Invalid

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 '’?!./-]{0,79}")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "~"}
_LABELLED = re.compile(r"\s*>\s*\*\*Customer:\*\*\s*(.*)")
_ITEM = r"""\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,\[\]{}"'#][^,\[\]{}#]*)\s*"""
_FLOW = re.compile(rf"(\s+never_say:\s*\[)((?:{_ITEM},)*(?:{_ITEM})?\s*)(\]\s*(?:#.*)?)")


def new(title: str, *, confidence: float, topics: Sequence[str] = (), guards: Guards | None = None) -> str:
    """A fresh file with its front matter and an empty body."""
    lines = ["---", f"title: {_scalar(title)}", f"confidence: {_number(confidence)}", "status: active"]
    if topics:
        lines.append(f"topics: [{', '.join(topics)}]")
    lines += ["---", ""]
    source = "\n".join(lines)
    return add_guards(source, guards) if guards else source


def written(directive: Directive) -> str:
    """A fresh file that says all this and nothing else; `id` and `source` are not looked at. Raises `Invalid` for a rule that cannot stand on a line."""
    source = new(directive.title, confidence=directive.confidence, topics=directive.topics, guards=directive.guards or None)
    for key, day in (("from", directive.starts), ("until", directive.ends)):
        source = _set_key(source, key, day.isoformat()) if day else source
    source = _set_key(source, "protected", "true") if directive.protected else source
    rules = [_item("- ", " ".join(rule.text.split())) for rule in directive.rules]
    source = "\n".join([source.rstrip("\n"), "", *rules, ""]) if rules else source
    blocks = ["\n".join(_block(replace(example, us=_tidy(example.us)))) for example in directive.examples]
    return source.rstrip("\n") + "\n" + "".join(f"\n{part}\n" for part in (["## Examples", *blocks] if blocks else []))


def add_rule(source: str, rules: Sequence[Rule], text: str) -> str:
    """A rule after the last one, or the first of a list before the examples."""
    lines = source.split("\n")
    if rules:
        last = rules[-1].line
        marker = _marker(lines[last - 1])
        return "\n".join([*lines[:last], _item(marker if not marker.strip()[:-1].isdigit() else "- ", text), *lines[last:]])
    at = _examples_heading(lines)
    if at is None:
        return source.rstrip("\n") + f"\n\n{_item('- ', text)}\n"
    return "\n".join([*lines[:at], _item("- ", text), "", *lines[at:]])


def replace_rule(source: str, rule: Rule, text: str) -> str:
    lines = source.split("\n")
    lines[rule.line - 1] = _item(_marker(lines[rule.line - 1]), text)
    return "\n".join(lines)


def remove_rule(source: str, rule: Rule) -> str:
    lines = source.split("\n")
    del lines[rule.line - 1]
    return "\n".join(lines)


def add_example(directive: Directive, example: Example) -> str:
    """The example at the end of its section; if the same answer stands there already, only the new ways of asking are added to it."""
    lines = directive.source.split("\n")
    example = replace(example, us=_tidy(example.us))
    same = next((known for known in directive.examples if known.us == example.us), None)
    if same is not None:
        asked = [text for text in example.customer if text not in same.customer]
        answer = _answer_of(same, lines)
        return "\n".join([*lines[:answer], *(line for text in asked for line in (_asked(text), ">")), *lines[answer:]])
    block = "\n".join(_block(example))
    body = directive.source.rstrip("\n")
    return f"{body}\n\n{block}\n" if _examples_heading(lines) is not None else f"{body}\n\n## Examples\n\n{block}\n"


def replace_answer(directive: Directive, us: str, words: str) -> str:
    """The source with other words in the place of one answer; the questions that it answers stay. Raises `Invalid` where no example has this answer."""
    lines = directive.source.split("\n")
    example = next((one for one in directive.examples if one.us == us), None)
    if example is None:
        raise Invalid("the answer it names does not stand there")
    first = last = _answer_of(example, lines)
    while last < len(lines) and lines[last].lstrip().startswith(">"):
        last += 1
    return "\n".join([*lines[:first], *_block(Example((), _tidy(words))), *lines[last:]])


def remove_asked(directive: Directive, asked: str, *, us: str | None = None) -> str:
    """The source without one way of asking (of the example with the answer `us`); without the whole example where it was the only one."""
    lines = directive.source.split("\n")
    example = next((one for one in directive.examples if asked in one.customer and us in (None, one.us)), None)
    if example is None:
        return directive.source
    at = next(i for i in range(example.line - 1, len(lines)) if _LABELLED.fullmatch(lines[i]) and asked == " ".join(_LABELLED.fullmatch(lines[i])[1].split()))  # type: ignore[index]
    if len(example.customer) > 1:
        end = at + 1 if at + 1 < len(lines) and lines[at + 1].strip() != ">" else at + 2
        return "\n".join([*lines[:at], *lines[end:]])
    first = last = example.line - 1
    while last < len(lines) and lines[last].lstrip().startswith(">"):
        last += 1
    return "\n".join([*lines[:first], *lines[last + 1 :]]).rstrip("\n") + "\n"


def allow(source: str, word: str) -> str:
    """The source with a word taken out of `never_say`. Raises `Invalid` where the list is written in a way that cannot be edited exactly."""
    lines, at, stop = _guards_line(source)
    for i in range(at + 1, stop):
        flow = _FLOW.fullmatch(lines[i])
        if flow:
            items = [item.strip() for item in re.findall(_ITEM, flow[2]) if item.strip()]
            kept = [item for item in items if item.strip("\"'") != word]
            if len(kept) < len(items):
                lines[i] = f"{flow[1]}{', '.join(kept)}{flow[3]}"
                return "\n".join(lines)
        item = re.fullmatch(r"\s*-\s+(.*?)\s*(?:#.*)?", lines[i])
        if item and item[1].strip("\"'") == word:
            del lines[i]
            return "\n".join(lines)
    raise Invalid(f"“{word}” stands in 'never_say' in a way that cannot be edited exactly. Take it out by hand.")


def set_confidence(source: str, confidence: float) -> str:
    return _set_key(source, "confidence", _number(confidence))


def set_status(source: str, status: Status) -> str:
    return _set_key(source, "status", status.value)


def set_until(source: str, day: date) -> str:
    """The last day of its season."""
    return _set_key(source, "until", day.isoformat())


def add_guards(source: str, guards: Guards) -> str:
    """Words join `never_say`; `max_words` is set. Raises `Invalid` where the front matter is written in a way that cannot be edited exactly."""
    for word in guards.never_say:
        source = _add_word(source, word)
    if guards.max_words is not None:
        source = _set_guard(source, "max_words", str(guards.max_words))
    return source


def _item(marker: str, text: str) -> str:
    line = marker + text
    if re.fullmatch(r"\s*([-*_])(\s*\1){2,}\s*", line):
        raise Invalid("A rule of dashes or stars alone is read as a line across the page. Write it in words.")
    return line


def _marker(line: str) -> str:
    found = re.match(r"\s*([-*+]|\d{1,9}[.)])\s+", line)
    return found[0] if found else "- "


def _examples_heading(lines: Sequence[str]) -> int | None:
    return next((i for i, line in enumerate(lines) if re.fullmatch(r"#{1,6}\s+[Ee]xamples\s*#*\s*", line)), None)


def _answer_of(example: Example, lines: Sequence[str]) -> int:
    """Where its answer begins."""
    return next(i for i in range(example.line, len(lines)) if re.match(r"\s{0,3}>\s*\*\*Us:\*\*", lines[i]) and not lines[i - 1].strip("> \u00a0"))


def _block(example: Example) -> list[str]:
    lines = [line for text in example.customer for line in (_asked(text), ">")]
    first, *more = re.sub(r"(?m)^([^\S\n]*)(\\*\*\*)", r"\1\\\2", example.us).split("\n")
    return [*lines, f"> **Us:** {first}", *(f"> {line}".rstrip() for line in more)]


def _tidy(us: str) -> str:
    """An answer as it reads back: no spaces around its paragraphs or at the ends of its lines, one empty line between."""
    lines = "\n".join(line.rstrip() for line in us.split("\n"))
    return "\n\n".join(paragraph.strip() for paragraph in re.split(r"\n{2,}", lines) if paragraph)


def _asked(text: str) -> str:
    """One line, so that nothing a customer wrote can begin a line of its own and pass for our answer."""
    return f"> **Customer:** {' '.join(text.split())}"


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value not in {0, 1} else str(int(value))


def _front(source: str) -> tuple[list[str], int]:
    lines = source.split("\n")
    return lines, lines.index("---", 1)


def _set_key(source: str, key: str, value: str) -> str:
    lines, end = _front(source)
    for i in range(1, end):
        found = re.match(rf"({key}:\s*)([^#\s]+)(.*)", lines[i])
        if found:
            lines[i] = f"{found[1]}{value}{found[3]}"
            return "\n".join(lines)
        if re.match(rf"[\"']?{key}[\"']?\s*:", lines[i]):
            raise Invalid(f"'{key}' is written in a way that cannot be edited exactly. Write it as '{key}: {value}'.")
    lines.insert(end, f"{key}: {value}")
    return "\n".join(lines)


def _guards_line(source: str) -> tuple[list[str], int, int]:
    """The lines, the one of `guards:`, and where its block ends; the key is made when it is not there."""
    lines, end = _front(source)
    at = next((i for i in range(1, end) if re.match(r"guards\s*:", lines[i])), None)
    if any(re.match(r"[\"']guards[\"']\s*:", line) for line in lines[1:end]):
        raise Invalid("'guards' is written in quotes. Write it without them.")
    if at is None:
        lines.insert(end, "guards:")
        return lines, end, end + 1
    if not re.fullmatch(r"guards:\s*(#.*)?", lines[at]):
        raise Invalid("'guards' is written on one line. Write its keys below it, indented by two.")
    stop = next((i for i in range(at + 1, end) if lines[i].strip() and not lines[i].startswith((" ", "#"))), end)
    return lines, at, stop


def _set_guard(source: str, key: str, value: str) -> str:
    lines, at, stop = _guards_line(source)
    for i in range(at + 1, stop):
        found = re.match(rf"(\s+{key}:\s*)([^#\s]+)(.*)", lines[i])
        if found:
            lines[i] = f"{found[1]}{value}{found[3]}"
            return "\n".join(lines)
    return _first_guard(lines, at, stop, key, value)


def _first_guard(lines: list[str], at: int, stop: int, key: str, value: str) -> str:
    """The key as the first under `guards:`, indented as the others are."""
    others = [line for line in lines[at + 1 : stop] if line.strip() and not line.lstrip().startswith("#")]
    if any(re.match(rf"\s*[\"']?{key}[\"']?\s*:", line) for line in others):
        raise Invalid(f"'{key}' is written in a way that cannot be edited exactly. Write it on one line, as in 'never_say: [one, two]' or 'max_words: 80'.")
    indent = re.match(r"\s*", others[0])[0] if others else "  "  # type: ignore[index]
    lines.insert(at + 1, f"{indent}{key}: {value}")
    return "\n".join(lines)


def _add_word(source: str, word: str) -> str:
    lines, at, stop = _guards_line(source)
    for i in range(at + 1, stop):
        flow = _FLOW.fullmatch(lines[i])
        if flow:
            words = flow[2].rstrip()
            joint = "" if not words.strip() else " " if words.endswith(",") else ", "
            lines[i] = f"{flow[1]}{words}{joint}{_scalar(word)}{flow[3]}"
            return "\n".join(lines)
        if re.fullmatch(r"\s+never_say:\s*(#.*)?", lines[i]):
            item = re.match(r"\s*-\s+", lines[i + 1]) if i + 1 < stop else None
            if item is None:
                raise Invalid("'never_say' is written in a way that cannot be edited exactly. Write it as 'never_say: [one, two]'.")
            last = i + 1
            while last < stop and lines[last].startswith(item[0]):
                last += 1
            lines.insert(last, f"{item[0]}{_scalar(word)}")
            return "\n".join(lines)
    return _first_guard(lines, at, stop, "never_say", f"[{_scalar(word)}]")
