"""Proposals decided change by change, in any order, against a plain dictionary: what is live is what was accepted, and nothing else ever is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Shop
from voicegit.domain.judgement import Choice
from voicegit.errors import Conflict
from voicegit.services import judgement, review

NAMES = ["a", "b", "c"]


def fact(words: str) -> str:
    return f"---\ntitle: A fact\n---\n\n- {words}\n"


@contextmanager
def unchanged(shop: Shop) -> Iterator[None]:
    before = shop.workspace.directives.head()
    with pytest.raises(Conflict):
        yield
    assert shop.workspace.directives.head() == before


_choice = st.sampled_from(["accept", "decline", "edit"])
_round = st.fixed_dictionaries({"files": st.sets(st.sampled_from(NAMES), min_size=1), "choices": st.tuples(_choice, _choice, _choice), "stale": st.booleans()})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(_round, min_size=1, max_size=3))
def test_what_is_live_is_what_was_accepted(shop: Shop, tmp_path: Path, rounds: list[dict[str, object]]) -> None:
    start = shop.workspace.directives.entries(shop.workspace.directives.head())
    expected = {path: entry.content.decode() for path, entry in start.items()}
    for one in rounds:
        number = shop.rows.decisions.count()
        files = {f"facts/machine-{name}.md": fact(f"Proposed {number} {name}").encode() for name in sorted(one["files"])}  # type: ignore[call-overload]
        name = review.propose(shop.workspace, files, title="Facts", by=shop.owner)
        head = review.show(shop.workspace, name).head
        for path, choice in zip(files, one["choices"], strict=False):  # type: ignore[call-overload]
            text = fact(f"Edited {number} {path}")
            judgement.judge(shop.workspace, name, path, choice=Choice(choice), by=shop.owner, head=head, reason=f"No {path}", text=text)
            if choice != "decline":
                expected[path] = files[path].decode() if choice == "accept" else text
        part = judgement.part(shop.workspace, name, by=shop.owner)
        if one["stale"]:
            shop.release({"facts/between.md": fact(f"Between {number}")})
            expected["facts/between.md"] = fact(f"Between {number}")
            with unchanged(shop):
                judgement.approve(shop.workspace, name, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)
            part = judgement.part(shop.workspace, name, by=shop.owner)
        judgement.approve(shop.workspace, name, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)
        live = shop.workspace.directives.entries(shop.workspace.directives.head())
        assert {path: entry.content.decode() for path, entry in live.items()} == expected
        assert review.waiting(shop.workspace) == []
