"""The API and the command line speak of things in the same fields."""

from tests.conftest import Shop
from tests.fakes import unsure
from voicegit.cli import customer, history, inbox, review
from voicegit.domain.ids import DirectiveId
from voicegit.services import history as histories
from voicegit.services import people
from voicegit.services import review as reviews
from voicegit_web import shapes


def test_a_message_and_what_came_of_it(shop: Shop) -> None:
    talk = shop.start("Dana")
    done = shop.say(talk, "Hello")
    assert shapes.exchange(done) == customer.as_dict(done)
    shop.model.reply_with(unsure())
    summoned = shop.say(talk, "Paint my fence")
    assert shapes.exchange(summoned) == customer.as_dict(summoned)
    names = {shop.owner.id: shop.owner.name}
    assert inbox._message(done.message, names).items() <= shapes.message(done.message, names).items()
    record = people.customer(shop.workspace, "Dana")
    assert shapes.customer(record) == customer._record(record)


def test_a_proposal_and_the_history(shop: Shop) -> None:
    reviews.propose(shop.workspace, {"facts/sundays.md": b"---\ntitle: Sundays\n---\n\n- Open\n"}, title="Sundays", by=shop.owner)
    shown = reviews.waiting(shop.workspace)[0]
    assert shapes.proposal(shown) == review._summary(shown)
    entry = histories.log(shop.workspace)[0]
    assert shapes.entry(entry) == history._entry(entry)
    source = histories.blame(shop.workspace, DirectiveId("facts/hours"))[0]
    assert shapes.source(source) == history._source(source)


def test_why(shop: Shop) -> None:
    done = shop.say(shop.start(), "Hello")
    assert done.reply is not None
    found = histories.why(shop.workspace, done.reply.id)
    assert shapes.why(found) == history._why(found)
