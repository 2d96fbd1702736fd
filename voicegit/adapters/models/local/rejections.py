"""What a rejection's reason teaches: a word that is never to be said, or a rule in the person's own words."""

import re
from collections.abc import Callable, Sequence

from voicegit.domain.agreement import flat, interchangeable
from voicegit.domain.directive import Directive, Example

MAX_REASON = 200
MAX_QUESTION = 240
_BANS = re.compile(
    r"(?:\bwe(?:['’]d| would| should| must| do)?\s*(?:never|don['’]?t|do not|not)\s+(?:ever\s+)?(?:say|write|use)"
    r"|\b(?:do not|don['’]?t|never|please don['’]?t|no longer|must not|mustn['’]?t|should not|shouldn['’]?t)\s+(?:ever\s+)?(?:say|write|use)"
    r"|\b(?:stop|avoid|quit|no more)\s+(?:saying|using|writing)|^\s*not|\bnever)"
    r"\s+(?:the\s+)?(?:words?|phrases?|term|expression)?\s*:?\s*(?P<rest>.+)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“”«»„]([^\"“”«»„]{2,60})[\"“”«»„]|(?<!\w)['‘]([^'’‘]{2,60})['’](?!\w)")
_END = re.compile(
    r"[.,;:!?()\n]|\s(?:-|–|—)\s|\b(?:because|when|to|in|since|it|as|please|anymore|any more|again|with|if|but|and|unless|at|for)\b", re.IGNORECASE
)


def banned(reason: str, ours: str | None) -> str | None:
    """The word or phrase (1 to 4 words, lower case) that a reason says is never to be said; None when it says something else.

    An unquoted phrase counts only if the rejected text holds it: "never use the word order" names a word, "never say when we arrive" does not.
    """
    found = _BANS.search(reason)
    if found is None:
        return None
    quoted = _QUOTED.search(found["rest"])
    if quoted is not None:
        return _fit(quoted[1] or quoted[2])
    clause = _fit(_END.split(found["rest"].strip(), maxsplit=1)[0])
    held = clause is not None and ours is not None and re.search(rf"(?<!\w){re.escape(clause)}(?!\w)", flat(ours)) is not None
    return clause if held else None


def _fit(phrase: str) -> str | None:
    words = phrase.lower().strip(" .,;:!?\"'“”‘’").split()
    return " ".join(words) if 1 <= len(words) <= 4 and len(" ".join(words)) >= 2 else None


def as_rule(reason: str) -> str:
    """A reason as one line of at most 200 characters, cut at a word."""
    line = re.sub(r"^[-*+#>\s]+|^\d{1,9}[.)]\s+", "", " ".join(reason.split()))
    if len(line) > MAX_REASON:
        line = line[: MAX_REASON - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return line[:1].upper() + line[1:]


def not_for(question: str) -> str:
    """The rule that keeps a directive's answer from a question, cut at a word."""
    flat = " ".join(question.replace("“", "'").replace("”", "'").split())
    return f"Not for: “{flat if len(flat) <= MAX_QUESTION else flat[:MAX_QUESTION].rsplit(' ', 1)[0]}”"


def quoted_from(text: str, directives: Sequence[Directive], same: Callable[[str, str], bool] = interchangeable) -> tuple[Directive, Example | None] | None:
    """The directive, and its example, whose words a text is; a rule of a fact counts too. None when nobody approved these words."""
    for directive in directives:
        for example in directive.examples:
            if same(example.us, text):
                return directive, example
        if any(same(rule.text, text) for rule in directive.rules):
            return directive, None
    return None
