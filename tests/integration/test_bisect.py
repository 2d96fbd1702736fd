"""When did this start: one question asked again under the releases, halving them, until the one is known that changed the answer."""

import math
import re

import pytest

from tests.conftest import Shop
from tests.fakes import sure
from voicegit.domain.gate import Draft
from voicegit.domain.ids import MessageId, Revision
from voicegit.domain.turn import Question
from voicegit.errors import Invalid, ModelFailure, Unavailable
from voicegit.ports import Move, Signature
from voicegit.services import bisect, rollback


class Reader:
    """Says what the directives of the revision say of dogs, as a model would that keeps to them."""

    def __init__(self) -> None:
        self.revisions: list[Revision] = []
        self.slips = 0

    def answer(self, question: Question, *, deadline: float) -> Draft:
        self.revisions.append(question.known.revision)
        if self.slips and len(self.revisions) % self.slips == 0:
            return sure("Let me think about that for a moment, please.")
        pets = question.known.get("facts/pets")
        return sure(pets.rules[0].text if pets is not None else "We like all animals.")


@pytest.fixture
def reader(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Reader:
    found = Reader()
    monkeypatch.setattr(shop.models, "model", found)
    return found


def pets(shop: Shop, rule: str) -> Revision:
    return shop.release({"facts/pets.md": f"---\ntitle: Pets\n---\n\n- {rule}\n"}, title=rule)


def others(shop: Shop, count: int, first: int = 0) -> None:
    """Releases about something else, straight onto `main`: approving each would only take long."""
    directives = shop.workspace.directives
    with directives.writing() as git:
        for number in range(first, first + count):
            main = directives.head()
            text = f"---\ntitle: Other {number}\n---\n\n- Something else, number {number}\n".encode()
            commit = git.commit(main, {f"facts/other-{number}.md": text}, message=f"Other {number}\n", author=Signature("Maria", "m", shop.clock.now()))
            git.move(Move("refs/heads/main", main, commit))


def ask(shop: Shop, text: str = "Do you like dogs?") -> MessageId:
    reply = shop.say(shop.start(), text).reply
    assert reply is not None
    return reply.id


def test_one_word_of_a_quoted_answer_is_another_answer_and_two_wordings_of_a_model_that_writes_are_one(shop: Shop, reader: Reader) -> None:
    first, changed = (pets(shop, f"Dogs may come to the salon with you, {words} room is full.") for words in ("unless the", "unless that"))
    message = ask(shop)
    began = bisect.bisect(shop.workspace, message)
    assert began.release is not None and began.release.release == changed
    shop.models.costly = True
    began = bisect.bisect(shop.workspace, message)
    assert began.release is not None and began.release.release == first


def test_it_names_the_release_that_changed_the_answer_after_as_many_replays_as_halvings(shop: Shop, reader: Reader) -> None:
    others(shop, 9)
    changed = pets(shop, "Dogs are not welcome.")
    others(shop, 21, first=9)
    message = ask(shop)
    reader.revisions.clear()
    seen: list[tuple[int, int]] = []
    began = bisect.bisect(shop.workspace, message, progress=lambda done, most: seen.append((done, most)))
    assert began.release is not None
    assert began.before is not None
    assert began.release.release == changed
    assert (began.now.tried.text, began.before.tried.text, began.as_said) == ("Dogs are not welcome.", "We like all animals.", True)
    assert began.releases == 32
    assert len(reader.revisions) == began.asked_under <= 2 + math.ceil(math.log2(31))
    assert [done for done, _ in seen] == list(range(1, began.asked_under + 1))


def test_what_was_always_so_began_with_no_release(shop: Shop, reader: Reader) -> None:
    others(shop, 6)
    began = bisect.bisect(shop.workspace, ask(shop))
    assert (began.release, began.before, began.asked_under) == (None, None, 2)


def test_only_what_was_live_when_it_was_said_is_looked_at(shop: Shop, reader: Reader) -> None:
    changed = pets(shop, "Dogs are not welcome.")
    message = ask(shop)
    pets(shop, "Dogs are welcome.")
    began = bisect.bisect(shop.workspace, message)
    assert began.release is not None
    assert (began.release.release, began.releases) == (changed, 2)


def test_a_model_that_varies_is_asked_several_times_and_most_tries_count(shop: Shop, reader: Reader) -> None:
    others(shop, 3)
    changed = pets(shop, "Dogs are not welcome.")
    others(shop, 3, first=3)
    message = ask(shop)
    shop.models.costly = True
    reader.revisions.clear()
    reader.slips = 3
    began = bisect.bisect(shop.workspace, message)
    assert began.release is not None
    assert began.release.release == changed
    assert began.tries == 3 * began.asked_under == len(reader.revisions)
    assert began.tries <= bisect.expected(shop.workspace, message)
    assert began.clear


def test_a_tie_of_all_tries_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    message = ask(shop)
    shop.models.costly = True
    shop.model.reply_with("One answer.", "Quite another thing to say", "A third way to put all of it")
    assert not bisect.bisect(shop.workspace, message).clear


def test_a_revision_that_could_not_be_served_answers_as_the_one_before_it(shop: Shop, reader: Reader) -> None:
    changed = pets(shop, "Dogs are not welcome.")
    directives = shop.workspace.directives
    with directives.writing() as git:
        main = directives.head()
        commit = git.commit(main, {"facts/broken.md": b"no front matter"}, message="Broken\n", author=Signature("M", "m", shop.clock.now()))
        mended = git.commit(commit, {"facts/broken.md": None}, message="Mended\n", author=Signature("M", "m", shop.clock.now()))
        git.move(Move("refs/heads/main", main, mended))
    began = bisect.bisect(shop.workspace, ask(shop))
    assert began.release is not None
    assert began.release.release == changed


def test_a_model_that_fails_is_no_answer(shop: Shop) -> None:
    message = ask(shop)
    shop.model.reply_with(ModelFailure("timeout", "too late"))
    with pytest.raises(Unavailable, match="Nothing was kept"):
        bisect.bisect(shop.workspace, message)


def test_nothing_is_sent_or_kept(shop: Shop, reader: Reader) -> None:
    pets(shop, "Dogs are not welcome.")
    message = ask(shop)
    before = [table.count() for table in (shop.rows.messages, shop.rows.turns, shop.rows.events, shop.rows.signals)]
    bisect.bisect(shop.workspace, message)
    assert [table.count() for table in (shop.rows.messages, shop.rows.turns, shop.rows.events, shop.rows.signals)] == before


def test_since_when_a_person_is_called_is_dated_by_the_customers_message_or_the_holding_line(shop: Shop, reader: Reader) -> None:
    others(shop, 2)
    policy = shop.workspace.directives.entries(shop.workspace.directives.head())["policy.toml"].content.decode()
    changed = shop.release({"policy.toml": re.sub(r"(?m)^threshold = .*$", "threshold = 0.99", policy)}, title="More careful")
    talk = shop.start()
    done = shop.say(talk, "Do you like dogs?")
    assert done.answer == "summon"
    assert done.holding is not None
    for message in (done.message.id, done.holding.id):
        began = bisect.bisect(shop.workspace, message)
        assert began.release is not None
        assert began.before is not None
        assert (began.release.release, began.said, began.as_said, began.before.tried.text) == (changed, "", True, "We like all animals.")


def test_what_a_customer_wrote_is_dated_by_its_answer(shop: Shop, reader: Reader) -> None:
    changed = pets(shop, "Dogs are not welcome.")
    done = shop.say(shop.start(), "Do you like dogs?")
    began = bisect.bisect(shop.workspace, done.message.id)
    assert began.release is not None
    assert (began.release.release, began.said, began.as_said) == (changed, "Dogs are not welcome.", True)


def test_a_persons_words_began_with_the_person(shop: Shop) -> None:
    talk = shop.summoned()
    with pytest.raises(Invalid, match="their own"):
        bisect.bisect(shop.workspace, shop.reply(talk, "I will stop by."))


def test_what_went_and_came_again_began_again_with_the_undo(shop: Shop, reader: Reader) -> None:
    others(shop, 3)
    changed = pets(shop, "Dogs are not welcome.")
    others(shop, 3, first=3)
    undone = rollback.rollback(shop.workspace, changed, by=shop.owner)
    others(shop, 3, first=6)
    message = ask(shop)
    reader.revisions.clear()
    began = bisect.bisect(shop.workspace, message)
    assert began.release is not None
    assert began.before is not None
    assert (began.release.release, began.before.tried.text, began.again) == (undone, "Dogs are not welcome.", True)
    assert len(reader.revisions) <= bisect.expected(shop.workspace, message) == 2 + 1 + 4
    assert bisect.bisect(shop.workspace, ask(shop)).release == began.release
