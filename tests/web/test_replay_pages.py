"""A proposal tried on past questions, on its page: begun, stopped, gone on with, read case by case, and answered for when it makes things worse."""

import re

import pytest

from tests.integration.test_replay import ANSWER, FENCE, asked_for, open_one, ran, said
from tests.web.conftest import Door
from tests.web.test_review_pages import choose, confirmed, text
from voicegit.adapters.models.local import LocalModel
from voicegit.domain.ids import ProposalId
from voicegit.domain.policy import Policy
from voicegit.domain.replayed import State
from voicegit.domain.signal import SignalKind
from voicegit.ports import Branch, ChatModel
from voicegit.services import feedback, history, replay, replaying
from voicegit_web.background import Background

NASTY = "<script>alert(1)</script> {{ 7*7 }}"


@pytest.fixture
def quoting(door: Door) -> Door:
    model = LocalModel()

    def chat(policy: Policy) -> ChatModel:
        return model

    door.shop.models.chat = chat  # type: ignore[method-assign]
    return door


def worse(door: Door) -> Branch:
    """A proposal that loses a good answer, tried."""
    door.shop.release({"situations/fences.md": FENCE})
    feedback.give(door.shop.workspace, said(door.shop, "Can you paint my fence?"), SignalKind.APPROVAL, by=door.shop.owner)
    tried = open_one(door.shop, {"situations/fences.md": None})
    ran(door.shop, tried)
    return tried


def test_what_came_of_it_stands_under_the_checks_and_on_each_change(quoting: Door) -> None:
    asked_for(quoting.shop, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting.shop)
    page = text(quoting.maria_in.get(f"/review/{tried.proposal}"))
    assert "It was not tried yet." in page
    ran(quoting.shop, tried)
    page = text(quoting.maria_in.get(f"/review/{tried.proposal}"))
    assert "1 of 1 call for a person that nothing was learned from would be answered (100 %), 1 as the person did (today 0)." in page
    assert "<b>Replay:</b> 1 of 1 summons would be answered (today 0)" in page
    assert "1 better, 0 worse: may be chance (p = 0.50)." in page


def test_every_case_is_read_with_both_answers_beside_each_other_and_as_data(quoting: Door) -> None:
    asked_for(quoting.shop, f"Can you paint my fence? {NASTY}", ANSWER)
    tried = open_one(quoting.shop)
    ran(quoting.shop, tried)
    page = text(quoting.olga_in.get(f"/review/{tried.proposal}/replay"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page and "<script>alert" not in page
    assert page.index("Today") < page.index("With this proposal")
    assert ANSWER in page


def test_it_is_begun_stopped_and_gone_on_with_by_those_who_decide(quoting: Door) -> None:
    asked_for(quoting.shop, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting.shop)
    to = f"/review/{tried.proposal}/replay"
    assert quoting.olga_in.send(to, step="run").status_code == 403
    assert "Run it" not in text(quoting.olga_in.get(f"/review/{tried.proposal}"))

    def state() -> State | None:
        found = replay.latest(quoting.shop.workspace, tried)
        return found.replay.state if found else None

    assert state() is None
    assert quoting.maria_in.send(to, step="run").status_code == 303
    assert state() is State.WAITING
    page = text(quoting.maria_in.get(f"/review/{tried.proposal}"))
    assert "0 of 1 done" in page and 'hx-trigger="every 2s"' in page
    assert "0 of 1 done" in text(quoting.maria_in.get(to, headers={"HX-Request": "true"}))
    quoting.maria_in.send(to, step="stop")
    assert state() is State.STOPPED
    quoting.maria_in.send(to, step="on")
    assert state() is State.WAITING
    row = replay.due(quoting.shop.workspace)
    assert row is not None
    replaying.run(quoting.shop.workspace, row)
    page = text(quoting.maria_in.get(f"/review/{tried.proposal}"))
    assert "Run it again" in page and 'hx-trigger="every' not in page


def test_what_it_would_cost_is_said_before_it_is_begun(quoting: Door) -> None:
    asked_for(quoting.shop, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting.shop)
    quoting.shop.models.costly = True
    assert "To run it takes 1 past question, 6 answers, about $0.006 at the most." in text(quoting.maria_in.get(f"/review/{tried.proposal}"))


def test_a_result_of_before_says_so(quoting: Door) -> None:
    tried = worse(quoting)
    quoting.shop.release({"facts/pets.md": "---\ntitle: Pets\n---\n\n- We like dogs\n"})
    assert "What stands here is of before." in text(quoting.maria_in.get(f"/review/{tried.proposal}"))


def test_what_makes_past_answers_worse_goes_live_only_with_a_reason(quoting: Door) -> None:
    tried = worse(quoting)
    assert tried.proposal in text(quoting.maria_in.get("/review?tab=blocked"))
    choose(quoting.maria_in, tried.proposal, "situations/fences.md", "accept")
    page = text(quoting.maria_in.get(f"/review/{tried.proposal}/confirm"))
    assert "1 past answer would get worse" in page and re.search(r'name="despite"[^>]*required', page)
    form = confirmed(quoting.maria_in, tried.proposal)
    refused = quoting.maria_in.send(f"/review/{tried.proposal}/approve", **form)
    assert refused.status_code == 422 and "Why shall it go live all the same?" in text(refused)
    assert quoting.maria_in.send(f"/review/{tried.proposal}/approve", **form, despite="We stopped doing that.").status_code == 303
    assert history.log(quoting.shop.workspace)[0].despite == "We stopped doing that."
    assert "Past answers get worse by it; approved all the same: “We stopped doing that.”" in text(quoting.maria_in.get("/history"))


def test_the_last_page_says_what_came_of_the_very_text_that_goes_live(quoting: Door) -> None:
    quoting.shop.release({"situations/fences.md": FENCE})
    feedback.give(quoting.shop.workspace, said(quoting.shop, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.shop.owner)
    tried = open_one(quoting.shop, {"situations/fences.md": FENCE.replace("We do not paint", "We never paint")})
    ran(quoting.shop, tried)
    retired = FENCE.replace("title: Fences", "title: Fences\nstatus: retired")
    choose(quoting.maria_in, tried.proposal, "situations/fences.md", "edit", text=retired)
    page = text(quoting.maria_in.get(f"/review/{tried.proposal}/confirm"))
    assert "1 past answer would get worse" in page and re.search(r'name="despite"[^>]*required', page)
    assert quoting.maria_in.send(f"/review/{tried.proposal}/approve", **confirmed(quoting.maria_in, tried.proposal)).status_code == 422
    quoting.shop.models.costly = True
    choose(quoting.maria_in, tried.proposal, "situations/fences.md", "edit", text=retired.replace("We do not", "We cannot"))
    page = text(quoting.maria_in.get(f"/review/{tried.proposal}/confirm"))
    assert "Exactly this text was not tried on past questions" in page and 'name="despite"' not in page


def test_the_service_tries_a_proposal_by_itself(quoting: Door) -> None:
    asked_for(quoting.shop, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting.shop)
    threads = Background(quoting.shop.workspace, workers=1)
    threads.start()
    try:
        store, seen = quoting.shop.workspace.store, 0
        while not any(one.kind == "replayed" for one in store.read.events.find()):
            assert store.wait_for_events(seen, timeout=30)
            seen = max(one.id for one in store.read.events.find())
        found = replay.latest(quoting.shop.workspace, tried)
        assert found is not None
        assert (found.replay.state, found.done, found.replay.person) == (State.DONE, 1, None)
    finally:
        threads.stop()


def test_a_proposal_that_is_not_open_has_no_replay(door: Door) -> None:
    assert door.maria_in.get(f"/review/{ProposalId('p-99')}/replay").status_code == 404
