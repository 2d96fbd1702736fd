"""The directives repository on real git: what is served, what is written, what happens when somebody else was there too."""

import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.adapters import git_lock
from voicegit.adapters.git_directives import GitDirectives, create
from voicegit.domain.ids import Revision
from voicegit.errors import Conflict, Invalid, NotFound, Unavailable, VoicegitError
from voicegit.ports import Directives, GitWriter, Move, Signature

MAIN = "refs/heads/main"
DANA = Signature("Dana", "person-1", datetime(2026, 3, 1, 12, tzinfo=UTC))
RULES = ["One", "Two", "Three", "Four", "Five", "Six", "Seven"]


def text(*rules: str, title: str = "Damage") -> bytes:
    return f"---\ntitle: {title}\n---\n\n{''.join(f'- {rule}{chr(10)}' for rule in rules)}".encode()


FILES: Mapping[str, bytes] = {"README.md": b"# Ours\n", "policy.toml": b"", "situations/damage.md": text(*RULES), "voice/tone.md": text("Warm", title="Tone")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create(tmp_path / "directives.git", FILES, message="Begin", author=DANA)
    return tmp_path / "directives.git"


@pytest.fixture
def directives(path: Path) -> GitDirectives:
    return GitDirectives(path)


def git(path: Path, *arguments: str, given: bytes = b"") -> str:
    """Git as a person would run it on the server, with an identity and settings of its own."""
    names = {f"GIT_{role}_{key}": "someone@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(path.parent), "GIT_CONFIG_NOSYSTEM": "1", **names}
    return subprocess.run(["git", "-C", str(path), *arguments], input=given, env=environment, check=True, capture_output=True).stdout.decode().strip()


def commit(directives: GitDirectives, changes: Mapping[str, bytes | None], *, on: Revision | None = None, message: str = "A change") -> Revision:
    with directives.writing() as writer:
        return writer.commit(on or directives.head(), changes, message=message, author=DANA)


def put(directives: GitDirectives, changes: Mapping[str, bytes | None], message: str = "A change") -> Revision:
    """A plain commit straight onto main."""
    with directives.writing() as writer:
        before = directives.head()
        new = writer.commit(before, changes, message=message, author=DANA)
        writer.move(Move(MAIN, before, new))
    return new


def release(directives: GitDirectives, proposal: Revision) -> Revision:
    with directives.writing() as writer:
        before = directives.head()
        merged = writer.merge(proposal, message="Release", author=DANA)
        assert merged is not None
        writer.move(Move(MAIN, before, merged))
    return merged


def roll_back(directives: GitDirectives, what: Revision) -> Revision:
    with directives.writing() as writer:
        before = directives.head()
        undone = writer.revert(what, message=f"Rollback\n\nReverts: {what}", author=DANA)
        assert undone is not None
        writer.move(Move(MAIN, before, undone))
    return undone


def files(directives: GitDirectives, revision: Revision) -> dict[str, bytes]:
    return {path: entry.content for path, entry in directives.entries(revision).items()}


def rules(directives: GitDirectives, name: str = "situations/damage") -> list[str]:
    found = directives.serving().get(name)
    return [rule.text for rule in found.rules] if found is not None else []


def plant(path: Path, name: bytes, content: bytes = b"", *, mode: str = "100644") -> Revision:
    """Sets main by hand to a commit with one more entry, of any name and mode, as a person at the server could."""
    listed = subprocess.run(["git", "-C", str(path), "ls-tree", "-z", "main"], check=True, capture_output=True).stdout
    target = git(path, "rev-parse", "main") if mode == "160000" else git(path, "hash-object", "-w", "--stdin", given=content)
    kind = "commit" if mode == "160000" else "blob"
    folder, _, leaf = name.rpartition(b"/")
    entry = f"{mode} {kind} {target}\t".encode() + leaf + b"\0"
    if folder:
        inside = subprocess.run(["git", "-C", str(path), "ls-tree", "-z", "main:" + folder.decode()], check=True, capture_output=True).stdout
        inside = b"".join(one + b"\0" for one in inside.split(b"\0")[:-1] if not one.endswith(b"\t" + leaf))
        entry = f"040000 tree {git(path, 'mktree', '-z', given=inside + entry)}\t".encode() + folder + b"\0"
    listed = b"".join(one + b"\0" for one in listed.split(b"\0")[:-1] if not one.endswith(b"\t" + (folder or leaf)))
    tree = git(path, "mktree", "-z", given=listed + entry)
    new = git(path, "commit-tree", tree, "-p", "main", "-m", "By hand")
    git(path, "update-ref", MAIN, new)
    return Revision(new)


_started: list[str] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _started is not None and event in {"subprocess.Popen", "os.fork", "os.posix_spawn"}:
        _started.append(event)


@pytest.fixture
def started() -> Iterator[list[str]]:
    """The processes that this process starts from here on."""
    global _started  # noqa: PLW0603
    sys.addaudithook(_watch)
    _started = []
    yield _started
    _started = None


# ---- what is there


def test_the_adapter_is_what_services_ask_for(directives: GitDirectives) -> None:
    port: Directives = directives
    with port.writing() as writer:
        as_asked: GitWriter = writer
        assert as_asked is writer


def test_a_new_repository_is_bare_and_holds_one_commit_by_its_author(path: Path, directives: GitDirectives) -> None:
    first = directives.commit(directives.head())
    assert (first.parents, first.author, first.at, first.title) == ((), "Dana", DANA.at, "Begin")
    assert dict(first.files) == dict.fromkeys(FILES, "A")
    assert git(path, "log", "-1", "--format=%cn %ce %ct") == f"Dana person-1@people.voicegit.invalid {int(DANA.at.timestamp())}"
    assert git(path, "rev-parse", "--is-bare-repository") == "true"
    assert not (path / "index").exists()
    assert git(path, "fsck", "--strict") == ""


def test_a_repository_is_not_made_where_something_is(path: Path) -> None:
    with pytest.raises(Conflict, match="was left as it is"):
        create(path, FILES, message="Again", author=DANA)
    assert [one.name for one in path.parent.iterdir()] == ["directives.git"]


def test_a_repository_that_could_not_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        create(tmp_path / "directives.git", {"../outside": b""}, message="Begin", author=DANA)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_repository_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="voicegit init"):
        GitDirectives(tmp_path / "none").head()
    with pytest.raises(NotFound, match="voicegit init"), GitDirectives(tmp_path / "none").writing():
        pass


def test_files_are_given_as_they_were_written(directives: GitDirectives) -> None:
    assert files(directives, directives.head()) == dict(FILES)


def test_main_is_served_and_a_new_commit_is_served_next(directives: GitDirectives) -> None:
    assert rules(directives) == RULES
    new = put(directives, {"situations/damage.md": text("Only this")})
    assert directives.serving().revision == new
    assert rules(directives) == ["Only this"]
    assert directives.trouble() == ()


def test_a_head_that_was_read_before_starts_no_process(directives: GitDirectives, started: list[str]) -> None:
    first = directives.serving()
    assert started
    started.clear()
    assert directives.serving() is first
    assert directives.at(first.revision) is first
    assert directives.head() == first.revision
    assert directives.trouble() == ()
    assert started == []


def test_without_git_what_was_read_is_still_served_and_the_rest_is_unavailable(path: Path, directives: GitDirectives, monkeypatch: pytest.MonkeyPatch) -> None:
    directives.serving()
    monkeypatch.setenv("PATH", str(path.parent / "nowhere"))
    assert rules(directives) == RULES
    with pytest.raises(Unavailable, match=r"git 2\.38"):
        GitDirectives(path).serving()


def test_a_new_commit_parses_only_what_it_changed(directives: GitDirectives) -> None:
    before = directives.serving()
    put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    after = directives.serving()
    assert after.get("situations/damage") is before.get("situations/damage")
    assert after.get("voice/tone") is not before.get("voice/tone")


def test_packed_refs_are_read(path: Path, directives: GitDirectives) -> None:
    head = directives.head()
    git(path, "pack-refs", "--all")
    assert not (path / MAIN).exists()
    assert directives.head() == head
    new = put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    assert directives.head() == new


@pytest.mark.parametrize("content", [b"", b"\0" * 41, b"ref: refs/heads/other\n", b"zz\n"])
def test_a_damaged_ref_is_unavailable(path: Path, directives: GitDirectives, content: bytes) -> None:
    (path / MAIN).write_bytes(content)
    with pytest.raises(Unavailable, match="damaged"):
        directives.head()


def test_a_detached_head_changes_nothing(path: Path, directives: GitDirectives) -> None:
    (path / "HEAD").write_text("ref: refs/heads/elsewhere\n")
    assert rules(directives) == RULES
    put(directives, {"voice/tone.md": None})
    assert directives.serving().get("voice/tone") is None


# ---- what must not be served


def test_an_invalid_main_is_not_served_and_the_trouble_names_file_and_line(path: Path, directives: GitDirectives) -> None:
    good = directives.head()
    plant(path, b"situations/damage.md", b"---\ntitle: Damage\n---\n\n- Same\n- Same\n")
    for fresh in (directives, GitDirectives(path)):
        assert fresh.serving().revision == good
        assert [str(finding) for finding in fresh.trouble()] == ["situations/damage.md:6: this rule stands on line 5 already. Delete one of the two"]
    with pytest.raises(Invalid) as caught:
        directives.at(directives.head())
    assert caught.value.findings == directives.trouble()


def test_a_corrected_main_ends_the_trouble(path: Path, directives: GitDirectives) -> None:
    plant(path, b"voice/Bad Name.md", text("x"))
    assert directives.trouble()
    new = put(directives, {"voice/Bad Name.md": None})
    assert directives.serving().revision == new
    assert directives.trouble() == ()


def test_several_bad_commits_in_a_row_lead_back_to_the_last_good_one(path: Path, directives: GitDirectives) -> None:
    good = put(directives, {"situations/damage.md": text("Good")})
    for number in range(5):
        plant(path, b"voice/tone.md", b"no front matter %d" % number)
    assert GitDirectives(path).serving().revision == good


def test_a_history_without_one_good_revision_is_unavailable(tmp_path: Path) -> None:
    create(tmp_path / "d.git", {"policy.toml": b"not toml"}, message="Begin", author=DANA)
    with pytest.raises(Unavailable, match=r"policy\.toml:1"):
        GitDirectives(tmp_path / "d.git").serving()


@pytest.mark.parametrize(
    ("name", "content", "mode", "finding"),
    [
        (b"voice/link.md", b"/etc/passwd", "120000", "voice/link.md:1: this is not a plain file"),
        (b"voice/run.md", text("x"), "100755", "voice/run.md:1: this is not a plain file"),
        (b"voice/module.md", b"", "160000", "voice/module.md:1: this is not a plain file"),
        (b"voice/caf\xe9.md", text("x"), "100644", r"voice/caf\xe9.md:1: this is not a place"),
        (b"voice/two\nlines.md", text("x"), "100644", r"voice/two\nlines.md:1: this is not a place"),
        (b"voice/tag\xf3\xa0\x81\x81.md", text("x"), "100644", r"voice/tag\U000e0041.md:1: this is not a place"),
        (b"voice/large.md", b"x" * 70_000, "100644", "voice/large.md:1: the file has 70000 bytes"),
        (b"policy.toml", b"#" * 70_000, "100644", "policy.toml:1: the file has 70000 bytes"),
        (b"voice/bytes.md", b"---\ntitle: x\n---\n\n- \xff\n", "100644", "voice/bytes.md:5: a byte here is not UTF-8"),
        (b".gitattributes", b"* text\n", "100644", ".gitattributes:1: this is not a place"),
        (b"README.md", b"README.md", "120000", "README.md:1: this is not a plain file"),
    ],
)
def test_a_hostile_entry_gives_a_finding_and_is_not_served(path: Path, directives: GitDirectives, name: bytes, content: bytes, mode: str, finding: str) -> None:
    good = directives.head()
    bad = plant(path, name, content, mode=mode)
    assert directives.serving().revision == good
    assert [str(one)[: len(finding)] for one in directives.trouble()] == [finding]
    if mode == "100644":
        return
    assert (directives.entries(bad)[name.decode()].mode, directives.entries(bad)[name.decode()].content) == (mode, b"")


def test_a_tree_that_names_itself_without_end_is_refused_at_once(path: Path, directives: GitDirectives) -> None:
    good = directives.head()
    tree = git(path, "mktree", given=f"100644 blob {git(path, 'hash-object', '-w', '--stdin')}\tf\n".encode())
    for _ in range(12):
        tree = git(path, "mktree", given="".join(f"040000 tree {tree}\td{number}\n" for number in range(10)).encode())
    listed = git(path, "ls-tree", "main")
    voice = git(path, "mktree", given=f"040000 tree {tree}\tdeep\n".encode())
    root = git(path, "mktree", given=f"{listed}\n040000 tree {tree}\tbomb\n".replace(git(path, "rev-parse", "main:voice"), voice).encode())
    git(path, "update-ref", MAIN, git(path, "commit-tree", root, "-p", "main", "-m", "Bomb"))
    assert directives.serving().revision == good
    assert [one.path for one in directives.trouble()] == ["bomb", "voice/deep"]


def test_ten_thousand_files_are_refused(path: Path, directives: GitDirectives) -> None:
    good, blob = directives.head(), git(path, "rev-parse", "main:voice/tone.md")
    voice = git(path, "mktree", given="".join(f"100644 blob {blob}\tt{number}.md\n" for number in range(10_000)).encode())
    root = git(path, "mktree", given=git(path, "ls-tree", "main").replace(git(path, "rev-parse", "main:voice"), voice).encode())
    git(path, "update-ref", MAIN, git(path, "commit-tree", root, "-p", "main", "-m", "Many"))
    assert directives.serving().revision == good
    assert "10003 files" in directives.trouble()[0].problem


def _loose(path: Path, identity: str) -> Path:
    found = path / "objects" / identity[:2] / identity[2:]
    found.chmod(0o644)
    return found


@pytest.mark.parametrize("damage", ["empty", "flipped", "cut", "gone", "swapped"])
@pytest.mark.parametrize("what", ["main", "main^{tree}", "main:voice", "main:voice/tone.md"])
def test_a_damaged_object_leaves_the_last_good_revision_or_an_error_of_ours(path: Path, directives: GitDirectives, damage: str, what: str) -> None:
    good = directives.serving().revision
    put(directives, {"voice/tone.md": text("Newer", title="Tone")})
    other = _loose(path, git(path, "rev-parse", "main:policy.toml")).read_bytes()
    broken = _loose(path, git(path, "rev-parse", what))
    whole = broken.read_bytes()
    flipped = bytes([*whole[: len(whole) // 2], whole[len(whole) // 2] ^ 0x55, *whole[len(whole) // 2 + 1 :]])
    broken.write_bytes({"empty": b"", "flipped": flipped, "cut": whole[:-6], "gone": b"", "swapped": other}[damage])
    if damage == "gone":
        broken.unlink()
    assert directives.serving().revision == good
    assert directives.trouble()
    try:
        assert GitDirectives(path).serving().revision == good
    except VoicegitError as error:
        assert what == "main", error  # without its newest commit a new process cannot know the others
    for reading in (directives.entries, directives.log, directives.commit, directives.at):
        try:
            reading(directives.head())
        except VoicegitError as error:
            assert "Traceback" not in error.message


# ---- names from outside

OPTION_LIKE = [
    "--output=x",
    "-u/bin/x",
    "--upload-pack=touch x",
    "@{-1}",
    "..",
    "-",
    "--",
    "^main",
    "main..main",
    ":/Begin/../x",
    "HEAD:README.md",
    "--all",
    "-h",
]
HEX = frozenset("0123456789abcdef")


def _everything(folder: Path) -> dict[str, int]:
    return {str(one): one.lstat().st_mtime_ns for one in folder.rglob("*")}


def test_a_branch_a_short_id_and_a_full_one_resolve(directives: GitDirectives) -> None:
    head = directives.head()
    assert {directives.resolve(name) for name in ("main", head, head[:10], MAIN, "main~0", "HEAD")} == {head}


@pytest.mark.parametrize("name", ["", "nothing", "0" * 40, "a\nb", "a\0b", "x" * 201, "main\u202e", "\ud800", *OPTION_LIKE])
def test_what_names_no_commit_is_not_found(path: Path, directives: GitDirectives, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    before = _everything(path.parent)
    with pytest.raises(NotFound):
        directives.resolve(name)
    assert _everything(path.parent) == before


def test_any_name_at_all_gives_a_commit_id_or_not_found_and_writes_nothing(path: Path, directives: GitDirectives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    before = _everything(path.parent)
    pieces = st.sampled_from([*OPTION_LIKE, "main", "HEAD", "~1", "^2", "@{1}", "^{tree}", "{", "}", "/", "%", "--git-dir=", "-c", "\\", ";", "$(touch x)"])

    @settings(max_examples=250, deadline=None)
    @given(st.one_of(st.text(max_size=30), st.lists(st.one_of(pieces, st.text(max_size=4)), max_size=4).map("".join)))
    def check(name: str) -> None:
        try:
            found = directives.resolve(name)
        except NotFound:
            return
        assert len(found) == 40
        assert set(found) <= HEX

    check()
    assert _everything(path.parent) == before


def test_nothing_but_a_full_id_goes_on_to_git(directives: GitDirectives, started: list[str]) -> None:
    odd, head = Revision("--output=x"), directives.head()
    for call in (
        lambda: directives.at(odd),
        lambda: files(directives, odd),
        lambda: directives.log(odd),
        lambda: directives.commit(odd),
        lambda: directives.blame(odd, "README.md"),
        lambda: directives.diff(head, odd),
        lambda: directives.contains(odd, within=head),
    ):
        with pytest.raises(Invalid, match="full commit id"):
            call()
    with directives.writing() as writer:
        for write in (
            lambda: writer.commit(odd, {}, message="x", author=DANA),
            lambda: writer.merge(odd, message="x", author=DANA),
            lambda: writer.revert(odd, message="x", author=DANA),
            lambda: writer.move(Move(MAIN, head, odd)),
        ):
            with pytest.raises(Invalid, match="full commit id"):
                write()
    assert started == []


@pytest.mark.parametrize(
    "ref", ["refs/heads/x", "main", "refs/heads/proposal/p-0", "refs/heads/proposal/p-1/x", "refs/heads/main\n", "--stdin", "refs/tags/p-1", "HEAD"]
)
def test_only_our_own_refs_can_be_moved(directives: GitDirectives, ref: str) -> None:
    head = directives.head()
    with directives.writing() as writer, pytest.raises(Invalid, match="not a ref that voicegit writes"):
        writer.move(Move(ref, None, head))


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a//b", ".git/config", "voice/.GIT/x", "a/./b", "", "a\nb", "a\0b", "x" * 201, 'voice/"a', "voice/\u202e.md", "\ud800"]
)
def test_a_path_that_cannot_be_is_invalid(directives: GitDirectives, name: str) -> None:
    with pytest.raises(Invalid, match="cannot be the path"):
        commit(directives, {name: b"x"})


def test_a_revision_that_is_not_there_is_not_found(directives: GitDirectives) -> None:
    none, head = Revision("1" * 40), directives.head()
    tree = Revision(git(directives.path, "rev-parse", "main^{tree}"))
    for call in (
        lambda: directives.log(none),
        lambda: directives.commit(none),
        lambda: directives.commit(tree),
        lambda: files(directives, none),
        lambda: directives.blame(none, "README.md"),
        lambda: directives.blame(head, "none.md"),
        lambda: directives.diff(head, none),
        lambda: directives.contains(none, within=head),
        lambda: commit(directives, {"a.md": b""}, on=none),
    ):
        with pytest.raises(NotFound):
            call()
    with directives.writing() as writer:
        for write in (
            lambda: writer.merge(none, message="x", author=DANA),
            lambda: writer.revert(none, message="x", author=DANA),
            lambda: writer.move(Move(MAIN, head, none)),
        ):
            with pytest.raises(NotFound):
                write()
    assert directives.head() == head


# ---- history


def test_a_commit_tells_its_words_its_trailers_and_its_files(directives: GitDirectives) -> None:
    message = "Refine damage\n\nWhy: people asked.\n\nApproved-by: forged\n\nProposal: p-1\nOperation: refine situations/damage\nEvidence: a 1\n"
    message += "Evidence: a 2\nSigned-off-by: x\n"
    new = put(directives, {"situations/damage.md": text("New"), "voice/tone.md": None, "facts/hours.md": text("9 to 5")}, message)
    told = directives.commit(new)
    assert (told.title, told.body) == ("Refine damage", "Why: people asked.\n\nApproved-by: forged")
    assert told.trailers == (("Proposal", "p-1"), ("Operation", "refine situations/damage"), ("Evidence", "a 1"), ("Evidence", "a 2"))
    assert told.trailer("Evidence") == ("a 1", "a 2")
    assert dict(told.files) == {"situations/damage.md": "M", "voice/tone.md": "D", "facts/hours.md": "A"}


@pytest.mark.parametrize(
    ("message", "body", "trailers"),
    [
        ("Only a title", "", ()),
        ("Proposal: p-9", "", ()),
        ("T\nProposal: p-9", "Proposal: p-9", ()),
        ("T\n\nProposal: p-9", "", (("Proposal", "p-9"),)),
        ("T\n\nProposal: p-9\nand prose", "Proposal: p-9\nand prose", ()),
        ("T\n\n  Approved-by: indented prose", "  Approved-by: indented prose", ()),
        ("T\n\n\n\nBody\n\n\n\nBase: 1\n\n", "Body", (("Base", "1"),)),
        ("", "", ()),
    ],
)
def test_trailers_are_read_from_the_last_paragraph_only(directives: GitDirectives, message: str, body: str, trailers: tuple[tuple[str, str], ...]) -> None:
    told = directives.commit(put(directives, {"facts/hours.md": text("9")}, message))
    assert (told.body, told.trailers) == (body, trailers)


def test_a_message_may_hold_anything_but_a_nul(directives: GitDirectives) -> None:
    odd = "%H%x00 --output=x\x1f\x1e\n\n\tcommit " + "0" * 40 + "\n\nM\nöäü 🙂 \ud800"
    new = put(directives, {"voice/tone.md": text("x", title="Tone")}, odd)
    assert [one.id for one in directives.log(new)] == [new, directives.log(new)[1].id]
    assert directives.commit(new).title == "%H%x00 --output=x\x1f\x1e"
    with pytest.raises(Invalid, match="NUL"):
        commit(directives, {}, message="a\0b")


@pytest.mark.parametrize("name", ["<script>\n", "Dana\0Eve <eve@example.org>", "...", "", "Zoë", "\ud800", "x" * 500])
def test_any_name_makes_an_author(directives: GitDirectives, name: str) -> None:
    with directives.writing() as writer:
        new = writer.commit(directives.head(), {}, message="x", author=Signature(name, "a b\n<c>", DANA.at))
    told = directives.commit(new).author
    assert told
    assert not set(told) & set("<>\n\0")
    assert git(directives.path, "log", "-1", "--format=%ae", new) == "a-b--c-@people.voicegit.invalid"


def test_the_log_can_be_narrowed(directives: GitDirectives) -> None:
    root = directives.head()
    proposal = commit(directives, {"situations/damage.md": text("From a proposal")})
    merged = release(directives, proposal)
    last = put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    assert [one.id for one in directives.log(last)] == [last, merged, proposal, root]
    assert [one.id for one in directives.log(last, first_parent=True)] == [last, merged, root]
    assert [one.id for one in directives.log(last, limit=2)] == [last, merged]
    assert [one.id for one in directives.log(last, path="situations/damage.md")] == [proposal, root]
    assert [one.id for one in directives.log(last, first_parent=True, path="situations/damage.md")] == [merged, root]
    assert directives.log(last, path=":(glob)**") == []
    assert dict(directives.commit(merged).files) == {"situations/damage.md": "M"}
    assert directives.commit(merged).parents == (root, proposal)


def test_blame_answers_for_each_line(directives: GitDirectives) -> None:
    root = directives.head()
    new = put(directives, {"situations/damage.md": text("One", "\tTwo, changed\r", *RULES[2:])})
    lines = directives.blame(new, "situations/damage.md")
    assert [line.number for line in lines] == list(range(1, 12))
    assert [line.text for line in lines][4:7] == ["- One", "- \tTwo, changed\r", "- Three"]
    assert [line.commit for line in lines][4:7] == [root, new, root]


def test_what_several_commits_changed_is_told_at_once(directives: GitDirectives) -> None:
    root = directives.head()
    first = put(directives, {"situations/damage.md": text("a" * 40, *RULES[1:])})
    second = put(directives, {"situations/damage.md": text("b" * 40, *RULES[1:])})
    found = directives.patches([second, root, first])
    assert list(found) == [second, root, first]
    assert f"-- {'a' * 40}\n+- {'b' * 40}\n" in found[second]
    assert found[first] == directives.diff(root, first)
    assert "+- One" in found[root]
    assert directives.patches([first]) == {first: found[first]}
    assert directives.patches([]) == {}


def test_a_diff_is_plain_and_can_be_by_words(directives: GitDirectives) -> None:
    root = directives.head()
    new = put(directives, {"situations/damage.md": text("One more", *RULES[1:])})
    assert "\n-- One\n+- One more\n" in directives.diff(root, new)
    assert "\x1b" not in directives.diff(root, new)
    assert "\n+more\n" in directives.diff(root, new, words=True)
    assert directives.diff(new, new) == ""


def test_proposals_are_listed_by_age_with_where_they_grew_from(path: Path, directives: GitDirectives) -> None:
    base = directives.head()
    new = commit(directives, {"facts/hours.md": text("9")})
    with directives.writing() as writer:
        writer.move(*[Move(f"refs/heads/proposal/p-{number}", None, new) for number in (10, 9)], Move("refs/voicegit/closed/p-11", None, new))
    git(path, "update-ref", "refs/heads/proposal/odd", new)
    put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    assert [(one.proposal, one.head, one.base) for one in directives.proposals()] == [("p-9", new, base), ("p-10", new, base)]
    assert [one.proposal for one in directives.closed()] == ["p-11"]
    assert directives.next_proposal() == "p-12"


def test_the_number_of_a_merged_proposal_is_not_given_again(directives: GitDirectives) -> None:
    assert directives.next_proposal() == "p-1"
    put(directives, {"facts/hours.md": text("9")}, "Release\n\nProposal: p-41")
    assert directives.next_proposal() == "p-42"


# ---- merging and taking back


def test_two_proposals_on_different_lines_both_go_in(directives: GitDirectives) -> None:
    first = commit(directives, {"situations/damage.md": text("First", *RULES[1:])})
    second = commit(directives, {"situations/damage.md": text(*RULES[:-1], "Second")})
    release(directives, first)
    release(directives, second)
    assert rules(directives) == ["First", *RULES[1:-1], "Second"]
    assert directives.contains(first, within=directives.head())
    assert not directives.contains(directives.head(), within=first)


def test_a_proposal_that_clashes_is_not_merged(directives: GitDirectives) -> None:
    first = commit(directives, {"situations/damage.md": text("First", *RULES[1:])})
    second = commit(directives, {"situations/damage.md": text("Second", *RULES[1:])})
    released = release(directives, first)
    with directives.writing() as writer:
        assert writer.merge(second, message="Release", author=DANA) is None
    assert directives.head() == released


def test_an_edit_is_never_carried_into_a_file_that_looks_alike(directives: GitDirectives) -> None:
    proposal = commit(directives, {"situations/damage.md": text("Edited", *RULES[1:])})
    put(directives, {"situations/damage.md": None, "situations/repairs.md": text(*RULES)})
    with directives.writing() as writer:
        assert writer.merge(proposal, message="Release", author=DANA) is None
    renaming = commit(directives, {"situations/repairs.md": None, "situations/mending.md": text(*RULES)})
    put(directives, {"situations/repairs.md": text("Edited", *RULES[1:])})
    with directives.writing() as writer:
        assert writer.merge(renaming, message="Release", author=DANA) is None


def test_a_proposal_merges_once(directives: GitDirectives) -> None:
    proposal = commit(directives, {"situations/damage.md": text("First", *RULES[1:])})
    released = release(directives, proposal)
    roll_back(directives, released)
    assert directives.contains(proposal, within=directives.head())
    with directives.writing() as writer, pytest.raises(Conflict, match="part of main already"):
        writer.merge(proposal, message="Again", author=DANA)


def test_a_history_of_another_origin_is_not_merged(path: Path, directives: GitDirectives) -> None:
    with directives.writing() as writer:
        stranger = writer.commit(None, FILES, message="Stranger", author=DANA)
        with pytest.raises(Conflict, match="share no commit"):
            writer.merge(stranger, message="Release", author=DANA)


def test_a_rollback_keeps_what_came_later(directives: GitDirectives) -> None:
    released = release(directives, commit(directives, {"situations/damage.md": text("Wrong", *RULES[1:]), "facts/hours.md": text("9")}))
    put(directives, {"situations/damage.md": text("Wrong", *RULES[1:-1], "Later")})
    back = roll_back(directives, released)
    assert rules(directives) == [*RULES[:-1], "Later"]
    assert directives.serving().get("facts/hours") is None
    assert directives.commit(back).trailer("Reverts") == (released,)
    assert len(directives.log(back, first_parent=True)) == 4


def test_a_rollback_of_a_rollback_brings_it_back(directives: GitDirectives) -> None:
    released = release(directives, commit(directives, {"situations/damage.md": text("Right", *RULES[1:])}))
    back = roll_back(directives, released)
    assert rules(directives) == RULES
    again = roll_back(directives, back)
    assert rules(directives) == ["Right", *RULES[1:]]
    roll_back(directives, again)
    assert rules(directives) == RULES


def test_a_rollback_that_clashes_changes_nothing(directives: GitDirectives) -> None:
    released = release(directives, commit(directives, {"situations/damage.md": text("Wrong", *RULES[1:])}))
    later = put(directives, {"situations/damage.md": text("Wrong, but better", *RULES[1:])})
    with directives.writing() as writer:
        assert writer.revert(released, message="Rollback", author=DANA) is None
    assert directives.head() == later


def test_what_cannot_be_taken_back_says_why(directives: GitDirectives) -> None:
    root = directives.head()
    released = release(directives, commit(directives, {"situations/damage.md": text("Wrong", *RULES[1:])}))
    elsewhere = commit(directives, {"facts/hours.md": text("9")})
    roll_back(directives, released)
    with directives.writing() as writer:
        assert writer.revert(released, message="x", author=DANA) is None
        with pytest.raises(Conflict, match="not part of main"):
            writer.revert(elsewhere, message="x", author=DANA)
        with pytest.raises(Invalid, match="first commit"):
            writer.revert(root, message="x", author=DANA)


def test_a_commit_changes_only_what_it_names(directives: GitDirectives) -> None:
    new = commit(directives, {"facts/hours.md": text("9"), "voice/tone.md": None})
    expected = {**FILES, "facts/hours.md": text("9")}
    del expected["voice/tone.md"]
    assert files(directives, new) == expected
    with pytest.raises(NotFound, match="cannot be deleted"):
        commit(directives, {"facts/none.md": None})
    with pytest.raises(Invalid, match="cannot be a folder"):
        commit(directives, {"README.md/x": b""})


def test_an_open_commit_changes_nothing_that_anybody_reads(directives: GitDirectives) -> None:
    before = directives.serving()
    commit(directives, {"situations/damage.md": text("Unapproved")})
    assert directives.serving() is before
    assert directives.proposals() == []


# ---- moving refs


def test_a_lost_race_raises_conflict_and_says_where_main_is(directives: GitDirectives) -> None:
    before = directives.head()
    mine = commit(directives, {"facts/hours.md": text("9")})
    theirs = put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    with directives.writing() as writer, pytest.raises(Conflict, match=f"refs/heads/main was expected to be {before[:10]} and is at {theirs[:10]} now"):
        writer.move(Move(MAIN, before, mine))
    assert directives.head() == theirs


def test_all_moves_are_made_or_none(directives: GitDirectives) -> None:
    before = directives.head()
    new = commit(directives, {"facts/hours.md": text("9")})
    with directives.writing() as writer:
        writer.move(Move("refs/heads/proposal/p-1", None, new))
        with pytest.raises(Conflict, match=r"proposal/p-1 was expected to be absent"):
            writer.move(Move(MAIN, before, new), Move("refs/heads/proposal/p-1", None, new))
        assert directives.head() == before
        with pytest.raises(Conflict, match=r"closed/p-1 .* is gone now"):
            writer.move(Move(MAIN, before, new), Move("refs/voicegit/closed/p-1", before, None))
        assert directives.head() == before
        writer.move(Move("refs/heads/proposal/p-1", new, None), Move("refs/voicegit/closed/p-1", None, new), Move(MAIN, before, new))
        writer.move()
        with pytest.raises(Invalid, match="nothing to nothing"):
            writer.move(Move(MAIN, None, None))
    assert directives.head() == new
    assert directives.proposals() == []
    assert [one.proposal for one in directives.closed()] == ["p-1"]


def test_a_writer_is_of_no_use_after_its_lock(directives: GitDirectives) -> None:
    with directives.writing() as writer:
        pass
    with pytest.raises(RuntimeError, match="no longer held"):
        writer.commit(None, {}, message="x", author=DANA)


# ---- the lock


def test_who_waits_too_long_is_told_that_nothing_was_changed(path: Path, directives: GitDirectives) -> None:
    with directives.writing(), pytest.raises(Unavailable, match="try again"), git_lock.held(path, wait=0.05):
        pass
    with git_lock.held(path, wait=0.05):
        pass


@pytest.mark.parametrize("name", ["refs/heads/main.lock", "refs/heads/proposal/p-1.lock", "packed-refs.lock", "HEAD.lock", "refs/voicegit/closed/p-1.lock"])
def test_an_old_lock_that_nobody_holds_is_cleared(path: Path, directives: GitDirectives, name: str) -> None:
    planted = path / name
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_bytes(b"")
    os.utime(planted, (0, 0))
    new = put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    with directives.writing() as writer:
        writer.move(Move("refs/heads/proposal/p-1", None, new))
        writer.move(Move("refs/heads/proposal/p-1", new, None), Move("refs/voicegit/closed/p-1", None, new))
    assert directives.head() == new


def test_a_young_lock_or_one_that_somebody_holds_is_left_alone(path: Path, directives: GitDirectives) -> None:
    before = directives.head()
    young, used = path / "refs/heads/main.lock", path / "packed-refs.lock"
    young.write_bytes(b"")
    with used.open("wb"):
        os.utime(used, (0, 0))
        with pytest.raises(Unavailable, match="update-ref failed"):
            put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    assert young.exists()
    assert used.exists()
    assert directives.head() == before


@pytest.mark.parametrize("name", ["refs/heads/main.lock", "HEAD.lock", "packed-refs.lock"])
def test_a_young_lock_of_a_writer_that_died_while_moving_is_cleared(path: Path, directives: GitDirectives, name: str) -> None:
    with git_lock.held(path) as lock:
        git_lock.note(lock, [MAIN])
        (path / name).write_bytes(b"")
    new = put(directives, {"voice/tone.md": text("Cool", title="Tone")})
    assert directives.head() == new


SLOW_GIT = """#!/bin/sh
case "$*" in *commit-tree*) read line < {fifo} ;; esac
exec {git} "$@"
"""
WRITES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from voicegit.adapters.git_directives import GitDirectives
from voicegit.ports import Signature
with GitDirectives(Path(sys.argv[1])).writing() as writer:
    writer.commit(None, {"policy.toml": b""}, message="x", author=Signature("a", "b", datetime.now(UTC)))
"""


def test_the_lock_outlives_a_killed_writer_while_its_git_is_still_at_work(path: Path, directives: GitDirectives, tmp_path: Path) -> None:
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    fifo, slow = tmp_path / "fifo", tmp_path / "bin"
    os.mkfifo(fifo)
    slow.mkdir()
    (slow / "git").write_text(SLOW_GIT.format(fifo=fifo, git=real))
    (slow / "git").chmod(0o755)
    environment = {**os.environ, "PATH": f"{slow}:{os.environ['PATH']}"}
    with subprocess.Popen([sys.executable, "-c", WRITES, str(path)], env=environment) as writer, fifo.open("w") as at_work:  # opens when git reads from it
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        with pytest.raises(Unavailable), git_lock.held(path, wait=0.1):
            pass
        at_work.write("\n")
    with git_lock.held(path):
        assert directives.head()


# ---- many at once


def _count_up(path: Path, times: int) -> None:
    """Adds one to a number in a file, so often, losing none: what a caller does on a conflict."""
    directives = GitDirectives(path)
    done = 0
    while done < times:
        head = directives.head()
        number = int(files(directives, head)["README.md"])
        with directives.writing() as writer:
            new = writer.commit(head, {"README.md": b"%d" % (number + 1)}, message="Count", author=DANA)
            try:
                writer.move(Move(MAIN, head, new))
            except Conflict:
                continue
        done += 1


@pytest.mark.slow
def test_two_processes_on_one_main_lose_no_update(path: Path, directives: GitDirectives) -> None:
    put(directives, {"README.md": b"0"})
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_count_up, args=(path, 100)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [one.exitcode for one in both] == [0, 0]
    assert files(directives, directives.head())["README.md"] == b"200"
    assert len(directives.log(directives.head(), first_parent=True)) == 202


def _children() -> set[str]:
    return {child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()}


def test_eight_threads_read_while_main_moves(directives: GitDirectives) -> None:
    before, files = _children(), len(list(Path("/proc/self/fd").iterdir()))
    over = threading.Event()
    wrong: list[BaseException] = []
    seen: set[str] = set()

    def read() -> None:
        try:
            while not over.is_set():
                known = directives.serving()
                found = known.get("voice/tone")
                assert found is not None
                seen.add(f"{known.revision} {found.rules[0].text}")
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    moved = {f"{put(directives, {'voice/tone.md': text(f'Number {number}', title='Tone')})} Number {number}" for number in range(20)}
    over.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen <= moved | {one for one in seen if one.endswith("Warm")}
    assert rules(directives, "voice/tone") == ["Number 19"]
    assert _children() == before
    assert len(list(Path("/proc/self/fd").iterdir())) <= files + 1


def test_git_settings_and_variables_of_the_process_do_not_reach_us(
    path: Path, directives: GitDirectives, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Machine\n[core]\n\tautocrlf = true\n[log]\n\tshowSignature = true\n[diff]\n\tnoprefix = true\n")
    settings_of_others = {"GIT_DIR": "/nonexistent", "GIT_OBJECT_DIRECTORY": str(tmp_path), "GIT_INDEX_FILE": str(tmp_path / "i"), "GIT_AUTHOR_NAME": "Machine"}
    for name, value in {"HOME": str(tmp_path), "GIT_QUARANTINE_PATH": str(tmp_path), "GIT_EXTERNAL_DIFF": "touch", **settings_of_others}.items():
        monkeypatch.setenv(name, value)
    root = directives.head()
    new = put(directives, {"facts/hours.md": text("9\r")})
    assert directives.commit(new).author == "Dana"
    assert files(directives, new)["facts/hours.md"] == text("9\r")
    assert "a/facts/hours.md b/facts/hours.md" in directives.diff(root, new)


def test_five_hundred_files_are_read_whole(directives: GitDirectives) -> None:
    new = put(directives, {f"facts/f{number}.md": text(f"Fact {number}", title="Fact") for number in range(496)})
    assert len(directives.serving().directives) == 498
    assert directives.serving().revision == new
    contents = files(directives, new)
    assert hashlib.sha256(contents["facts/f7.md"]).digest() == hashlib.sha256(text("Fact 7", title="Fact")).digest()
