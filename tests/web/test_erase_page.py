"""An owner erases somebody: on the page, after reading what goes, or by a program with the owner's token."""

from tests.web.conftest import Door
from voicegit.domain.conversation import ERASED
from voicegit.domain.token import Scope
from voicegit.services import people


def test_the_page_says_what_goes_and_one_button_does_it(door: Door) -> None:
    people.set_customer(door.shop.workspace, "Dana Reyes", fields={"team": "Mike"})
    talk = door.shop.summoned("My vase is broken", "Dana Reyes")
    owner = door.maria_in
    assert "Erase Dana Reyes" in owner.get(f"/c/{talk}").get_data(as_text=True)
    page = owner.get(f"/c/{talk}/erase").get_data(as_text=True)
    assert "Every text of 1 conversation: 2 messages" in page
    assert owner.send(f"/c/{talk}/erase").status_code == 303
    after = owner.get(f"/c/{talk}").get_data(as_text=True)
    assert ERASED in after
    assert "Dana" not in after
    assert "vase" not in after


def test_who_is_no_owner_is_not_offered_it(door: Door) -> None:
    talk = door.shop.summoned("My vase is broken", "Dana Reyes")
    assert f"/c/{talk}/erase" not in door.olga_in.get(f"/c/{talk}").get_data(as_text=True)


def test_an_owners_program_erases_a_customer_once(door: Door) -> None:
    talk = door.shop.summoned("My vase is broken", "Dana Reyes")
    program = door.token(Scope.OPERATOR, door.shop.owner)
    done = program.post("/api/v1/customers/Dana%20Reyes/erase")
    assert done.get_json() | {"erasure": "", "at": "", "customer": ""} == {
        "erasure": "", "at": "", "customer": "", "wiped": True, "conversations": [talk], "messages": 2, "signals": 0, "mentions": 0,
        "proposals": {"closed": [], "written_anew": []},
    }  # fmt: skip
    assert program.post("/api/v1/customers/Dana%20Reyes/erase").status_code == 404
