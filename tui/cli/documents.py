"""One JSON or YAML document, such that every reader reads the same values and no terminal obeys them; whole, or a list
written as its items come."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TextIO

from tui.present.clean import is_clean
from tui.wire.words import SURROGATES

_OTHER_TYPE = re.compile(
    r"""
    ~ | null | true | false | yes | no | on | off | y | n | = | <<   # YAML 1.1 reads more words than 1.2
    | [-+]? 0x [0-9a-f_]+ | [-+]? 0o? [0-7_]+ | [-+]? 0b [01_]+
    | [-+]? ( [0-9][0-9_]* ( \. [0-9_]* )? | \. [0-9_]+ ) ( e [-+]? [0-9_]+ )?
    | [-+]? [0-9][0-9_]* ( : [0-5]? [0-9] )+ ( \. [0-9_]* )?         # to base 60
    | [-+]? \. inf | \. nan
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} .*
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Texts that, without quotes, some YAML reader takes for a number, a truth value, a time or nothing: PyYAML, which
writes them, knows fewer of them than kubectl does (1e3, 8e12345, 0o17)."""


def write_document(value: object, form: str, out: TextIO) -> None:
    """form: "json" or "yaml". To a terminal, characters that could drive it are written as escapes."""
    text = _text(value, form, terminal=out.isatty())
    out.write(text + "\n" if form == "json" else text)


class ListWriter:
    """A `List` as kubectl prints several objects, in parts that are one document together: `begin`, the items, `end`.
    The same text as `write_document` makes of the whole, which is nowhere."""

    def __init__(self, form: str, *, terminal: bool) -> None:
        self._json = form == "json"
        self._form = form
        self._terminal = terminal
        self._empty = True

    def begin(self) -> str:
        return '{\n  "apiVersion": "v1",\n  "items": [' if self._json else "apiVersion: v1\nitems:"

    def item(self, value: object) -> str:
        """One of them, written, for `items`. In whatever thread."""
        if not self._json:
            return _text([value], self._form, terminal=self._terminal)
        return "\n    " + _text(value, self._form, terminal=self._terminal).replace("\n", "\n    ")

    def items(self, written: Sequence[str]) -> str:
        """Some more of them, in their order."""
        if not written:
            return ""
        first, self._empty = self._empty, False
        if self._json:
            return ("" if first else ",") + ",".join(written)
        return ("\n" if first else "") + "".join(written)

    def end(self) -> str:
        if self._json:
            closed = "]" if self._empty else "\n  ]"
            return closed + ',\n  "kind": "List",\n  "metadata": {\n    "resourceVersion": ""\n  }\n}\n'
        return (" []\n" if self._empty else "") + "kind: List\nmetadata:\n  resourceVersion: ''\n"


def listed(documents: Sequence[object]) -> dict[str, object]:
    """As kubectl prints several objects."""
    return {"apiVersion": "v1", "items": list(documents), "kind": "List", "metadata": {"resourceVersion": ""}}


def _text(value: object, form: str, *, terminal: bool) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    if form == "json":
        # Between its strings a document has no character but printable ones and line ends.
        return _escaped(text, _json_escape, everything=terminal)
    # By way of JSON, so that both forms hold the same plain values (an enumeration is its text).
    return _escaped(_yaml(json.loads(SURROGATES.sub("�", text)), terminal), _yaml_escape, everything=terminal)


def _yaml(value: object, terminal: bool) -> str:
    import yaml

    return yaml.dump(value, None, Dumper=_dumper(terminal), sort_keys=False, allow_unicode=True, width=1_000_000)


@cache  # a class is garbage that only the collector finds, and a list asks for one for each of its items
def _dumper(terminal: bool) -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):
        """Quotes what could be misread, and doubly what will be escaped."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    def text(dumper: Any, held: str) -> Any:
        style = None
        if terminal and not is_clean(held.replace("\n", "")):
            style = '"'
        elif _OTHER_TYPE.fullmatch(held):
            style = "'"
        return dumper.represent_scalar("tag:yaml.org,2002:str", held, style=style)

    Dumper.add_representer(str, text)
    return Dumper


def _escaped(text: str, escape: Callable[[str], str], *, everything: bool) -> str:
    if text.isascii() and not everything:
        return text
    if not everything:
        return SURROGATES.sub(lambda found: escape(found.group()), text)
    return "\n".join(
        line if is_clean(line) else "".join(char if is_clean(char) else escape(char) for char in line)
        for line in text.split("\n")
    )


def _json_escape(char: str) -> str:
    return json.dumps(char)[1:-1]  # astral characters as two


def _yaml_escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
