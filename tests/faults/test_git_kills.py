"""Killing a writer of the directives repository at random: nothing to repair, nothing acknowledged is lost.

`VOICEGIT_GIT_KILLS` sets how many (40), `VOICEGIT_SEED` repeats a run. Half of the kills take the writer alone, whose git then outlives it;
half take its git along, which then leaves its lock files.
"""

import multiprocessing
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicegit.adapters.git_directives import GitDirectives, create
from voicegit.adapters.git_refs import MAIN, closed_ref, open_ref
from voicegit.domain.ids import Revision
from voicegit.errors import Conflict
from voicegit.ports import Move, Signature

DANA = Signature("Dana", "person-1", datetime(2026, 3, 1, 12, tzinfo=UTC))
KILLS = int(os.environ.get("VOICEGIT_GIT_KILLS", "40"))


def text(number: int) -> bytes:
    return f"---\ntitle: Number\n---\n\n- Number {number}\n".encode()


def _work(path: Path, told: int, seed: int) -> None:
    """Proposes, merges, declines and rolls back without end; says each new `main` after it was moved."""
    os.setsid()
    directives, chance = GitDirectives(path), random.Random(seed)
    number = seed * 1000
    while True:
        number += 1
        with directives.writing() as writer:
            proposal, main = directives.next_proposal(), directives.head()
            tip = writer.commit(main, {f"facts/f{number % 7}.md": text(number)}, message=f"Change\n\nProposal: {proposal}", author=DANA)
            writer.move(Move(open_ref(proposal), None, tip))
        with directives.writing() as writer:
            if chance.random() < 0.3:
                writer.move(Move(open_ref(proposal), tip, None), Move(closed_ref(proposal), None, tip))
                continue
            merged = writer.merge(tip, message=f"Release\n\nProposal: {proposal}", author=DANA)
            assert merged is not None
            writer.move(Move(MAIN, main, merged), Move(open_ref(proposal), tip, None))
            os.write(told, merged.encode())
        if chance.random() < 0.5:
            with directives.writing() as writer:
                undone = writer.revert(merged, message=f"Rollback\n\nReverts: {merged}", author=DANA)
                assert undone is not None
                writer.move(Move(MAIN, merged, undone))
                os.write(told, undone.encode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create(tmp_path / "directives.git", {"policy.toml": b""}, message="Begin", author=DANA)
    return tmp_path / "directives.git"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    yield ends
    for end in ends:
        os.close(end)


def _kill(process: multiprocessing.Process, *, with_its_git: bool) -> None:
    assert process.pid is not None
    assert process.exitcode is None, "the writer failed by itself"
    if with_its_git:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()


def _read_all(end: int) -> Iterator[Revision]:
    while True:
        try:
            yield Revision(os.read(end, 40).decode())
        except BlockingIOError:
            return


def _locks(path: Path) -> list[str]:
    """Git's lock files, without our own."""
    return [one.name for one in path.rglob("*.lock") if one.name != "voicegit.lock"]


def _use(directives: GitDirectives, number: int) -> Revision:
    """What a person does next: one plain change. It must work at once."""
    with directives.writing() as writer:
        before = directives.head()
        new = writer.commit(before, {"voice/next.md": text(number)}, message="Next", author=DANA)
        writer.move(Move(MAIN, before, new))
    return new


@pytest.mark.slow
def test_a_killed_writer_leaves_nothing_to_repair_and_loses_nothing_it_acknowledged(path: Path, pipe: tuple[int, int]) -> None:
    seed = int(os.environ.get("VOICEGIT_SEED", random.SystemRandom().randrange(10**6)))
    print(f"VOICEGIT_SEED={seed}")
    chance, context = random.Random(seed), multiprocessing.get_context("fork")
    acknowledged: list[Revision] = []
    locks_left = 0
    for number in range(1, KILLS + 1):
        process = context.Process(target=_work, args=(path, pipe[1], number))
        process.start()
        process.join(timeout=0.02 + chance.random() * 0.7)
        _kill(process, with_its_git=number % 2 == 0)
        locks_left += len(_locks(path))
        acknowledged += _read_all(pipe[0])
        acknowledged.append(_use(GitDirectives(path), number))
        assert GitDirectives(path).trouble() == ()
    directives = GitDirectives(path)
    known = {commit.id for commit in directives.log(directives.head(), first_parent=True)}
    assert [one for one in acknowledged if one not in known] == []
    fsck = subprocess.run(["git", "-C", str(path), "fsck", "--strict", "--no-dangling"], capture_output=True, text=True, check=False)
    assert (fsck.returncode, fsck.stdout.strip()) == (0, "")
    assert _locks(path) == []
    print(f"{KILLS} kills, {len(acknowledged)} acknowledged moves of main, 0 lost, {locks_left} lock files left and cleared")


@pytest.mark.slow
def test_packing_and_killing_do_not_disturb_each_other(path: Path, pipe: tuple[int, int]) -> None:
    context = multiprocessing.get_context("fork")
    for number in range(1, max(KILLS // 8, 1) + 1):
        process = context.Process(target=_work, args=(path, pipe[1], number))
        process.start()
        process.join(timeout=0.2)
        _kill(process, with_its_git=True)
        with GitDirectives(path).writing():
            subprocess.run(["git", "-C", str(path), "pack-refs", "--all"], check=True)
        known = GitDirectives(path).serving()
        assert _use(GitDirectives(path), number) != known.revision
    assert all(one in {commit.id for commit in GitDirectives(path).log(GitDirectives(path).head())} for one in _read_all(pipe[0]))


def test_a_second_writer_meets_a_conflict_and_not_a_repair(path: Path) -> None:
    directives = GitDirectives(path)
    before = directives.head()
    _use(directives, 1)
    with directives.writing() as writer, pytest.raises(Conflict):
        writer.move(Move(MAIN, before, writer.commit(before, {"voice/next.md": text(2)}, message="Late", author=DANA)))
    assert _use(directives, 3) == directives.head()
