"""JSON and YAML that every reader reads alike, and that no terminal obeys."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tui.cli.documents import ListWriter, listed, write_document

MISREAD = (
    "8e12345", "1e3", "0o17", "017", "0x1F", "0b11", "1_000", "12:30:45", "190:20:30", "+12", "-0", ".5",
    "5.", "1.5e+3", "0899", ".inf", "-.INF", ".NaN", "~", "null", "Null", "true", "False", "yes", "No", "on",
    "OFF", "y", "N", "=", "<<", "2026-06-01", "2026-6-1T10:00:00Z", "2001-12-14 21:59:43.10 -5",
)  # fmt: skip
PLAIN = ("web", "10.0.0.1", "v1.33.4", "e3", "0.9.2", "sha256:0a1b", "12-factor", "1e3x")
HOSTILE = "a\x9b2Jb\x7f\u202ec\u200bd\U000e0001 é"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(value: object, form: str, out: io.StringIO | None = None) -> str:
    out = out if out is not None else io.StringIO()
    write_document(value, form, out)
    return out.getvalue()


@pytest.mark.parametrize("text", MISREAD)
def test_what_some_reader_takes_for_another_type_is_quoted(text: str) -> None:
    line = written({"value": text}, "yaml").removeprefix("value: ").rstrip("\n")
    assert line == f"'{text}'"


@pytest.mark.parametrize("text", PLAIN)
def test_what_nobody_can_misread_is_not(text: str) -> None:
    assert written({"value": text}, "yaml") == f"value: {text}\n"


def test_kubectl_reads_what_was_meant(kubectl: str) -> None:
    data = {f"k{number}": text for number, text in enumerate((*MISREAD, *PLAIN, HOSTILE, "two\nlines\n", " lead", ""))}
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "annotations": data}, "data": data}
    for out in (io.StringIO(), Terminal()):
        ran = subprocess.run(
            [kubectl, "label", "--local", "-f", "-", "a=b", "-o", "json"],
            input=written(document, "yaml", out).encode(),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)["data"] == data


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_terminal_gets_escapes_and_a_pipe_the_characters(form: str) -> None:
    read: Any = json.loads if form == "json" else yaml.safe_load
    document = {HOSTILE: [HOSTILE, "two\nlines", "tab\there"], "n": 1, "none": None, "no": False}
    on_terminal = written(document, form, Terminal())
    assert not set(HOSTILE[:-2]) & set("\x9b\x7f\u202e\u200b\U000e0001") & set(on_terminal)
    assert "é" in on_terminal
    assert "\\u202" in on_terminal.lower()
    assert read(on_terminal) == document
    assert read(written(document, form)) == document
    assert "\u202e" in written({"a": "x\u202ey"}, form)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_half_a_character_can_be_printed(form: str) -> None:
    written({"a": "\ud800"}, form).encode()


ITEMS: list[dict[str, Any]] = [
    {"kind": "Pod", "metadata": {"name": "a", "labels": {}}, "list": [{"x": 1, "y": []}], "text": "two\nlines\n"},
    {"kind": "Pod", "metadata": None, "text": HOSTILE, "long": "word " * 300_000},
    {},
    {"kind": "Pod", "half": "\ud800", "number": "1e3"},
]


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("out", [io.StringIO, Terminal], ids=["pipe", "terminal"])
@pytest.mark.parametrize("pieces", [[], [0], [1], [1, 0, 3], [2, 2], [0, 4]], ids=str)
def test_a_list_written_as_it_comes_is_the_text_of_the_whole(
    form: str, out: Callable[[], io.StringIO], pieces: list[int]
) -> None:
    writer = ListWriter(form, terminal=out().isatty())
    text, at = writer.begin(), 0
    for size in pieces:
        text += writer.items([writer.item(one) for one in ITEMS[at : at + size]])
        at += size
    assert text + writer.end() == written(listed(ITEMS[:at]), form, out())
