"""The ladder's rules and words, and the channels as a settings file names them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voicegit import config
from voicegit.domain.ids import ConversationId, NoticeId, PersonId, SummonId
from voicegit.domain.notice import BACKOFF, Channel, Notice, NoticeKind, NoticeState, free_from, time_of_day
from voicegit.domain.summon import LEASE, Summon
from voicegit.errors import Invalid

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
OPEN = Summon(SummonId("s"), ConversationId("c"), None, ("It is about money.",), NOW)
WAITING = Notice(NoticeId("n"), NoticeKind.CALL, "Maria's phone", NOW, due_at=NOW)
MARIA = PersonId("m")


# ---- who has it


def test_an_open_summon_is_everybodys_from_the_start() -> None:
    assert free_from(OPEN, NOW) == NOW


def test_a_claimed_one_is_when_the_lease_ends() -> None:
    assert free_from(OPEN.claim(MARIA, NOW), NOW) == NOW + LEASE


def test_an_answered_one_is_when_the_customer_has_waited_again_for_a_lease() -> None:
    answered = OPEN.answer(MARIA, NOW)
    later = NOW + timedelta(hours=1)
    assert (free_from(answered, None), free_from(answered, later)) == (None, later + LEASE)


def test_an_answered_one_that_another_took_is_theirs_for_their_lease() -> None:
    taken = OPEN.answer(MARIA, NOW).taken_over(PersonId("o"), NOW + timedelta(minutes=9))
    assert free_from(taken, NOW) == NOW + timedelta(minutes=9) + LEASE


def test_an_ended_one_is_nobodys() -> None:
    assert free_from(OPEN.resolve(NOW), NOW) is None


# ---- one message's life


def test_it_is_tried_four_times_with_longer_and_longer_rests() -> None:
    notice, at, rests = WAITING, NOW, []
    while notice.due_at is not None:
        notice = notice.leased(at).failed(at, "It is down.")
        rests.append(None if notice.due_at is None else notice.due_at - at)
        at = notice.due_at or at
    assert rests == [*BACKOFF, None]
    assert (notice.state, notice.attempts, notice.problem) == (NoticeState.FAILED, 4, "It is down.")


def test_a_failure_stays_to_be_seen_when_nobody_needs_the_message_any_more() -> None:
    failed = WAITING.leased(NOW).failed(NOW, "It is down.")
    assert failed.withdrawn() == replace(failed, due_at=None)


def test_what_arrives_leaves_no_problem() -> None:
    arrived = WAITING.leased(NOW).failed(NOW, "It is down.").leased(NOW).arrived(NOW)
    assert (arrived.state, arrived.problem, arrived.due_at, arrived.sent_at) == (NoticeState.SENT, "", None, NOW)


# ---- words


@pytest.mark.parametrize(
    ("hour", "minute", "second", "country", "says"),
    [
        (15, 40, 0, "US", "3:40 pm"),
        (15, 36, 1, "US", "3:40 pm"),
        (15, 40, 1, "US", "3:45 pm"),
        (0, 0, 0, "US", "12:00 am"),
        (11, 59, 0, "US", "12:00 pm"),
        (15, 36, 0, "DE", "15:40"),
        (23, 58, 0, "DE", "00:00"),
    ],
)
def test_a_time_is_promised_to_the_next_five_minutes(hour: int, minute: int, second: int, country: str, says: str) -> None:
    assert time_of_day(NOW.replace(hour=hour, minute=minute, second=second), country) == says


# ---- settings


def settings(folder: Path, text: str) -> config.Settings:
    (folder / config.FILE).write_text(text)
    return config.read(folder, environ={})


def test_channels_stand_in_the_order_of_the_ladder(tmp_path: Path) -> None:
    text = (
        'port = 9000\n[[notify]]\nname = "Olga"\nurl = "tgram://1/2"\nafter_minutes = 10\n'
        '[[notify]]\nname = "Maria\'s phone"\nurl = "ntfys://ntfy.sh/topic"\nperson = "Maria"\nwords = true\n'
    )
    assert settings(tmp_path, text).notify == (
        Channel("Maria's phone", "ntfys://ntfy.sh/topic", person="Maria", words=True),
        Channel("Olga", "tgram://1/2", after_minutes=10),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "A"', "voicegit.toml, [[notify]] number 1: 'url' is missing"),
        ('url = "json://geheim"', "'name' is missing"),
        ('name = "A"\nurl = "geheim"', "'url' cannot be used"),
        ('name = "A"\nurl = "json://geheim, json://b"', "'url' cannot be used"),
        ('name = "A\\nB"\nurl = "json://geheim"', "'name' cannot be used"),
        ('name = ""\nurl = "json://geheim"', "'name' cannot be used"),
        ('name = "A"\nurl = "json://geheim"\nafter_minutes = -1', "'after_minutes' cannot be used"),
        ('name = "A"\nurl = "json://geheim"\nafter_minutes = true', "'after_minutes' cannot be used"),
        ('name = "A"\nurl = "json://geheim"\nwords = "yes"', "'words' cannot be used"),
        ('name = "A"\nurl = "json://geheim"\nword = true', "'word' is not a setting of a channel"),
        ('name = "A"\nurl = "json://geheim"\n[[notify]]\nname = "a"\nurl = "json://b"', "two [[notify]] tables have the name 'A'"),
    ],
)
def test_a_channel_that_cannot_be_used_is_refused_with_file_and_field_and_without_its_address(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        settings(tmp_path, f"[[notify]]\n{text}\n")
    assert says in refused.value.message
    assert config.FILE in refused.value.message
    assert "geheim" not in refused.value.message


def test_channels_are_tables(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is a list of tables"):
        settings(tmp_path, 'notify = "json://geheim"\n')


def test_an_address_is_never_shown_whole() -> None:
    channel = Channel("A", "tgram://123456:secret/chat")
    assert channel.masked == "tgram://…"
    assert "secret" not in repr(channel)


def test_links_begin_with_the_address_that_people_open(tmp_path: Path) -> None:
    assert settings(tmp_path, 'address = "https://desk.example.com"\n').opened_at == "https://desk.example.com"
    assert settings(tmp_path, 'host = "::1"\nport = 9000\n').opened_at == "http://[::1]:9000"
