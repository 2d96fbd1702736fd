"""Seasons: in force between two days where the business is, told a week before they end, and made longer by one tap."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tests.conftest import Shop
from tests.phone import ADDRESS, Phone, listening, with_channels
from voicegit.domain.ids import DirectiveId
from voicegit.domain.notice import Channel
from voicegit.domain.people import Role
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.services import notify, review, seasons, status, trouble

WINTER = DirectiveId("facts/winter")


def winter(shop: Shop, starts: str = "2026-11-01", ends: str = "2026-11-27") -> None:
    shop.release({f"{WINTER}.md": f"---\ntitle: Winter hours\nfrom: {starts}\nuntil: {ends}\n---\n\n- We close at four\n"})


def at(shop: Shop, when: datetime) -> None:
    shop.clock.pass_((when - shop.clock.now()).total_seconds())


def names(shop: Shop) -> list[str]:
    return [one.id for one in seasons.ending(shop.workspace)]


@pytest.mark.parametrize(("ends", "soon"), [("2026-11-19", False), ("2026-11-20", True), ("2026-11-26", True), ("2026-11-27", False), ("2027-01-06", False)])
def test_a_season_that_ends_within_a_week_is_told(shop: Shop, ends: str, soon: bool) -> None:
    """It is 20 November where the business is."""
    winter(shop, ends=ends)
    assert names(shop) == ([WINTER] if soon else [])


def test_a_season_that_has_not_begun_does_not_end(shop: Shop) -> None:
    winter(shop, starts="2026-11-22", ends="2026-11-23")
    assert names(shop) == []


def test_the_day_is_the_business_own(shop: Shop) -> None:
    """At four in the morning in UTC it is still the day before in New York."""
    winter(shop, ends="2026-11-26")
    at(shop, datetime(2026, 11, 27, 4, 0, tzinfo=UTC))
    assert seasons.today(shop.workspace) == date(2026, 11, 26)
    assert names(shop) == [WINTER]
    known = shop.workspace.directives.serving()
    assert WINTER in [one.id for one in known.in_force(seasons.today(shop.workspace))]
    at(shop, datetime(2026, 11, 27, 5, 0, tzinfo=UTC))
    assert WINTER not in [one.id for one in known.in_force(seasons.today(shop.workspace))]


def test_it_is_told_in_the_status_above_the_inbox_and_once_in_the_feed(shop: Shop) -> None:
    winter(shop, ends="2026-11-24")
    assert "SOON OVER: facts/winter is in force until 24 Nov 2026 (voicegit extend facts/winter)" in status.look(shop.workspace).in_words()
    assert status.look(shop.workspace).as_dict()["ending"] == [{"directive": WINTER, "until": "2026-11-24"}]
    assert [one.words for one in trouble.found(shop.workspace)] == ["“Winter hours” is in force until 24 Nov 2026 and not used after that day."]
    assert [seasons.announce(shop.workspace) for _ in range(3)] == [1, 0, 0]
    assert [one.body for one in shop.rows.events.find(kind="season")] == [{"directive": WINTER, "until": "2026-11-24"}]


def test_an_owners_extension_of_a_protected_season_is_the_owners_own_proposal(shop: Shop) -> None:
    text = "---\ntitle: Winter hours\nprotected: true\nuntil: 2026-11-24\n---\n\n- We close at four\n"
    shop.release({f"{WINTER}.md": text})
    theirs = seasons.extend(shop.workspace, WINTER, by=shop.person("Lea", Role.LEAD))
    mine = seasons.extend(shop.workspace, WINTER, by=shop.owner)
    assert theirs != mine == seasons.extend(shop.workspace, WINTER, by=shop.owner)
    assert review.approve(shop.workspace, mine, by=shop.owner)


def test_a_day_far_away_is_no_telephone_number(shop: Shop) -> None:
    winter(shop)
    name = seasons.extend(shop.workspace, WINTER, by=shop.owner, until=date(9999, 12, 31))
    assert review.approve(shop.workspace, name, by=shop.owner)


# ---- outside the pages


@pytest.fixture
def phone() -> Iterator[Phone]:
    with listening() as made:
        yield made


@pytest.fixture
def desk(shop: Shop, phone: Phone) -> Shop:
    return with_channels(shop, Channel("Maria", phone.url("maria"), person="Maria"), Channel("Team", phone.url("team"), after_minutes=10))


def tell(desk: Shop) -> None:
    while notify.tell_next(desk.workspace):
        pass


def test_each_channel_hears_of_it_once(desk: Shop, phone: Phone) -> None:
    winter(desk, ends="2026-11-24")
    for _ in range(3):
        seasons.announce(desk.workspace)
        desk.clock.pass_(3600)
        tell(desk)
    assert sorted(one["path"] for one in phone.got) == ["/maria", "/team"]
    assert phone.got[0]["title"] == "Sparkle Home Cleaning: “Winter hours” ends on Tuesday, 24 November"
    assert phone.got[0]["message"].split("\n") == [
        "“Winter hours” is in force until Tuesday, 24 November, and is not used after that day. To keep it longer, propose a later one.",
        f"{ADDRESS}/directives/{WINTER}",
    ]


@pytest.mark.parametrize(("now", "morning"), [((21, 6, 0), (21, 14, 0)), ((22, 2, 0), (22, 14, 0)), ((21, 16, 30), (21, 16, 30))])
def test_nobody_is_woken_for_it(desk: Shop, phone: Phone, now: tuple[int, int, int], morning: tuple[int, int, int]) -> None:
    """One in the morning, nine in the evening, and half past eleven in New York."""
    winter(desk, ends="2026-11-24")
    at(desk, datetime(2026, 11, *now, tzinfo=UTC))
    seasons.announce(desk.workspace)
    assert notify.next_due(desk.workspace) == datetime(2026, 11, *morning, tzinfo=UTC)
    tell(desk)
    assert bool(phone.got) == (now == morning)


def test_what_was_made_longer_meanwhile_is_told_to_nobody(desk: Shop, phone: Phone) -> None:
    winter(desk, ends="2026-11-24")
    at(desk, datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    seasons.announce(desk.workspace)
    winter(desk, ends="2026-12-24")
    desk.clock.pass_(12 * 3600)
    tell(desk)
    assert phone.got == []
    assert {row.state.value for row in desk.rows.notices.find(kind="season")} == {"withdrawn"}
    assert notify.next_due(desk.workspace) is None


def test_a_channel_that_failed_hears_of_it_when_it_is_back(desk: Shop, phone: Phone) -> None:
    winter(desk, ends="2026-11-24")
    at(desk, datetime(2026, 11, 21, 16, 0, tzinfo=UTC))
    phone.answers = [500]
    seasons.announce(desk.workspace)
    tell(desk)
    assert sorted(row.state.value for row in desk.rows.notices.find(kind="season")) == ["failed", "sent"]
    desk.clock.pass_(60)
    tell(desk)
    assert {row.state.value for row in desk.rows.notices.find(kind="season")} == {"sent"}


def test_it_is_made_longer_by_a_proposal_and_asked_twice_by_one(shop: Shop) -> None:
    winter(shop, ends="2026-11-24")
    name = seasons.extend(shop.workspace, WINTER, by=shop.owner)
    assert seasons.extend(shop.workspace, WINTER, by=shop.owner) == name
    assert names(shop) == [WINTER]
    review.approve(shop.workspace, name, by=shop.owner)
    known = shop.workspace.directives.serving().get(WINTER)
    assert known is not None
    assert known.ends == date(2026, 12, 22)
    assert names(shop) == []
    assert "until 22 Dec 2026" in review_title(shop)


def review_title(shop: Shop) -> str:
    return shop.workspace.directives.log(shop.workspace.directives.head(), first_parent=True, limit=1)[0].title


def test_only_a_later_day_of_a_season_can_be_asked_for(shop: Shop) -> None:
    winter(shop)
    with pytest.raises(Invalid, match="later day"):
        seasons.extend(shop.workspace, WINTER, by=shop.owner, until=date(2026, 11, 27))
    with pytest.raises(Conflict, match="has no end"):
        seasons.extend(shop.workspace, DirectiveId("facts/hours"), by=shop.owner)
    with pytest.raises(NotFound):
        seasons.extend(shop.workspace, DirectiveId("facts/none"), by=shop.owner)
