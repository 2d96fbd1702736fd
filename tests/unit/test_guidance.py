"""Directives compiled into a model's instructions: what is in force, all of it when it fits, the same text for the same question."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.domain.directive import Directive, read
from voicegit.domain.guidance import CHARS_PER_TOKEN, DirectiveSet, compile, section
from voicegit.domain.ids import Revision
from voicegit.domain.policy import Policy, Turns

TODAY = date(2026, 11, 20)
REVISION = Revision("a" * 40)


def directive(path: str, body: str = "", keys: str = "") -> Directive:
    found, findings = read(path, f"---\ntitle: About {path}\n{keys}\n---\n\n{body}".encode())
    assert found is not None, findings
    return found


def known(*directives: Directive, budget: int = 8000) -> DirectiveSet:
    return DirectiveSet(REVISION, tuple(sorted(directives, key=lambda d: d.id)), Policy(turns=Turns(budget_tokens=budget)))


TONE = directive("voice/tone.md", "- Be brief\n", "guards:\n  never_say: [alas, no way]\n  max_words: 80")
HOURS = directive("facts/hours.md", "- We work Monday to Saturday\n")
CATS = directive("facts/cats.md", "- We love cats and dogs\n")
RETIRED = directive("facts/old.md", "- We also paint\n", "status: retired")
NEXT_MONTH = directive("facts/xmas.md", "- We close early\n", "from: 2026-12-01")


def test_a_directive_reads_with_its_name_its_guards_and_its_body_as_written() -> None:
    assert section(TONE) == '# voice/tone: About voice/tone.md\nNever say: "alas", "no way"\nAt most 80 words.\n\n- Be brief'


def test_front_matter_of_the_file_is_not_shown_to_the_model() -> None:
    assert "confidence" not in section(directive("facts/x.md", "- a\n", "confidence: 0.9"))


def test_what_is_in_force_goes_in_and_nothing_else() -> None:
    compiled = compile(known(TONE, HOURS, RETIRED, NEXT_MONTH), today=TODAY, message="Hi")
    assert [d.id for d in compiled.directives] == ["voice/tone", "facts/hours"]
    assert compiled.complete and compiled.revision == REVISION
    assert "paint" not in compiled.text and "close early" not in compiled.text


def test_a_season_begins_on_its_day() -> None:
    assert "close early" in compile(known(NEXT_MONTH), today=date(2026, 12, 1), message="Hi").text


def test_over_budget_the_voice_stays_and_the_most_relevant_come_with_it() -> None:
    many = [directive(f"facts/f{n}.md", f"- Word{n} is answered with {'x' * 300}\n") for n in range(40)]
    compiled = compile(known(TONE, *many, budget=500), today=TODAY, message="What about word31?")
    assert not compiled.complete
    assert compiled.directives[0].id == "voice/tone"
    assert "facts/f31" in {d.id for d in compiled.directives}
    assert len(compiled.text) <= 500 * CHARS_PER_TOKEN + 2 * len(compiled.directives)


def test_without_any_directive_there_is_no_guidance() -> None:
    assert compile(known(), today=TODAY, message="Hi").text == ""


@given(st.permutations([TONE, HOURS, CATS]), st.text(max_size=200))
@settings(deadline=None)
def test_the_same_question_always_gets_the_same_text(order: list[Directive], message: str) -> None:
    assert compile(known(*order, budget=500), today=TODAY, message=message) == compile(known(TONE, HOURS, CATS, budget=500), today=TODAY, message=message)


def test_relevance_follows_the_telling_words() -> None:
    directives = known(HOURS, CATS)
    about_cats = directives.relevance("Do you like cats?")
    assert about_cats[CATS.id] > about_cats.get(HOURS.id, 0)
    assert directives.relevance("") == directives.relevance("…") == {}


def test_a_directive_is_found_by_its_id_only() -> None:
    assert known(HOURS).get("facts/hours") is HOURS
    assert known(HOURS).get("facts/hours.md") is None
