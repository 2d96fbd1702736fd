"""The review pages: read change by change, choose on each, approve exactly what is shown, and take it back. Forms and links alone."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Shop
from tests.integration.test_learning import learn_damage
from tests.web.conftest import Door, Knock
from voicegit.domain.ids import ConversationId, DirectiveId, ProposalId
from voicegit.domain.people import Role
from voicegit.services import distill, review, worker

SUNDAYS, LATE = "facts/sundays.md", "facts/late.md"
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }} javascript:alert(3)"


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def fact(title: str, rule: str) -> bytes:
    return f"---\ntitle: {title}\n---\n\n- {rule}\n".encode()


def two(door: Door) -> ProposalId:
    """A proposal of two changes."""
    files = {SUNDAYS: fact("Sundays", "Open on Sundays too"), LATE: fact("Evenings", "Open till nine")}
    return review.propose(door.shop.workspace, files, title="Longer hours", by=door.shop.owner)


def choose(knock: Knock, name: str, path: str, choice: str, **more: str) -> TestResponse:
    page = text(knock.get(f"/review/{name}"))
    (head,) = set(re.findall(r'name="head" value="([0-9a-f]{40})"', page))
    return knock.send(f"/review/{name}/judge", **{"head": head, "path": path, "choice": choice, **more})


def confirmed(knock: Knock, name: str) -> dict[str, str]:
    """What the form of the last step holds."""
    return dict(re.findall(r'name="(head|base|chosen)" value="([0-9a-f]+)"', text(knock.get(f"/review/{name}/confirm"))))


def live(shop: Shop, path: str) -> str | None:
    entry = shop.workspace.directives.entries(shop.workspace.directives.head()).get(path)
    return entry.content.decode() if entry else None


# ---- the list


def test_proposals_are_listed_by_what_may_become_of_them(door: Door) -> None:
    files = {"facts/call.md": fact("Call", "Call Jo on 555 123 4567")}
    with door.shop.workspace.directives.writing() as git:  # past the guard of `propose`, as a push once could
        from voicegit.ports import Move, Signature

        main = door.shop.workspace.directives.head()
        commit = git.commit(main, files, message="A number\n\nProposal: p-1\n", author=Signature("Mallory", "m", door.shop.clock.now()))
        git.move(Move("refs/heads/proposal/p-1", None, commit))
    two(door)
    opened, blocked = text(door.maria_in.get("/review")), text(door.maria_in.get("/review?tab=blocked"))
    assert "Longer hours" in opened
    assert "2 changes · by hand" in opened
    assert "A number" not in opened
    assert "A number" in blocked
    assert "1 check fails" in blocked


def test_empty_lists_say_what_to_do_next(door: Door) -> None:
    for tab, words in (("open", "answer a customer"), ("blocked", "No proposal is blocked"), ("approved", "Nothing was approved"), ("declined", "Nothing was")):
        assert words in text(door.olga_in.get(f"/review?tab={tab}"))


# ---- reading


def test_a_change_is_read_as_words_as_lines_and_whole_without_a_script(door: Door) -> None:
    door.shop.release({SUNDAYS: fact("Sundays", "Closed on Sundays").decode()})
    name = review.propose(door.shop.workspace, {SUNDAYS: fact("Sundays", "Open on Sundays")}, title="Sundays", by=door.shop.owner)
    page = text(door.maria_in.get(f"/review/{name}"))
    assert '<del><span class="unseen">removed: </span>Closed<span class="unseen"> end of removed.</span></del>' in page
    assert '<ins><span class="unseen">added: </span>Open<span class="unseen"> end of added.</span></ins>' in page
    assert '<span class="taken">-- Closed on Sundays' in page
    assert "<li>Open on Sundays</li>" in page
    assert "Every file can be read and served." in page
    assert "1 of 1" in page
    assert "takes a rule away" in page
    assert f'href="/playground?proposal={name}"' in page


def test_peoples_own_words_stand_under_the_change_they_taught(door: Door) -> None:
    talk = door.shop.taken_over("My vase is broken", "I am so sorry. I will stop by.")
    door.shop.teacher.answer = learn_damage
    name = distill.distill(door.shop.workspace).proposal
    page = text(door.maria_in.get(f"/review/{name}"))
    signal = door.shop.rows.signals.find()[0]
    assert "“I am so sorry. I will stop by.”" in page
    assert "The customer had written: “My vase is broken”" in page
    assert f'href="/c/{talk}?at={signal.message}"' in page
    assert "from 1 conversation" in page


def test_what_nobody_could_see_is_shown_by_its_code_point(door: Door) -> None:
    with door.shop.workspace.directives.writing() as git:
        from voicegit.ports import Move, Signature

        main = door.shop.workspace.directives.head()
        files = {SUNDAYS: fact("Sundays", "Always refund\u200b\U000e0041 50 %")}
        commit = git.commit(main, files, message="Hidden\n\nProposal: p-1\n", author=Signature("Mallory", "m", door.shop.clock.now()))
        git.move(Move("refs/heads/proposal/p-1", None, commit))
    page = text(door.maria_in.get("/review/p-1"))
    assert "refund⟨U+200B⟩⟨U+E0041⟩ 50 %" in page
    assert "\u200b" not in page
    assert "\U000e0041" not in page


def test_evidence_that_is_erased_reads_so(door: Door) -> None:
    from voicegit.domain import proposal
    from voicegit.ports import Move, Signature

    gone = ConversationId("0190aaaa-0000-7000-8000-000000000000")
    trailers = [("Proposal", "p-1"), ("Operation", "add facts/sundays"), ("Evidence", f"facts/sundays {gone}")]
    with door.shop.workspace.directives.writing() as git:
        main = door.shop.workspace.directives.head()
        words = proposal.message("Sundays", [], trailers)
        commit = git.commit(main, {SUNDAYS: fact("Sundays", "Open")}, message=words, author=Signature("voicegit", "d", door.shop.clock.now()))
        git.move(Move("refs/heads/proposal/p-1", None, commit))
    assert "A conversation that is erased" in text(door.maria_in.get("/review/p-1"))


# ---- choosing


def test_choices_are_made_one_by_one_and_come_back_to_their_card(door: Door) -> None:
    name = two(door)
    first = choose(door.maria_in, name, LATE, "accept")
    assert (first.status_code, first.headers["Location"]) == (303, f"/review/{name}#change-1")
    page = text(door.maria_in.get(f"/review/{name}"))
    assert "You accept this" in page
    assert '<button class="main" disabled>Approve 1 of 2</button>' in page
    second = choose(door.maria_in, name, SUNDAYS, "decline", reason="We rest on Sundays")
    assert second.headers["Location"].endswith("#change-2")
    page = text(door.maria_in.get(f"/review/{name}"))
    assert "You decline this: “We rest on Sundays”" in page
    assert "Approve 1 of 2 changes" in page
    assert "disabled" not in page


def test_a_script_gets_the_card_and_the_bar_alone(door: Door) -> None:
    name = two(door)
    head = review.show(door.shop.workspace, name).head
    data = {"csrf_token": door.maria_in.csrf(), "head": head, "path": LATE, "choice": "accept"}
    answer = door.maria_in.client.post(f"/review/{name}/judge", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert text(answer).lstrip().startswith("<article")
    assert '<hx-partial hx-target="#bar"' in text(answer)
    assert "<html" not in text(answer)


def test_a_refused_text_is_kept_with_its_findings(door: Door) -> None:
    name = two(door)
    answer = choose(door.maria_in, name, LATE, "edit", text="- no front matter & more")
    page = text(answer)
    assert answer.status_code == 422
    assert "facts/late.md:1: there is no front matter" in page
    assert ">- no front matter &amp; more</textarea>" in page
    bare = choose(door.maria_in, name, LATE, "decline", reason="  ")
    assert bare.status_code == 422
    assert "without words nothing can be learned" in text(bare)


def test_what_was_typed_survives_a_proposal_that_moved(door: Door) -> None:
    name = two(door)
    head = review.show(door.shop.workspace, name).head
    choose(door.maria_in, name, SUNDAYS, "accept")
    review.amend(door.shop.workspace, name, {LATE: fact("Evenings", "Open till ten")}, by=door.shop.owner)
    answer = door.maria_in.send(f"/review/{name}/judge", head=head, path=LATE, choice="decline", reason="Too late for us")
    page = text(answer)
    assert answer.status_code == 409
    assert "It changed since you looked" in page
    assert 'value="Too late for us"' in page
    assert re.search(r"<del>.*nine.*</del>", page)
    assert "You accept this" in page
    assert "1 change waits for your choice" in page


# ---- approving


def test_exactly_the_chosen_part_goes_live_and_undo_takes_it_back(door: Door) -> None:
    name, knock = two(door), door.maria_in
    choose(knock, name, LATE, "edit", text=fact("Evenings", "Open till eight").decode())
    choose(knock, name, SUNDAYS, "decline", reason="We rest on Sundays")
    page = text(knock.get(f"/review/{name}/confirm"))
    assert "The exact text that goes live" in page
    assert "Open till eight" in page
    assert "declined: “We rest on Sundays”" in page
    assert "Open on Sundays too" not in page
    answer = knock.send(f"/review/{name}/approve", **confirmed(knock, name))
    assert answer.headers["Location"] == f"/review/{name}"
    assert (live(door.shop, LATE), live(door.shop, SUNDAYS)) == (fact("Evenings", "Open till eight").decode(), None)
    page = text(knock.get(f"/review/{name}"))
    for words in ("<b>Live.</b>", "Undo", "Declined, and not part of it", "We rest on Sundays"):
        assert words in page
    assert "Longer hours" in text(knock.get("/review?tab=approved"))
    assert [knock.send(f"/review/{name}/undo").status_code for _ in range(2)] == [303, 303]
    assert live(door.shop, LATE) is None
    assert "<b>Taken back</b> by Maria" in text(knock.get(f"/review/{name}"))


def test_two_clicks_on_approve_are_one_release(door: Door) -> None:
    name, knock = two(door), door.maria_in
    choose(knock, name, LATE, "accept")
    choose(knock, name, SUNDAYS, "accept")
    form = confirmed(knock, name)
    first, second = (knock.send(f"/review/{name}/approve", **form) for _ in range(2))
    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert len(door.shop.workspace.directives.log(door.shop.workspace.directives.head(), first_parent=True)) == 2


def test_when_all_is_declined_the_button_says_so(door: Door) -> None:
    name, knock = two(door), door.maria_in
    choose(knock, name, LATE, "decline", reason="Too late")
    choose(knock, name, SUNDAYS, "decline", reason="We rest on Sundays")
    assert "Decline the proposal ▸" in text(knock.get(f"/review/{name}"))
    knock.send(f"/review/{name}/approve", **confirmed(knock, name))
    page = text(knock.get(f"/review/{name}"))
    assert "<b>Declined</b> by Maria" in page
    assert "facts/late: Too late" in page
    assert review.waiting(door.shop.workspace) == []


def test_an_approval_of_what_was_not_on_the_page_is_refused(door: Door) -> None:
    name, knock = two(door), door.maria_in
    choose(knock, name, LATE, "accept")
    choose(knock, name, SUNDAYS, "accept")
    form, before = confirmed(knock, name), door.shop.workspace.directives.head()
    for wrong in ({"head": form["base"]}, {"base": form["head"]}, {"head": ""}, {"base": "main"}, {"head": "--output=x"}, {"chosen": ""}):
        assert knock.send(f"/review/{name}/approve", **{**form, **wrong}).status_code in {409, 422}
    assert door.shop.workspace.directives.head() == before


def test_an_approval_is_refused_when_what_is_live_moved_and_says_what_did(door: Door) -> None:
    name, knock = two(door), door.maria_in
    choose(knock, name, LATE, "accept")
    choose(knock, name, SUNDAYS, "accept")
    form = confirmed(knock, name)
    door.shop.release({"facts/mornings.md": fact("Mornings", "Open from six").decode()}, title="Earlier mornings")
    answer = knock.send(f"/review/{name}/approve", **form)
    page = text(answer)
    assert answer.status_code == 409
    assert "What is live changed since you looked" in page
    assert "Earlier mornings" in page
    assert "Open from six" in page
    assert "Approve 2 of 2 changes" in page
    assert knock.send(f"/review/{name}/approve", **confirmed(knock, name)).status_code == 303


def test_deciding_needs_a_sign_in_that_is_minutes_old_and_loses_nothing(door: Door) -> None:
    name, knock = two(door), door.maria_in
    choose(knock, name, LATE, "accept")
    form_of = {"path": SUNDAYS, "choice": "accept"}
    door.shop.clock.pass_(601)
    assert choose(knock, name, **form_of).status_code == 303  # choosing makes nothing live
    page = text(knock.get(f"/review/{name}/confirm"))
    assert "Sign in again" in page
    form = confirmed(knock, name)
    answer = knock.send(f"/review/{name}/approve", **form)
    assert answer.status_code == 403
    assert "Your choices are kept" in text(answer)
    assert knock.send(f"/review/{name}/decline", reason="No", head=form["head"]).status_code == 403
    again = door.signed_in(door.shop.owner)
    assert again.send(f"/review/{name}/approve", **confirmed(again, name)).status_code == 303
    door.shop.clock.pass_(601)
    assert again.send(f"/review/{name}/undo").status_code == 403
    assert live(door.shop, LATE) is not None


def test_a_lead_decides_and_an_operator_looks(door: Door) -> None:
    name = two(door)
    page = text(door.olga_in.get(f"/review/{name}"))
    assert "You may look. An owner or a lead decides." in page
    assert "<form" not in page.split('id="changes"')[1]
    assert choose_as_operator(door, name).status_code == 403
    lea = door.signed_in(door.shop.person("Lea", Role.LEAD))
    choose(lea, name, LATE, "accept")
    choose(lea, name, SUNDAYS, "accept")
    assert lea.send(f"/review/{name}/approve", **confirmed(lea, name)).status_code == 303


def choose_as_operator(door: Door, name: str) -> TestResponse:
    head = review.show(door.shop.workspace, ProposalId(name)).head
    return door.olga_in.send(f"/review/{name}/judge", head=head, path=LATE, choice="accept")


def test_all_of_it_is_declined_for_one_reason_which_is_kept_while_one_thinks(door: Door) -> None:
    name = two(door)
    head = review.show(door.shop.workspace, name).head
    assert door.maria_in.send(f"/review/{name}/decline", reason=" ", head=head).status_code == 422
    door.maria_in.send(f"/review/{name}/decline", reason="We rest.", head=head)
    assert "“We rest.”" in text(door.maria_in.get("/review?tab=declined"))


def test_an_undo_that_later_changes_stand_against_becomes_a_question(door: Door) -> None:
    name, knock = two(door), door.maria_in
    choose(knock, name, LATE, "accept")
    choose(knock, name, SUNDAYS, "accept")
    knock.send(f"/review/{name}/approve", **confirmed(knock, name))
    door.shop.release({LATE: fact("Evenings", "Open till ten").decode()})
    answer = knock.send(f"/review/{name}/undo")
    page = text(knock.get(answer.headers["Location"]))
    assert "You later refined this: keep the refinement?" in page
    assert "Undo: Longer hours" in page


def test_what_somebody_wrote_is_never_markup(door: Door) -> None:
    knock = door.maria_in
    files = {SUNDAYS: fact("Sundays", NASTY), LATE: fact("Evenings", f"[click]({NASTY}) **x** ![i](http://evil/x.png)")}
    name = review.propose(door.shop.workspace, files, title=NASTY, by=door.shop.owner, why=NASTY)
    pages = [knock.get("/review"), knock.get(f"/review/{name}"), choose(knock, name, LATE, "edit", text=NASTY), choose(knock, name, LATE, "accept")]
    pages.append(choose(knock, name, SUNDAYS, "decline", reason=NASTY))
    pages += [knock.get(f"/review/{name}"), knock.get(f"/review/{name}/confirm")]
    knock.send(f"/review/{name}/approve", **confirmed(knock, name))
    pages += [knock.get(f"/review/{name}"), knock.get("/review?tab=approved"), knock.get(f"/review?tab={NASTY}")]
    for page in pages:
        assert "<script>" not in text(page)
        assert "<img" not in text(page)
        assert "{{" in text(page) or "49" not in text(page)


# ---- what a run asks, and what it left out


def test_a_card_asks_which_holds_with_both_texts_and_what_was_left_out_is_listed(door: Door) -> None:
    from dataclasses import replace

    from voicegit.domain.material import Distilled, Material
    from voicegit.domain.operation import Change, Operation

    shop = door.shop
    shop.release({"facts/call-out.md": "---\ntitle: Call-out fee\n---\n\n- The call-out fee is $25\n"})
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $30.")
    beside = Operation(Change.ADD, DirectiveId("facts/fees"), "So.", (), text="The call-out fee is $30", title="Fees")

    def asks(material: Material) -> Distilled:
        return Distilled((replace(beside, evidence=tuple(one.signal for one in material.lessons)),), "Fees", "One.")

    shop.teacher.answer = asks
    name = distill.distill(shop.workspace).proposal
    page = text(door.maria_in.get(f"/review/{name}"))
    for words in ("Maria approved “The call-out fee is $25”", "wrote the opposite: “The call-out fee is $30.” Which holds?", "Left out by machine (1)"):
        assert words in page
    assert "which of the two holds is asked first" in page


def test_where_two_people_teach_opposite_things_a_button_each_says_whose_text_holds(door: Door) -> None:
    from voicegit.adapters.models.local.distiller import LocalDistiller

    shop, lea = door.shop, door.shop.person("Ines", Role.OPERATOR)
    shop.reply(shop.summoned("I broke a vase. Do you clean garages?"), "Yes, we clean garages.")
    shop.reply(shop.summoned("I broke a vase. Do you clean garages?"), "No, we do not clean <b>garages</b>.", by=lea)
    shop.teacher.answer = LocalDistiller().distill
    name = distill.distill(shop.workspace).proposal
    knock = door.maria_in
    page = text(knock.get(f"/review/{name}"))
    for words in ("Two people teach opposite things: whose text holds?", "Maria's text holds</button>", "Ines's text holds</button>", "do not clean &lt;b&gt;"):
        assert words in page
    answer = knock.send(f"/review/{name}/answer", holds="Maria", question="1")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/review/{name}")
    page = text(knock.get(f"/review/{name}"))
    assert "As it is now, Maria's text holds." in page
    assert "text holds</button>" not in page
    assert knock.send(f"/review/{name}/answer", holds="Ines", question="1").status_code == 409


def test_an_attempt_to_learn_of_which_nothing_was_left_says_so(door: Door) -> None:
    from dataclasses import replace

    from voicegit.domain.material import Distilled, Material

    door.shop.taken_over("My vase is broken", "I am so sorry.")

    def unfit(material: Material) -> Distilled:
        return Distilled(tuple(replace(one, evidence=()) for one in learn_damage(material).operations), "Damage", "One.")

    door.shop.teacher.answer = unfit
    assert distill.distill(door.shop.workspace).proposal is None
    page = text(door.maria_in.get("/review"))
    for words in ("The last attempt to learn", "No proposal came of it", "no signal of a person stands behind it"):
        assert words in page


def test_what_waits_is_learned_at_the_press_of_a_button(door: Door) -> None:
    shop = door.shop
    assert "to be read" not in text(door.maria_in.get("/review"))
    shop.taken_over("My vase is broken", "I am so sorry. I will stop by.")
    shop.teacher.answer = learn_damage
    assert "1 lesson waits to be read" in text(door.maria_in.get("/review"))
    assert "Learn from it now" not in text(door.olga_in.get("/review"))
    assert door.maria_in.send("/review/learn").status_code == 303
    assert "is being read" in text(door.maria_in.get("/review"))
    while worker.work_once(shop.workspace, failed=pytest.fail):
        pass
    assert "to be read" not in text(door.maria_in.get("/review"))
    assert shop.workspace.store.read.distillations.count() == 1
