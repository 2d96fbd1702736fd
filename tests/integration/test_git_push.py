"""Pushing to the directives repository with real git: a clone, a commit, a push, and what the person reads."""

import io
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicegit.adapters import git_push
from voicegit.adapters.git_directives import GitDirectives, create
from voicegit.adapters.git_push import Known
from voicegit.domain.ids import ProposalId
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Move, Signature

DANA = Signature("Dana", "person-1", datetime(2026, 3, 1, 12, tzinfo=UTC))
TONE = "---\ntitle: Tone\n---\n\n- Warm\n- Short\n"
FILES = {"README.md": b"# Ours\n", "policy.toml": b"", "voice/tone.md": TONE.encode()}


class Clone:
    """Somebody's clone, with their own home and identity."""

    def __init__(self, path: Path, source: Path) -> None:
        self.path = path
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": str(path.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in (("NAME", "Robin"), ("EMAIL", "robin@example.org"))},
        }
        path.mkdir()
        self.git("clone", "-q", str(source), ".")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *arguments], cwd=self.path, env=self.environment, capture_output=True, text=True, check=False)

    def git(self, *arguments: str) -> str:
        ran = self.run(*arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def commit(self, name: str, text: str, message: str = "Shorter answers") -> str:
        (self.path / name).parent.mkdir(exist_ok=True)
        (self.path / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, *arguments: str) -> tuple[int, str]:
        """Status and what the person reads, without git's padding after each of our lines."""
        ran = self.run("push", *(arguments or ("origin", "main")))
        return ran.returncode, "\n".join(line.rstrip() for line in ran.stderr.splitlines())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create(tmp_path / "directives.git", FILES, message="Begin", author=DANA)
    git_push.install_hooks(tmp_path / "directives.git")
    return tmp_path / "directives.git"


@pytest.fixture
def directives(path: Path) -> GitDirectives:
    return GitDirectives(path)


@pytest.fixture
def clone(path: Path, tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone", path)


def objects(path: Path) -> set[str]:
    return {one.name for one in (path / "objects").rglob("*") if one.is_file()}


def test_a_push_to_main_becomes_a_proposal_and_main_stays(clone: Clone, directives: GitDirectives) -> None:
    main = directives.head()
    tip = clone.commit("voice/tone.md", TONE + "- No jokes\n", "Shorter answers\n\nPeople asked for it.\n\nApproved-by: me")
    status, read = clone.push()
    assert status == 0, read
    assert "remote: Thank you: this is proposal p-1, on main at " + main[:10] in read
    assert "remote: Nothing is live yet. A person reviews and approves it." in read
    assert "main -> proposal/p-1" in read
    assert directives.head() == main
    [opened] = directives.proposals()
    assert (opened.proposal, opened.base) == ("p-1", main)
    told = directives.commit(opened.head)
    assert told.parents == (main,)
    assert (told.author, told.title, told.body, told.trailers) == ("Robin", "Shorter answers", "People asked for it.", (("Proposal", "p-1"),))
    pushed = {path: entry.content for path, entry in directives.entries(opened.head).items()}
    assert pushed == {**FILES, "voice/tone.md": (TONE + "- No jokes\n").encode()}
    assert int(told.at.timestamp()) == int(clone.git("log", "-1", "--format=%at", tip))


def test_many_commits_become_one(clone: Clone, directives: GitDirectives) -> None:
    clone.commit("voice/tone.md", TONE + "- No jokes\n", "First try")
    clone.commit("facts/hours.md", "---\ntitle: Hours\n---\n\n- 9 to 5\n", "And the hours")
    assert clone.push()[0] == 0
    [opened] = directives.proposals()
    told = directives.commit(opened.head)
    assert told.parents == (directives.head(),)
    assert (told.title, dict(told.files)) == ("And the hours", {"voice/tone.md": "M", "facts/hours.md": "A"})


def test_a_push_that_main_outran_grows_from_where_it_began(clone: Clone, directives: GitDirectives) -> None:
    before = directives.head()
    clone.commit("facts/hours.md", "---\ntitle: Hours\n---\n\n- 9 to 5\n")
    with directives.writing() as writer:
        writer.move(Move("refs/heads/main", before, writer.commit(before, {"README.md": b"Newer"}, message="x", author=DANA)))
    status, read = clone.push("--force", "origin", "main")
    assert status == 0, read
    assert directives.proposals()[0].base == before
    assert dict(directives.commit(directives.proposals()[0].head).files) == {"facts/hours.md": "A"}


def test_the_same_push_again_is_the_same_proposal(clone: Clone, directives: GitDirectives) -> None:
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    clone.push()
    status, read = clone.push("origin", "HEAD:main")
    assert status == 0, read
    assert "this is proposal p-1" in read
    assert [one.proposal for one in directives.proposals()] == ["p-1"]
    clone.commit("voice/tone.md", TONE + "- Some jokes\n")
    assert "this is proposal p-2" in clone.push()[1]


def test_the_pushers_own_commits_do_not_stay(clone: Clone, path: Path, directives: GitDirectives) -> None:
    """They name an address; what is kept is ours, of the same words."""
    tips = [clone.commit("facts/hours.md", "---\ntitle: Hours\n---\n\n- 9 to 4\n"), clone.commit("facts/hours.md", "---\ntitle: Hours\n---\n\n- 9 to 5\n")]
    for _ in range(2):
        assert clone.push("origin", "HEAD:main")[0] == 0
        for tip in tips:
            with pytest.raises(NotFound):
                directives.resolve(tip)
    listed = subprocess.run(["git", "-C", str(path), "cat-file", "--batch-all-objects", "--batch"], capture_output=True, check=True).stdout
    assert b"robin@example.org" not in listed
    assert b"- 9 to 4" not in listed
    assert directives.entries(directives.proposals()[0].head)["facts/hours.md"].content.endswith(b"- 9 to 5\n")
    subprocess.run(["git", "-C", str(path), "fsck", "--strict"], check=True)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_a_message_in_another_encoding_is_refused_in_words(clone: Clone, directives: GitDirectives, encoding: str) -> None:
    clone.git("config", "i18n.commitEncoding", encoding)
    clone.commit("voice/tone.md", TONE + "- No jokes\n", "Ask dana@example.com")
    status, read = clone.push()
    assert status == 1
    assert "is not UTF-8, so nobody can check it" in read
    assert directives.proposals() == []


@pytest.mark.parametrize("name", ["facts/quixworth-zelda.md", "zelda_quixworth.txt", "dana@example.com"])
def test_a_file_name_that_holds_personal_data_is_refused(clone: Clone, directives: GitDirectives, name: str) -> None:
    clone.commit(name, "---\ntitle: Hours\n---\n\n- 9 to 5\n")
    clone.git("mv", name, "facts-hours.md")
    clone.git("rm", "-q", "--cached", "facts-hours.md")
    clone.commit("voice/tone.md", TONE + "- No jokes\n", "Ask nobody")
    (clone.path / "facts-hours.md").unlink(missing_ok=True)
    clone.git("commit", "-q", "-am", "Clean", "--allow-empty")
    with pytest.raises(Invalid, match="personal data"):
        received(clone, directives, Known(customers=["Zelda Quixworth"]))


def received(clone: Clone, directives: GitDirectives, names: Known) -> None:
    """The clone's main as a push brings it, looked at with these names known."""
    subprocess.run(["git", "-C", str(directives.path), "-c", "protocol.allow=always", "fetch", "-q", str(clone.path), "main"], check=True)
    git_push.check(directives, [("0" * 40, clone.git("rev-parse", "main"), "refs/heads/main")], names)


def test_a_tree_with_findings_is_refused_and_leaves_nothing_behind(clone: Clone, path: Path, directives: GitDirectives) -> None:
    before = objects(path)
    clone.commit("voice/tone.md", TONE + "- Warm\n")
    clone.commit("notes.txt", "Ring Ms Miller, 555 0100")
    status, read = clone.push()
    assert status == 1
    assert "remote: This push was refused; nothing was changed." in read
    assert "remote: voice/tone.md:7: this rule stands on line 5 already. Delete one of the two" in read
    assert "remote: notes.txt:1: this is not a place for a directive." in read
    assert "Traceback" not in read
    assert directives.proposals() == []
    assert objects(path) == before


@pytest.mark.parametrize("ref", ["refs/heads/topic", "refs/heads/proposal/p-7", "refs/tags/v1", "refs/voicegit/closed/p-1", "refs/heads/main/x"])
def test_only_main_takes_a_push(clone: Clone, path: Path, ref: str) -> None:
    before = objects(path)
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    status, read = clone.push("origin", f"HEAD:{ref}")
    assert status == 1
    assert f"you pushed {ref}" in read or "deny updating a hidden ref" in read
    assert objects(path) == before


def test_main_cannot_be_deleted_by_a_push(clone: Clone, directives: GitDirectives) -> None:
    main = directives.head()
    status, read = clone.push("origin", ":main")
    assert status == 1
    assert "main cannot be deleted" in read
    assert directives.head() == main


def test_a_tag_or_a_stranger_or_nothing_new_is_refused(clone: Clone, directives: GitDirectives) -> None:
    clone.git("checkout", "-q", "--orphan", "stranger")
    clone.commit("voice/tone.md", TONE)
    assert "share no commit" in clone.push("--force", "origin", "stranger:main")[1]
    clone.git("checkout", "-q", "main")
    clone.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    assert "nothing that main does not hold" in clone.push()[1]
    clone.git("tag", "-a", "-m", "x", "v1")
    assert clone.push("--force", "origin", "v1:refs/heads/main")[0] == 1
    assert directives.proposals() == []


def test_a_repository_without_its_hooks_takes_no_push(clone: Clone, path: Path, directives: GitDirectives) -> None:
    main = directives.head()
    for hook in git_push.HOOKS:
        (path / "hooks" / hook).unlink()
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    assert clone.push()[0] == 1
    assert clone.push("origin", "HEAD:topic")[0] == 1
    assert directives.head() == main
    assert directives.proposals() == []


def test_hooks_of_the_person_who_pushes_do_not_stand_in_for_ours(clone: Clone, directives: GitDirectives) -> None:
    (Path(clone.environment["HOME"]) / ".gitconfig").write_text("[core]\n\thooksPath = /nonexistent\n")
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    assert "this is proposal p-1" in clone.push()[1]


def test_a_module_in_the_repository_does_not_stand_in_for_ours(clone: Clone, path: Path) -> None:
    (path / "voicegit.py").write_text("raise SystemExit('mine')")
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    assert "this is proposal p-1" in clone.push()[1]


def test_a_pushed_proposal_merges_and_the_clone_pulls_it(clone: Clone, directives: GitDirectives) -> None:
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    clone.push()
    [opened] = directives.proposals()
    with directives.writing() as writer:
        merged = writer.merge(opened.head, message=f"Release\n\nProposal: {opened.proposal}", author=DANA)
        writer.move(Move("refs/heads/main", opened.base, merged), Move("refs/heads/proposal/p-1", opened.head, None))
    clone.git("pull", "-q", "--no-rebase", "--no-edit")
    assert (clone.path / "voice/tone.md").read_text() == TONE + "- No jokes\n"
    clone.commit("voice/tone.md", TONE + "- No jokes at all\n", "Next")
    assert "this is proposal p-2" in clone.push()[1]
    assert directives.proposals()[0].base == merged


def test_a_main_that_was_broken_by_hand_is_mended_by_a_push(clone: Clone, path: Path, directives: GitDirectives) -> None:
    clone.commit("docs/notes.md", "A folder that has no place")
    clone.git("fetch", "-q")
    subprocess.run(["git", "-C", str(path), "fetch", "-q", str(clone.path), "+main:main"], check=True)
    assert directives.trouble()
    clone.git("rm", "-q", "-r", "docs")
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    status, read = clone.push()
    assert status == 0, read
    [opened] = directives.proposals()
    with directives.writing() as writer:
        merged = writer.merge(opened.head, message="Release", author=DANA)
        writer.move(Move("refs/heads/main", directives.head(), merged))
    assert directives.serving().revision == merged
    assert directives.trouble() == ()
    assert directives.diff(directives.resolve("main"), opened.head) == ""


def test_the_number_can_be_given(clone: Clone, path: Path, directives: GitDirectives) -> None:
    with directives.writing() as writer:
        tip = writer.commit(directives.head(), {"voice/tone.md": (TONE + "- No jokes\n").encode()}, message="", author=DANA)
        bad = writer.commit(directives.head(), {"voice/tone.md": b"x"}, message="x", author=DANA)
    opened = git_push.propose(directives, tip, number=lambda: ProposalId("p-40"))
    assert opened.proposal == "p-40"
    assert directives.commit(opened.head).title == "Changes by hand"
    with pytest.raises(Invalid, match="front matter"):
        git_push.propose(directives, bad)
    with pytest.raises(Conflict, match="nothing that main does not hold"):
        git_push.propose(directives, directives.head())


def test_a_bug_of_ours_gives_the_pusher_a_number_and_not_a_traceback(clone: Clone, path: Path) -> None:
    hook = path / "hooks" / "pre-receive"
    hook.write_text(hook.read_text().replace("exec ", "printf zzzz | ").replace(" pre-receive", " proc-receive"))
    clone.commit("voice/tone.md", TONE + "- No jokes\n")
    status, read = clone.push()
    assert status == 1
    assert "Tell whoever runs voicegit the number" in read
    assert "Traceback" not in read
    # The place alone: what an exception says may hold somebody's words.
    noted = (path / git_push.LOG).read_text()
    assert "ValueError" in noted
    assert "git_push.py" in noted
    assert "zzzz" not in noted


def test_the_answers_to_git_are_packets(path: Path, directives: GitDirectives) -> None:
    with directives.writing() as writer:
        tip = writer.commit(directives.head(), {"voice/tone.md": (TONE + "- No jokes\n").encode()}, message="x", author=DANA)
    command = f"{'0' * 40} {tip} refs/heads/main".encode()
    answers, heard = io.BytesIO(), list[str]()
    given = io.BytesIO(b"000dversion=10000%04x" % (len(command) + 4) + command + b"0000")
    git_push.proc_receive(path, given, answers, heard.append)
    assert len(directives.proposals()) == 1
    assert answers.getvalue().startswith(b"000eversion=1\n00000017ok refs/heads/main\n002boption refname refs/heads/proposal/p-1\n")
    assert answers.getvalue().endswith(b"option new-oid " + tip.encode() + b"\n0000")
    assert len(heard) == 1


def test_a_push_with_personal_data_leaves_nothing_behind(path: Path, directives: GitDirectives) -> None:
    with directives.writing() as writer:
        tip = writer.commit(directives.head(), {"facts/calls.md": b"---\ntitle: Calls\n---\n\n- Call 212-555-0187\n"}, message="x", author=DANA)
    with pytest.raises(Invalid, match="personal data") as refusal:
        git_push.check(directives, [("0" * 40, tip, "refs/heads/main")])
    assert (refusal.value.findings[0].path, refusal.value.findings[0].line) == ("facts/calls.md", 5)


def test_no_pushed_commit_brings_personal_data_in_its_words_its_policy_or_on_its_way(path: Path, directives: GitDirectives) -> None:
    head = directives.head()
    clean = (TONE + "- No jokes\n").encode()
    dirty = (TONE + "- Call 212-555-0187\n").encode()
    with directives.writing() as writer:
        words = writer.commit(head, {"voice/tone.md": clean}, message="For dana@example.com", author=DANA)
        corrected = writer.commit(writer.commit(head, {"voice/tone.md": dirty}, message="x", author=DANA), {"voice/tone.md": clean}, message="y", author=DANA)
        policy = writer.commit(head, {"policy.toml": b"# ask dana@example.com\n"}, message="x", author=DANA)
        named = writer.commit(head, {"voice/tone.md": (TONE + "- Ask mo xu\n").encode()}, message="x", author=DANA)
    for tip in (words, corrected, policy, named):
        with pytest.raises(Invalid, match="personal data"):
            git_push.check(directives, [("0" * 40, tip, "refs/heads/main")], git_push.Known(customers=["Mo Xu"]))
