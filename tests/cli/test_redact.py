"""`voicegit redact`: a stream of text or JSON lines in, the same without personal data out."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.cli import cli
from voicegit.domain.privacy import redact, redacted


def run(stdin: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(cli, ["redact", *options], input=stdin)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("My name is Dana Reyes.\nCall 415-555-0132", "My name is [name].\nCall [phone]"),
        ("Ship to 12 Oak Street\nSpringfield, IL 62704\nThanks", "Ship to [address]\n[address]\nThanks"),
        ("Please cancel it.\r\nKind regards,\r\n\r\nTadhg\r\n", "Please cancel it.\r\nKind regards,\r\n\r\n[name]\r\n"),
        ("{name} wrote to dana@example.com\n", "{name} wrote to [email]\n"),
        ("", ""),
        ("\n\n", "\n\n"),
    ],
)
def test_plain_text_keeps_its_lines_and_what_stands_over_several_is_seen(given: str, written: str) -> None:
    assert run(given).stdout_bytes == written.encode()


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16", "latin-1"])
def test_a_text_that_is_not_utf_8_is_refused_and_nothing_of_it_is_written(encoding: str, options: tuple[str, ...]) -> None:
    done = run("Mein Name ist Jürgen Müller, dana@example.com\n".encode(encoding), *options)
    assert done.exit_code == 1
    assert "Line 1 is not UTF-8" in str(done.exception)
    assert done.stdout_bytes == b""


def test_the_lines_before_one_that_cannot_be_read_are_written_whole() -> None:
    done = run(b"Mail dana@example.com\nJ\xfcrgen\nBob\n")
    assert "Line 2 is not UTF-8" in str(done.exception)
    assert done.stdout_bytes == b"Mail [email]\n"


def test_a_long_text_comes_out_as_long_as_it_is() -> None:
    lines = [f"Line {'abc'[number % 3]} is for dana{number}@example.com" for number in range(200)]
    assert run("\n".join(lines)).stdout.split("\n") == [f"Line {'abc'[number % 3]} is for [email]" for number in range(200)]


def test_json_lines_keep_their_other_fields() -> None:
    out = run('\n{"id": 7, "text": "Mail dana@example.com", "é": 1}\n\n{"text": "half \\ud83d"}\n').stdout
    assert out == '\n{"id": 7, "text": "Mail [email]", "é": 1}\n\n{"text": "half \\ud83d"}\n'


def test_spans_are_where_it_stood_in_the_original() -> None:
    text = "My name is Dana Reyes, 415-555-0132"
    (line,) = run(json.dumps({"text": text}), "--json").stdout.splitlines()
    spans = json.loads(line)["spans"]
    assert [(text[span["start"] : span["end"]], span["type"]) for span in spans] == [("Dana Reyes", "name"), ("415-555-0132", "phone")]


def test_with_json_a_plain_line_is_a_text_of_its_own() -> None:
    out = run("Mail dana@example.com\nno more\n", "--json").stdout.splitlines()
    assert [json.loads(line) for line in out] == [
        {"text": "Mail [email]", "spans": [{"start": 5, "end": 21, "type": "email"}]},
        {"text": "no more", "spans": []},
    ]


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ('{"text": "a"}\n{"text": "b"\n', "Line 2 is not JSON"),
        ('\n{"text": "a"}\n\n{"words": "b"}\n', 'Line 4 has no "text"'),
        ('{"text": 5}\n', 'Line 1 has no "text"'),
        ('{"text": "a"}\n[1]\n', 'Line 2 has no "text"'),
    ],
)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_line_that_cannot_be_read_is_named_and_the_lines_before_it_are_out(stdin: str, said: str, options: tuple[str, ...]) -> None:
    done = run(stdin, *options)
    assert done.exit_code == 1
    assert said in str(done.exception)
    assert ('"a"' in done.stdout) is ('"a"' in stdin)


def test_a_country_that_does_not_exist_is_refused_before_anything_is_read() -> None:
    done = run("030 901820", "--country", "Germany")
    assert "is not a country" in str(done.exception)
    assert run("030 901820", "--country", "de").stdout == "[phone]"


def test_names_that_one_gives_go_too() -> None:
    assert run("Quux said so", "--name", "Quux").stdout == "[name] said so"


def test_json_lines_are_answered_as_they_come() -> None:
    with subprocess.Popen([sys.executable, "-m", "voicegit", "redact"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(b'{"text": "dana@example.com"}\n')
            process.stdin.flush()
            assert process.stdout.readline() == b'{"text": "[email]"}\n', number
        process.stdin.close()


_PIECES = ["My name is ", "Dana", " Reyes", "\n", "415-555-0132", "[name]", "regards,\n", " and ", "Kuba", "12 Oak Street", ", "]


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
@settings(max_examples=200, deadline=None)
def test_the_spans_are_exactly_what_was_replaced(text: str) -> None:
    shown, spans = redacted(text)
    for span in reversed(spans):
        text = f"{text[: span.start]}[{span.type}]{text[span.end :]}"
    assert text == shown
    assert redact(shown) == shown
