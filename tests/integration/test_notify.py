"""Who is told outside the pages, over the real protocol to a real server: once, in time, without the customer's words, and never silently not at all."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.conftest import Shop
from tests.phone import ADDRESS, PATIENCE, Phone, listening, with_channels
from voicegit.adapters.apprise import AppriseNotifier
from voicegit.bootstrap import App
from voicegit.domain.conversation import MessageKind
from voicegit.domain.ids import ConversationId
from voicegit.domain.notice import Channel, Notice, NoticeKind, NoticeState
from voicegit.domain.people import Role
from voicegit.errors import Invalid, NotFound
from voicegit.services import conversation, doctor, notify, status, takeover, worker

MINUTE = 60.0


@pytest.fixture
def phone() -> Iterator[Phone]:
    with listening() as made:
        yield made


@pytest.fixture
def desk(shop: Shop, phone: Phone) -> Shop:
    """A shop in which Maria is told at once and Olga after ten minutes."""
    return with_channels(shop, Channel("Maria's phone", phone.url("maria"), person="Maria"), Channel("Olga", phone.url("olga"), after_minutes=10))


def tell(shop: Shop, *, minutes: float = 0) -> None:
    """Lets time pass and everything be told that is due."""
    shop.clock.pass_(minutes * MINUTE)
    while notify.tell_next(shop.workspace):
        pass


def rows(shop: Shop, kind: NoticeKind = NoticeKind.CALL) -> list[Notice]:
    return shop.rows.notices.find(kind=kind)


def states(shop: Shop) -> list[tuple[str, str]]:
    return [(row.channel, row.state.value) for row in rows(shop)]


def holding(shop: Shop, talk: ConversationId) -> list[str]:
    return [one.text for one in shop.rows.messages.find(conversation=talk, kind=MessageKind.HOLDING, order="seq")]


def changes(shop: Shop) -> list[tuple[str, str]]:
    return [(event.body["channel"], event.body["state"]) for event in shop.rows.events.find(kind="notice")]


# ---- what is said


def test_a_summon_is_told_once_with_its_reason_the_wait_and_a_link(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned("My vase is broken", customer="Dana Reyes")
    tell(desk, minutes=4)
    tell(desk)
    assert [one["path"] for one in phone.got] == ["/maria"]
    assert phone.got[0]["title"] == "Sparkle Home Cleaning: A customer waits for you"
    said = phone.got[0]["message"].split("\n")
    assert said[0] == "A customer has waited 4 min for a person."
    assert "Something was damaged or lost, and no approved directive covers this case yet." in said
    assert said[-1] == f"{ADDRESS}/c/{talk}"
    assert states(desk) == [("Maria's phone", "sent"), ("Olga", "waiting")]
    assert changes(desk) == [("Maria's phone", "sent")]


def test_the_customers_name_and_words_stay_here_unless_a_channel_may_have_them(shop: Shop, phone: Phone) -> None:
    desk = with_channels(shop, Channel("Public", phone.url("public")), Channel("Own", phone.url("own"), words=True))
    desk.summoned("My <b>Valentino</b> vase is broken", customer="Dana Reyes")
    tell(desk)
    (public,), (own,) = phone.heard("public"), phone.heard("own")
    for word in ("Dana", "Reyes", "Valentino", "vase"):
        assert word not in public["title"] + public["message"]
    assert own["title"] == "Sparkle Home Cleaning: Dana Reyes waits for you"
    assert "“My <b>Valentino</b> vase is broken”" in own["message"]


def test_a_draft_that_was_held_back_is_not_quoted_either(desk: Shop, phone: Phone) -> None:
    desk.model.reply_with("Yes, at 4711 Oak Street.")
    desk.summoned("Do you know where it is?")
    tell(desk)
    assert "What I would say is not backed." in phone.got[0]["message"]
    assert "4711" not in phone.got[0]["message"]


# ---- the ladder


def test_the_next_step_is_told_when_nobody_opens_it_in_time(desk: Shop, phone: Phone) -> None:
    desk.summoned()
    tell(desk)
    tell(desk, minutes=9)
    assert phone.heard("olga") == []
    tell(desk, minutes=1)
    assert len(phone.heard("olga")) == 1
    assert len(phone.heard("maria")) == 1


def test_opening_the_conversation_stops_the_ladder_and_is_recorded(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned()
    tell(desk)
    assert notify.opened(desk.workspace, talk, desk.owner) == 2
    assert notify.opened(desk.workspace, talk, desk.owner) == 0
    tell(desk, minutes=11)
    assert states(desk) == [("Maria's phone", "opened"), ("Olga", "withdrawn")]
    assert phone.heard("olga") == []
    assert changes(desk)[1:] == [("Maria's phone", "opened"), ("Olga", "withdrawn")]


@pytest.mark.parametrize("ended", ["claimed", "answered", "handed back", "resolved"])
def test_nothing_is_sent_once_somebody_has_it(desk: Shop, phone: Phone, ended: str) -> None:
    talk = desk.summoned()
    if ended == "claimed":
        takeover.claim(desk.workspace, takeover.summon_of(desk.workspace, talk).id, by=desk.owner)
    if ended in {"answered", "handed back"}:
        desk.reply(talk, "I am on my way.")
    if ended == "handed back":
        takeover.hand_back(desk.workspace, talk)
    if ended == "resolved":
        takeover.resolve(desk.workspace, talk)
    tell(desk, minutes=4)
    assert phone.got == []
    tell(desk, minutes=20 if ended != "claimed" else 0)
    assert phone.got == []


def test_the_ladder_begins_again_when_who_claimed_walks_away(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned()
    tell(desk)
    summon = takeover.summon_of(desk.workspace, talk).id
    takeover.claim(desk.workspace, summon, by=desk.owner)
    notify.opened(desk.workspace, talk, desk.owner)
    desk.clock.pass_(4 * MINUTE)
    takeover.claim(desk.workspace, summon, by=desk.owner)
    tell(desk, minutes=4.9)
    assert len(phone.heard("maria")) == 1
    tell(desk, minutes=0.1)
    assert (len(phone.heard("maria")), len(phone.heard("olga"))) == (2, 0)
    tell(desk, minutes=10)
    assert (len(phone.heard("maria")), len(phone.heard("olga"))) == (2, 1)


def test_the_ladder_begins_again_when_who_answered_leaves_the_customer_waiting(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned()
    desk.reply(talk, "I am on my way.")
    tell(desk, minutes=30)
    desk.say(talk, "When will you be here?")
    tell(desk, minutes=4.9)
    assert phone.got == []
    tell(desk, minutes=0.1)
    assert [one["path"] for one in phone.got] == ["/maria"]


def test_who_answers_in_time_is_not_told_of_by_others(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned()
    desk.reply(talk, "I am on my way.")
    desk.say(talk, "When will you be here?")
    desk.reply(talk, "At five.")
    tell(desk, minutes=60)
    assert phone.got == []


# ---- the customer writes again


def test_a_customer_who_writes_again_is_told_at_most_once_a_minute(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned()
    tell(desk)
    for _ in range(4):
        desk.say(talk, "Hello??")
        tell(desk, minutes=0.2)
    assert len(phone.heard("maria")) == 1
    tell(desk, minutes=0.2)
    assert [one["title"] for one in phone.heard("maria")][1:] == ["Sparkle Home Cleaning: A customer wrote again"]
    tell(desk, minutes=5)
    assert len(phone.heard("maria")) == 2
    assert phone.heard("olga") == []


def test_writing_again_tells_nobody_once_somebody_has_it(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned()
    tell(desk)
    desk.say(talk, "Hello??")
    takeover.claim(desk.workspace, takeover.summon_of(desk.workspace, talk).id, by=desk.owner)
    desk.say(talk, "Hello??")
    tell(desk, minutes=4)
    assert len(phone.got) == 1


# ---- the customer is told a time


def test_the_customer_is_told_a_time_once(desk: Shop) -> None:
    talk = desk.summoned()
    tell(desk, minutes=14)
    assert len(holding(desk, talk)) == 1
    tell(desk, minutes=1)
    tell(desk, minutes=60)
    desk.say(talk, "Hello??")
    tell(desk, minutes=60)
    assert holding(desk, talk)[1:] == ["It is taking longer than we would like. One of us answers by 11:15 am."]
    worker.deliver_due(desk.workspace)
    assert conversation.seen_by_customer(desk.workspace, talk)[-2].kind is MessageKind.HOLDING


def test_a_customer_who_was_answered_is_told_no_time(desk: Shop) -> None:
    talk = desk.summoned()
    desk.reply(talk, "I am on my way.")
    desk.say(talk, "When?")
    tell(desk, minutes=60)
    assert len(holding(desk, talk)) == 1
    assert [row.state for row in rows(desk, NoticeKind.TIME)] == [NoticeState.WITHDRAWN]


def test_the_customer_is_told_no_time_while_somebody_is_about_to_answer(desk: Shop) -> None:
    talk = desk.summoned()
    desk.clock.pass_(14 * MINUTE)
    takeover.claim(desk.workspace, takeover.summon_of(desk.workspace, talk).id, by=desk.owner)
    tell(desk, minutes=4)
    assert len(holding(desk, talk)) == 1
    tell(desk, minutes=1)
    assert len(holding(desk, talk)) == 2


def test_who_only_looked_does_not_keep_the_customer_from_being_told(desk: Shop) -> None:
    talk = desk.summoned()
    notify.opened(desk.workspace, talk, desk.owner)
    tell(desk, minutes=15)
    assert len(holding(desk, talk)) == 2


def test_a_policy_without_a_time_promises_none(desk: Shop) -> None:
    policy = (desk.app.directives.entries(desk.app.directives.head())["policy.toml"].content).decode()
    desk.release({"policy.toml": policy.replace("tell_after_minutes = 15", "tell_after_minutes = 0")})
    talk = desk.summoned()
    tell(desk, minutes=600)
    assert len(holding(desk, talk)) == 1


# ---- trouble


def test_a_server_that_fails_is_tried_again_and_shown_meanwhile(desk: Shop, phone: Phone) -> None:
    phone.answers = [503, 500]
    desk.summoned()
    tell(desk)
    (row,) = [one for one in rows(desk) if one.channel == "Maria's phone"]
    assert (row.state, row.attempts) == (NoticeState.FAILED, 1)
    assert "503" in row.problem
    assert [state.channel.name for state in notify.trouble(desk.workspace)] == ["Maria's phone"]
    assert status.look(desk.workspace).unheard == ("Maria's phone",)
    assert [says for name, ok, says in doctor.examine(desk.workspace) if name == "notify Maria's phone" and not ok]
    tell(desk, minutes=0.9)
    assert len(phone.heard("maria")) == 1
    tell(desk, minutes=0.1)
    tell(desk, minutes=5)
    assert len(phone.heard("maria")) == 3
    assert rows(desk)[0].state is NoticeState.SENT
    assert notify.trouble(desk.workspace) == []
    assert changes(desk) == [("Maria's phone", "failed"), ("Maria's phone", "failed"), ("Maria's phone", "sent")]


def test_a_server_that_keeps_failing_is_given_up_after_four_tries_and_stays_shown(shop: Shop, phone: Phone) -> None:
    desk = with_channels(shop, Channel("Maria", phone.url("maria")))
    phone.answers = [500] * 9
    desk.summoned()
    for minutes in (0, 1, 5, 15, 60, 600):
        tell(desk, minutes=minutes)
    assert len(phone.heard("maria")) == 4
    assert (rows(desk)[0].state, rows(desk)[0].due_at) == (NoticeState.FAILED, None)
    assert "voicegit notify test" in notify.trouble(desk.workspace)[0].in_words("UTC")


def test_what_failed_is_not_tried_again_for_a_customer_who_was_answered(desk: Shop, phone: Phone) -> None:
    phone.answers = [500]
    talk = desk.summoned()
    tell(desk)
    desk.reply(talk, "I am on my way.")
    tell(desk, minutes=30)
    assert len(phone.got) == 1
    assert [state.channel.name for state in notify.trouble(desk.workspace)] == ["Maria's phone"]


def test_a_problem_is_told_without_the_secrets_of_the_address(shop: Shop) -> None:
    desk = with_channels(shop, Channel("Nobody", "json://user:passwort@127.0.0.1:9/geheimnis"))
    desk.summoned()
    tell(desk)
    problem = rows(desk)[0].problem
    assert problem
    for secret in ("passwort", "geheimnis", "127.0.0.1"):
        assert secret not in problem
    assert "passwort" not in repr(desk.workspace.notifier)


def test_a_test_message_says_what_happened_and_counts_as_the_last(desk: Shop, phone: Phone) -> None:
    phone.answers = [500]
    assert notify.test(desk.workspace, "Maria's phone").state is NoticeState.FAILED
    assert len(notify.trouble(desk.workspace)) == 1
    desk.clock.pass_(1)
    assert notify.test(desk.workspace, "Maria's phone").state is NoticeState.SENT
    assert notify.trouble(desk.workspace) == []
    assert phone.got[0]["title"] == "Sparkle Home Cleaning: a test"
    with pytest.raises(NotFound, match="There are: Maria's phone, Olga"):
        notify.test(desk.workspace, "Dana's phone")


@pytest.mark.parametrize(("url", "says"), [("nope://x", "'nope://' is not a kind"), ("tgram://bad", "not a whole 'tgram://' address")])
def test_an_address_that_can_never_work_is_refused_at_start(shop: Shop, url: str, says: str) -> None:
    desk = with_channels(shop, Channel("Maria", url))
    with pytest.raises(Invalid, match=says):
        notify.check(desk.workspace)
    desk.summoned()
    tell(desk)
    assert says in rows(desk)[0].problem


def test_the_doctor_knows_each_channel_and_whose_it_is(shop: Shop, phone: Phone) -> None:
    desk = with_channels(shop, Channel("A", phone.url("a")), Channel("B", phone.url("b"), person="Nobody"))
    found = {name: (ok, says) for name, ok, says in doctor.examine(desk.workspace) if name.startswith("notify")}
    assert found["notify A"] == (True, 'nothing was sent yet. Try it: voicegit notify test "A"')
    assert found["notify B"][0] is False


def test_a_channel_that_is_gone_from_the_settings_is_told_nothing(desk: Shop, phone: Phone) -> None:
    desk.summoned()
    alone = with_channels(desk, desk.workspace.notifier.channels[0])
    tell(alone, minutes=11)
    assert states(desk) == [("Maria's phone", "sent"), ("Olga", "withdrawn")]


# ---- crashes and other processes


def test_a_restart_in_the_middle_goes_on(desk: Shop, phone: Phone, reopen: Callable[[], App]) -> None:
    desk.summoned()
    tell(desk)
    other = replace(desk, app=replace(reopen(), workspace=replace(reopen().workspace, notifier=desk.workspace.notifier, clock=desk.clock)))
    tell(other, minutes=10)
    assert [one["path"] for one in phone.got] == ["/maria", "/olga"]


def test_two_processes_do_not_both_send(desk: Shop, phone: Phone, reopen: Callable[[], App]) -> None:
    desk.summoned()
    phone.hold.clear()
    first = threading.Thread(target=tell, args=(desk,))
    first.start()
    assert phone.arriving.wait(PATIENCE)
    other = replace(reopen().workspace, notifier=desk.workspace.notifier, clock=desk.clock)
    assert not notify.tell_next(other)
    phone.hold.set()
    first.join(PATIENCE)
    assert not notify.tell_next(other)
    assert len(phone.got) == 1
    assert rows(desk)[0].state is NoticeState.SENT


def test_a_message_that_a_process_died_over_goes_out_when_its_lease_ends(desk: Shop, phone: Phone) -> None:
    desk.summoned()

    class Died(BaseException):
        pass

    class Dying(AppriseNotifier):
        def send(self, channel: Channel, told: object) -> None:
            raise Died

    dying = replace(desk.workspace, notifier=Dying(desk.workspace.notifier.channels, ADDRESS))
    with pytest.raises(Died):
        notify.tell_next(dying)
    tell(desk, minutes=0.4)
    assert phone.got == []
    tell(desk, minutes=0.1)
    assert len(phone.got) == 1


def test_what_kills_every_process_that_sends_it_is_given_up_and_shown(desk: Shop, phone: Phone) -> None:
    desk.summoned()

    class Breaking(AppriseNotifier):
        def send(self, channel: Channel, told: object) -> None:
            raise RuntimeError

    breaking = replace(desk.workspace, notifier=Breaking(desk.workspace.notifier.channels, ADDRESS))
    for _ in range(4):
        with pytest.raises(RuntimeError):
            notify.tell_next(breaking)
        desk.clock.pass_(31)
    while notify.tell_next(breaking):
        pass
    assert [state.channel.name for state in notify.trouble(desk.workspace)] == ["Maria's phone"]


def test_somebody_who_opens_it_while_it_is_being_sent_is_in_time(desk: Shop, phone: Phone) -> None:
    talk = desk.summoned()
    phone.hold.clear()
    phone.answers = [500]
    sending = threading.Thread(target=notify.tell_next, args=(desk.workspace,))
    sending.start()
    assert phone.arriving.wait(PATIENCE)
    notify.opened(desk.workspace, talk, desk.owner)
    phone.hold.set()
    sending.join(PATIENCE)
    tell(desk, minutes=20)
    assert len(phone.got) == 1
    assert rows(desk)[0].state is NoticeState.FAILED


def test_nothing_due_is_found_without_reading_what_was(desk: Shop) -> None:
    connection = sqlite3.connect(desk.app.root / "voicegit.db")
    plans = [
        "SELECT id FROM notices WHERE due_at <= '2026' ORDER BY due_at LIMIT 1",
        "SELECT id FROM notices WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
        "SELECT id FROM notices WHERE channel IS 'x' AND tried_at IS NOT NULL ORDER BY tried_at DESC LIMIT 1",
        "SELECT id FROM notices WHERE summon IS 'x'",
    ]
    for plan in plans:
        (step,) = connection.execute(f"EXPLAIN QUERY PLAN {plan}").fetchall()
        assert "USING" in step[3], step
        assert "INDEX notices_" in step[3], step
    connection.close()


def test_a_shop_without_channels_works_as_ever(shop: Shop) -> None:
    talk = shop.summoned()
    assert [row.kind for row in shop.rows.notices.find()] == [NoticeKind.TIME]
    takeover.claim(shop.workspace, takeover.summon_of(shop.workspace, talk).id, by=shop.person("Olga", Role.OPERATOR))
    assert (notify.opened(shop.workspace, talk, shop.owner), notify.trouble(shop.workspace), notify.channels(shop.workspace)) == (0, [], [])
