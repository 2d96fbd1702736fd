"""What people caught, on a page: read by everybody, closed and opened again by who may review."""

from werkzeug.test import TestResponse

from tests.web.conftest import Door
from voicegit.domain.ids import DirectiveId, MessageId, MistakeId
from voicegit.domain.mistake import Prevention
from voicegit.domain.signal import SignalKind
from voicegit.services import erase, feedback, mistakes

WORDS = "<b>It asked for a date</b>"


def text(answer: TestResponse) -> str:
    return str(answer.get_data(as_text=True))


def caught(door: Door) -> str:
    """The entry of a reply that Maria rejected."""
    said = door.a.say(door.a.begin(), "Can I change the date?").get_json()["reply_message"]
    feedback.give(door.shop.workspace, MessageId(said), SignalKind.REJECTION, by=door.shop.owner, reason=WORDS)
    (one,) = mistakes.listed(door.shop.workspace)
    return one.id


def test_what_was_caught_stands_on_the_page_with_why_and_is_no_markup(door: Door) -> None:
    caught(door)
    page = text(door.maria_in.get("/mistakes"))
    assert "Can I change the date?" in page and "Caught 1 time" in page
    assert "&lt;b&gt;It asked for a date&lt;/b&gt;" in page
    assert "/mistakes" in text(door.maria_in.get("/insights"))


def test_an_entry_is_closed_with_a_reason_and_opened_again(door: Door) -> None:
    """Nothing becomes live by it, so that a sign-in of this morning is good enough."""
    one = caught(door)
    door.shop.clock.pass_(3600)
    assert door.maria_in.send(f"/mistakes/{one}/close", because="We have no dates any more").status_code == 303
    assert "No mistake is open." in text(door.maria_in.get("/mistakes"))
    closed = text(door.maria_in.get("/mistakes?tab=closed"))
    assert "Maria closed it" in closed and "“We have no dates any more”" in closed
    assert door.maria_in.send(f"/mistakes/{one}/reopen").status_code == 303
    assert "Can I change the date?" in text(door.maria_in.get("/mistakes"))


def test_a_closed_entry_names_the_guard_that_prevents_it(door: Door) -> None:
    one = door.shop.rows.mistakes.get(caught(door))
    by = (Prevention(DirectiveId("voice/tone"), "certainly", guard=True),)
    live = door.shop.workspace.directives.head()
    door.shop.workspace.store.write(lambda tx: tx.mistakes.replace(one, one.closed(live, door.shop.clock.now(), by)))
    page = text(door.maria_in.get("/mistakes?tab=closed"))
    assert "certainly" in page and 'href="/directives/voice/tone"' in page


def test_an_erased_entry_is_not_offered_to_be_opened_again(door: Door) -> None:
    one = caught(door)
    workspace = door.shop.workspace
    mistakes.close(workspace, MistakeId(one), because="Gone", by=door.shop.owner)
    assert "Open it again" in text(door.maria_in.get("/mistakes?tab=closed"))
    erase.erase(workspace, erase.behind(workspace, door.shop.rows.mistakes.get(one).conversation), by=door.shop.owner)
    page = text(door.maria_in.get("/mistakes?tab=closed"))
    assert "Maria closed it" in page and "Open it again" not in page


def test_without_a_reason_it_stays_open_and_says_so(door: Door) -> None:
    one = caught(door)
    answer = door.maria_in.send(f"/mistakes/{one}/close", because=" ")
    assert answer.status_code == 422 and 'role="alert"' in text(answer)
    assert len(mistakes.listed(door.shop.workspace)) == 1


def test_an_operator_reads_and_cannot_close(door: Door) -> None:
    caught(door)
    page = text(door.olga_in.get("/mistakes"))
    assert "Can I change the date?" in page and "It cannot come back" not in page
