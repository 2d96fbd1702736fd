"""The service tells people outside the pages by itself, in a thread of its own."""

from contextlib import ExitStack

from tests.conftest import Shop
from tests.phone import PATIENCE, listening, with_channels
from tests.web.test_background import until
from voicegit.domain.notice import Channel, NoticeState
from voicegit.services import conversation
from voicegit_web.background import Background


def test_a_slow_server_keeps_no_customer_waiting(shop: Shop) -> None:
    with listening() as phone, ExitStack() as at_end:
        phone.hold.clear()
        desk = with_channels(shop, Channel("Maria's phone", phone.url("maria")))
        threads = Background(desk.workspace, workers=1)
        at_end.callback(threads.stop)
        threads.start()
        summoned = desk.summoned()
        assert phone.arriving.wait(PATIENCE)
        other = desk.start()
        conversation.take_in(desk.workspace, other, "Hello")
        desk.clock.pass_(3)
        until(desk.workspace, "delivered", other)
        phone.hold.set()
        until(desk.workspace, "notice", summoned)
        assert [row.state for row in desk.rows.notices.find(channel="Maria's phone")] == [NoticeState.SENT]
