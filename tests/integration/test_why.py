"""Every sentence leads back to who taught it: through edits, undos, renames and other markup, and after a conversation was erased."""

import pytest

from tests.conftest import Shop
from tests.fakes import sure
from voicegit.domain.directive import Example
from voicegit.domain.ids import DirectiveId, MessageId, Revision
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.signal import SignalKind
from voicegit.errors import Invalid
from voicegit.ports import Move, Signature
from voicegit.services import distill, erase, feedback, history, review, rollback
from voicegit.services.history import Source
from voicegit.services.trace import How

DAMAGE = DirectiveId("situations/damage")
RULE = "- Say sorry and stop by"


def learned(
    shop: Shop, *, change: Change = Change.ADD, rule: str | None = None, text: str = "Say sorry and stop by", answer: str = "I will stop by."
) -> Revision:
    """What somebody answered, distilled and approved."""
    shop.taken_over("My vase is broken", answer)

    def operations(material: Material) -> Distilled:
        lesson = material.lessons[0]
        examples = (Example((lesson.customer,), answer),) if change is Change.ADD else ()
        made = Operation(change, DAMAGE, "A person answered this.", (lesson.signal,), rule, text, "When something is damaged", ("damage",), examples)
        return Distilled((made,), "When something is damaged", "One lesson.")

    shop.teacher.answer = operations
    name = distill.distill(shop.workspace).proposal
    assert name is not None
    return review.approve(shop.workspace, name, by=shop.owner)


def source(shop: Shop, text: str = RULE, directive: DirectiveId = DAMAGE) -> Source:
    (found,) = [one for one in history.blame(shop.workspace, directive) if one.text.strip() == text]
    return found


def text_of(shop: Shop, directive: DirectiveId = DAMAGE) -> str:
    known = shop.workspace.directives.serving().get(directive)
    assert known is not None
    return known.source


def test_a_rule_leads_to_its_release_its_proposal_and_the_conversation_that_taught_it(shop: Shop) -> None:
    release = learned(shop)
    found = source(shop)
    assert (found.entry.release, found.entry.proposal, found.passed, found.earlier) == (release, "p-1", (), ())
    assert [told.people for told in history.taught(shop.workspace, found.conversations).values()] == [("Maria",)]


def test_an_edit_by_hand_is_answered_for_by_who_edited_and_then_by_who_taught(shop: Shop) -> None:
    taught = learned(shop)
    edited = shop.release({f"{DAMAGE}.md": text_of(shop).replace(RULE, "- Say sorry, and stop by on the same day")}, title="On the same day")
    found = source(shop, "- Say sorry, and stop by on the same day")
    assert (found.entry.release, found.conversations) == (edited, ())
    assert [(one.entry.release, one.text, len(one.conversations)) for one in found.earlier] == [(taught, RULE, 1)]


def test_every_wording_before_is_named_with_those_who_taught_it(shop: Shop) -> None:
    releases = [learned(shop), learned(shop, change=Change.REFINE, rule="Say sorry and stop by", text="Say sorry and stop by today")]
    releases.append(learned(shop, change=Change.REVISE, rule="Say sorry and stop by today", text="Send the claims form"))
    found = source(shop, "- Send the claims form")
    assert [one.entry.release for one in (found, *found.earlier)] == releases[::-1]
    assert len({one.conversations for one in (found, *found.earlier)}) == 3


def test_a_rule_that_was_undone_and_restored_is_its_teachers_and_not_the_undos(shop: Shop) -> None:
    taught = learned(shop)
    undone = rollback.rollback(shop.workspace, taught, by=shop.owner)
    back = rollback.restore(shop.workspace, undone, by=shop.owner)
    found = source(shop)
    assert (found.commit, found.entry.release, len(found.conversations)) == (back, taught, 1)
    assert [(step.how, step.entry.release) for step in found.passed] == [(How.RESTORED, back)]


def test_what_an_undo_brings_back_is_its_first_teachers(shop: Shop) -> None:
    taught = learned(shop)
    revised = learned(shop, change=Change.REVISE, rule="Say sorry and stop by", text="Send the claims form")
    undone = rollback.rollback(shop.workspace, revised, by=shop.owner)
    assert source(shop).entry.release == taught
    rollback.restore(shop.workspace, undone, by=shop.owner)
    found = source(shop, "- Send the claims form")
    assert (found.entry.release, [one.entry.release for one in found.earlier]) == (revised, [taught])


def test_a_rule_keeps_its_teacher_when_its_directive_gets_another_name(shop: Shop) -> None:
    taught = learned(shop)
    moved = DirectiveId("situations/broken-things")
    # More is written anew than git would call a rename.
    fresh = "---\ntitle: When things break in a home that we clean\nconfidence: 0.9\n---\n\n" + "".join(f"- A new rule of ours, number {n}\n" for n in range(9))
    shop.release({f"{DAMAGE}.md": None, f"{moved}.md": f"{fresh}{RULE}\n"}, title="A better name")
    found = source(shop, directive=moved)
    assert (found.entry.release, found.was, len(found.conversations)) == (taught, DAMAGE, 1)
    assert [step.how for step in found.passed] == [How.MOVED]
    assert source(shop, "- A new rule of ours, number 3", moved).conversations == ()


def test_a_whole_directive_under_another_name_leads_to_who_taught_it(shop: Shop) -> None:
    taught = learned(shop)
    moved = DirectiveId("situations/broken-things")
    shop.release({f"{DAMAGE}.md": None, f"{moved}.md": text_of(shop)}, title="Another name")
    found = source(shop, directive=moved)
    assert (found.entry.release, found.was, len(found.conversations)) == (taught, DAMAGE, 1)


@pytest.mark.parametrize("written", ["*  Say sorry and stop by", "- Say **sorry** and _stop by_", "1. Say sorry  and stop by", "- `Say sorry and stop by`"])
def test_other_markup_teaches_nothing(shop: Shop, written: str) -> None:
    taught = learned(shop)
    shop.release({f"{DAMAGE}.md": text_of(shop).replace(RULE, written)}, title="Tidier")
    found = source(shop, written)
    assert (found.entry.release, len(found.conversations)) == (taught, 1)
    assert [step.how for step in found.passed] == [How.MARKED]


@pytest.mark.parametrize(
    "written", ["- Say sorry and stop  by!", "- Never say sorry and stop by", "- Say sorry and stopby", "- Say sorry and stop by $5", "- say sorry and stop by"]
)
def test_a_change_of_words_never_passes_for_one_of_markup(shop: Shop, written: str) -> None:
    taught = learned(shop)
    changed = shop.release({f"{DAMAGE}.md": text_of(shop).replace(RULE, written).replace("title:", "title: ")}, title="Only formatting, ignore this")
    found = source(shop, written)
    assert (found.entry.release, [one.entry.release for one in found.earlier]) == (changed, [taught])


def test_what_a_commit_claims_to_bring_back_is_looked_up(shop: Shop) -> None:
    """A hand on the repository can write any trailer; it cannot put words into somebody's mouth."""
    taught = learned(shop)
    directives = shop.workspace.directives
    with directives.writing() as git:
        main = directives.head()
        text = text_of(shop).replace(RULE, f"{RULE}\n- Always give the money back")
        commit = git.commit(
            main, {f"{DAMAGE}.md": text.encode()}, message=f"Undo: x\n\nReverts: {taught}\n", author=Signature("Mallory", "m", shop.clock.now())
        )
        git.move(Move("refs/heads/main", main, commit))
    found = source(shop, "- Always give the money back")
    assert (found.entry.release, found.entry.by, found.conversations) == (commit, history.OUTSIDE, ())


def said(shop: Shop) -> MessageId:
    shop.model.reply_with(sure("I will stop by.", covered_by=DAMAGE))
    reply = shop.say(shop.start(), "A lamp is broken").reply
    assert reply is not None
    return reply.id


def test_the_chain_goes_from_a_reply_to_the_person_who_taught_it(shop: Shop) -> None:
    release = learned(shop)
    why = history.why(shop.workspace, said(shop))
    assert why.under is not None and why.under.release == release
    assert {one.text for one in why.sources} == {"> **Customer:** My vase is broken", "> **Us:** I will stop by."}
    assert {one.entry.release for one in why.sources} == {release}
    assert [(told.people, told.words) for told in why.taught.values()] == [(("Maria",), (("Maria", "I will stop by."),))]


def test_an_erased_conversation_reads_erased_and_the_chain_stays_whole(shop: Shop) -> None:
    release = learned(shop)
    message = said(shop)
    (talk,) = source(shop).conversations
    erase.erase(shop.workspace, erase.behind(shop.workspace, talk), by=shop.owner)
    why = history.why(shop.workspace, message)
    assert {one.entry.release for one in why.sources} == {release}
    assert {one.conversations for one in why.sources} == {(talk,)}
    told = why.taught[talk]
    assert (told.erased, told.words, told.people) == (True, (), ("Maria",))


def test_of_a_reply_whose_words_are_erased_no_line_is_guessed(shop: Shop) -> None:
    learned(shop)
    message = said(shop)
    assert history.why(shop.workspace, message).sources
    talk = shop.rows.messages.get(message).conversation
    erase.erase(shop.workspace, erase.behind(shop.workspace, talk), by=shop.owner)
    why = history.why(shop.workspace, message)
    assert (why.erased, why.sources, why.taught) == (True, (), {})
    assert why.covering is not None and why.covering.id == DAMAGE


def test_the_line_that_is_sent_while_a_person_is_called_is_the_policys(shop: Shop) -> None:
    done = shop.say(shop.start(), "My vase is broken")
    assert done.holding is not None
    why = history.why(shop.workspace, done.holding.id)
    assert (why.holding, why.sources) == (True, ())


def test_what_a_customer_wrote_has_no_why_and_is_not_called_ours(shop: Shop) -> None:
    done = shop.say(shop.start(), "My vase is broken")
    with pytest.raises(Invalid, match="what the customer wrote"):
        history.why(shop.workspace, done.message.id)


def test_who_found_an_answer_good_is_named_too(shop: Shop) -> None:
    talk = shop.start()
    reply = shop.say(talk, "Hello there").reply
    assert reply is not None
    feedback.give(shop.workspace, reply.id, SignalKind.APPROVAL, by=shop.owner)
    assert history.taught(shop.workspace, [talk])[talk].words == (("Maria", "approved it"),)
