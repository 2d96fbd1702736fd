"""The command line as scripts and people meet it: real processes for what must hold of a process, the real commands for the rest."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicegit.cli import _COMMANDS, cli


@pytest.fixture
def shop_folder(tmp_path: Path, _made: Path) -> Path:
    import shutil

    shutil.copytree(_made, tmp_path / "shop")
    return tmp_path / "shop"


def run(folder: Path, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), *arguments], input=stdin)


def told(folder: Path, *arguments: str) -> object:
    """The JSON answer of a command that succeeds."""
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def process(*arguments: str, **more: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "voicegit", *arguments], capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['voicegit', '--help']\n"
        "from voicegit.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('git', 'flask', 'sklearn', 'numpy', 'anthropic', 'pydantic', 'sqlite_utils', 'ruamel') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().split("\n")[-1] == "[]"


@pytest.mark.parametrize("name", sorted(_COMMANDS))
def test_every_command_has_a_page_of_help(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert len(result.output.split("\n")) < 60


def test_a_message_is_answered_with_the_promised_fields(shop_folder: Path) -> None:
    run(shop_folder, "customer", "set", "Dana Reyes", "team=Mike & Bob")
    said = told(shop_folder, "say", "Which team came to my house yesterday?", "--customer", "Dana Reyes")
    assert isinstance(said, dict)
    assert (said["decision"], said["reply"]) == ("reply", "That was Mike & Bob. How can I help?")
    promised = "conversation message decision reply reply_message confidence threshold reasons revision directives summon"
    assert set(promised.split()) <= set(said)


def test_a_team_that_is_not_known_is_not_guessed(shop_folder: Path) -> None:
    said = told(shop_folder, "say", "Which team came to my house yesterday?")
    assert isinstance(said, dict)
    assert said["decision"] == "summon"


def test_the_whole_round_by_commands(shop_folder: Path) -> None:
    claims = [
        ("Someone spilled lipstick in my white Valentino bag!", "I'm so sorry to hear that. I will stop by this afternoon to see it in person."),
        ("Your cleaners broke my grandmother's vase", "I'm so sorry to hear that. I will stop by tomorrow morning to see it in person."),
        ("There is a long scratch on my oak table since your team was here", "I'm so sorry to hear that. I will stop by this evening to see it."),
    ]
    for asked, answered in claims:
        said = told(shop_folder, "say", asked)
        assert isinstance(said, dict) and said["decision"] == "summon"
        inbox = told(shop_folder, "inbox")
        assert isinstance(inbox, list) and inbox[0]["text"] == asked
        told(shop_folder, "reply", said["conversation"], answered, "--as", "Maria")
        told(shop_folder, "handback", said["conversation"])
    run_ = told(shop_folder, "distill")
    assert isinstance(run_, dict)
    proposal = run_["proposal"]
    assert "damage" in run(shop_folder, "diff", proposal).stdout
    release = told(shop_folder, "approve", proposal, "--as", "Maria", "--yes")
    assert isinstance(release, dict)
    lamp = told(shop_folder, "say", "One of your people knocked over my lamp and it is broken")
    assert isinstance(lamp, dict)
    assert (lamp["decision"], lamp["revision"]) == ("reply", release["release"])
    why = told(shop_folder, "why", lamp["reply_message"])
    assert isinstance(why, dict) and why["lines"][0]["approved_by"] == "Maria"
    assert told(shop_folder, "feedback", lamp["reply_message"], "reject", "--reason", "Say who will stop by")
    log = told(shop_folder, "log")
    assert isinstance(log, list) and [entry["kind"] for entry in log] == ["release", "init"]
    assert told(shop_folder, "blame", log[0]["operations"][0].split()[1])
    told(shop_folder, "rollback", release["release"], "--as", "Maria")
    again = told(shop_folder, "say", "One of your people knocked over my lamp and it is broken")
    assert isinstance(again, dict) and again["decision"] == "summon"
    told(shop_folder, "restore", release["release"])
    assert run(shop_folder, "status").exit_code == 0


def test_approval_asks_first_and_a_no_changes_nothing(shop_folder: Path, tmp_path: Path) -> None:
    hours = tmp_path / "pets.md"
    hours.write_text("---\ntitle: Pets\n---\n\n- We like dogs.\n")
    proposal = told(shop_folder, "propose", str(hours), "--to", "facts/pets.md", "--title", "Pets")
    assert isinstance(proposal, dict)
    asked = run(shop_folder, "approve", proposal["proposal"], stdin="n\n")
    assert "+- We like dogs." in asked.output and asked.exit_code != 0
    assert isinstance(told(shop_folder, "proposals"), list) and len(told(shop_folder, "proposals")) == 1  # type: ignore[arg-type]
    assert run(shop_folder, "approve", proposal["proposal"], stdin="y\n").exit_code == 0


# ---- errors are for the person who meets them


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["-C", "{tmp}", "status"], "voicegit init", 1),
        (["nonsense"], "There is no command 'nonsense'", 2),
        (["-C", "{shop}", "reply", "nobody", "Hello"], "There is no conversation 'nobody'", 1),
        (["-C", "{shop}", "diff", "p-9"], "There is no proposal", 1),
        (["-C", "{shop}", "rollback", "--reason", "x", "HEAD"], "cannot be taken back", 1),
        (["-C", "{shop}", "why", "nothing"], "There is no message", 1),
        (["-C", "{shop}", "say", "  "], "empty", 1),
        (["-C", "{shop}", "inbox", "--as", "x"], "No such option", 2),
        (["-C", "{shop}", "note", "x", "y", "--as", "Nobody"], "Nobody here is called", 1),
        (["init", "{shop}"], "not empty", 1),
    ],
)
def test_an_error_says_what_to_do_and_never_shows_a_traceback(shop_folder: Path, tmp_path: Path, arguments: list[str], words: str, code: int) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = process(*(one.format(tmp=empty, shop=shop_folder) for one in arguments), cwd=empty)
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
    assert done.stdout == ""


def test_errors_are_json_too(shop_folder: Path) -> None:
    done = process("-C", str(shop_folder), "why", "nothing", "--json")
    assert json.loads(done.stderr)["error"] == "Not found"


def test_a_bug_of_ours_gives_an_incident_and_no_traceback(shop_folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text("import voicegit.services.status as s\ndef look(w): raise ZeroDivisionError('secret')\ns.look = look\n")
    done = process("-C", str(shop_folder), "status", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (done.returncode, "Incident" in done.stderr, "secret" in done.stderr) == (3, True, False)


# ---- lint


def test_lint_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    (tmp_path / "policy.toml").write_text("[gate]\nthreshold = 2\n")
    (tmp_path / "facts" / "a.md").write_text("---\ntitle: A\nfoo: 1\n---\n")
    done = process("lint", str(tmp_path))
    assert done.returncode == 1
    assert "policy.toml:2: 'gate.threshold'" in done.stderr and "facts/a.md:3: 'foo' is not a key" in done.stderr


def test_lint_of_the_starter_is_clean() -> None:
    from voicegit import resources

    assert process("lint", str(resources.starter())).returncode == 0


# ---- import and export


def test_import_is_idempotent_and_names_bad_lines(shop_folder: Path, tmp_path: Path) -> None:
    good = {"id": "a", "turns": [{"role": "customer", "text": "Hi"}, {"role": "action", "text": "x"}, {"role": "agent", "text": "Hello"}]}
    file = tmp_path / "talks.jsonl"
    file.write_text("\n".join([json.dumps(good), "{nonsense", json.dumps({"id": "b", "turns": 3}), json.dumps({**good, "id": "c"})]))
    first = told(shop_folder, "import", str(file))
    assert isinstance(first, dict)
    assert (first["conversations"], first["takeovers"], first["skipped_roles"]) == (2, 2, 2)
    assert [bad["line"] for bad in first["bad"]] == [2, 3]
    second = told(shop_folder, "import", str(file))
    assert isinstance(second, dict) and (second["conversations"], second["known_already"]) == (0, 2)


def test_what_is_exported_can_be_imported_again(shop_folder: Path, tmp_path: Path) -> None:
    said = told(shop_folder, "say", "Do you have anything on Thursday?")
    assert isinstance(said, dict)
    exported = run(shop_folder, "export").stdout
    assert json.loads(exported)["turns"][0]["text"] == "Do you have anything on Thursday?"
    file = tmp_path / "out.jsonl"
    file.write_text(exported)
    again = told(shop_folder, "import", str(file))
    assert isinstance(again, dict) and (again["conversations"], again["messages"], again["bad"]) == (1, 1, [])


def test_customer_records_come_and_go_with_their_conversations(shop_folder: Path, tmp_path: Path) -> None:
    turns = [{"role": "customer", "text": "Hi"}]
    file = tmp_path / "talks.jsonl"
    dana = {"name": "Dana Reyes", "contacts": ["dana@example.com"], "fields": {"team": "Mike & Bob"}}
    lines = [{"id": "a", "turns": turns, "customer": dana}, {"id": "b", "turns": turns, "customer": "Sam"}, {"id": "c", "turns": turns, "customer": 3}]
    file.write_text("\n".join(map(json.dumps, lines)))
    done = told(shop_folder, "import", str(file))
    assert isinstance(done, dict) and [bad["line"] for bad in done["bad"]] == [3]
    shown = told(shop_folder, "customer", "show", "Dana Reyes")
    assert isinstance(shown, dict) and shown["fields"] == {"team": "Mike & Bob"}
    exported = [json.loads(line) for line in run(shop_folder, "export").stdout.splitlines()]
    assert [line["customer"]["name"] for line in exported] == ["Dana Reyes", "Sam"]


def test_redact_takes_text_and_json_lines(shop_folder: Path) -> None:
    plain = run(shop_folder, "redact", stdin="Mail dana@example.com\n")
    assert plain.stdout == "Mail [email]\n"
    spans = run(shop_folder, "redact", "--json", stdin='{"text": "Mail dana@example.com", "id": 7}\n')
    assert json.loads(spans.stdout) == {"text": "Mail [email]", "id": 7, "spans": [{"start": 5, "end": 21, "type": "email"}]}


def test_an_import_lives_through_hostile_lines_and_joins_what_one_agent_said(shop_folder: Path, tmp_path: Path) -> None:
    asked = {"role": "customer", "text": "q"}
    bad = [{"role": ["customer"], "text": "x"}, {**asked, "ts": "9999-12-31T23:59:59"}, {**asked, "ts": "0001-01-01T00:00:00+14:00"}, {**asked, "ts": 1e300}]
    two = [asked, {"role": "agent", "text": "part one"}, {"role": "agent", "text": "part two"}]
    lines = [{"id": str(number), "turns": [turn, asked, {"role": "agent", "text": "a"}]} for number, turn in enumerate(bad)]
    file = tmp_path / "talks.jsonl"
    file.write_text("\n".join(map(json.dumps, [*lines, {"id": "good", "turns": two}])))
    done = told(shop_folder, "import", str(file))
    assert isinstance(done, dict) and done["takeovers"] >= 1
    signals = [turn["signal"] for line in run(shop_folder, "export").stdout.splitlines() for turn in json.loads(line)["turns"] if "signal" in turn]
    assert signals and run(shop_folder, "status").exit_code == 0


@pytest.mark.parametrize("arguments", [["--name", ""], ["--owner", "  "]])
def test_a_workspace_that_nothing_could_serve_is_not_made(tmp_path: Path, arguments: list[str]) -> None:
    assert run(tmp_path, "init", str(tmp_path / "new"), *arguments).exit_code == 1
    assert not (tmp_path / "new").exists()


def test_a_workspace_is_for_its_user_alone(tmp_path: Path) -> None:
    assert run(tmp_path, "init", str(tmp_path / "new")).exit_code == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_proposals_title_can_be_amended(shop_folder: Path, tmp_path: Path) -> None:
    pets = tmp_path / "pets.md"
    pets.write_text("---\ntitle: Pets\n---\n\n- We like dogs.\n")
    made = told(shop_folder, "propose", str(pets), "--to", "facts/pets.md", "--title", "Pets")
    assert isinstance(made, dict)
    told(shop_folder, "amend", made["proposal"], "--title", "Dogs are welcome")
    shown = told(shop_folder, "proposals")
    assert isinstance(shown, list) and shown[0]["title"] == "Dogs are welcome"


def test_two_questions_that_no_one_answer_covers_go_to_a_person(shop_folder: Path) -> None:
    both = told(shop_folder, "say", "Do you have anything on Thursday?\nWhich areas do you cover?")
    assert isinstance(both, dict) and both["decision"] == "summon"
    one = told(shop_folder, "say", "Hi there! Do you have anything on Thursday?")
    assert isinstance(one, dict) and one["decision"] == "reply"
