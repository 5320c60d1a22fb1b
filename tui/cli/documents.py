"""One JSON or YAML document, such that every reader reads the same values and no terminal obeys them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TextIO

from tui.present.clean import is_clean

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
_SURROGATE = re.compile("[\ud800-\udfff]")


def write_document(value: object, form: str, out: TextIO) -> None:
    """form: "json" or "yaml". To a terminal, characters that could drive it are written as escapes."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    terminal = out.isatty()
    if form == "json":
        # Between its strings a document has no character but printable ones and line ends.
        out.write(_escaped(text, _json_escape, everything=terminal) + "\n")
        return
    # By way of JSON, so that both forms hold the same plain values (an enumeration is its text).
    out.write(_escaped(_yaml(json.loads(_SURROGATE.sub("�", text)), terminal), _yaml_escape, everything=terminal))


def _yaml(value: object, terminal: bool) -> str:
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
    return yaml.dump(value, None, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)


def _escaped(text: str, escape: Callable[[str], str], *, everything: bool) -> str:
    if text.isascii() and not everything:
        return text
    if not everything:
        return _SURROGATE.sub(lambda found: escape(found.group()), text)
    return "\n".join(
        line if is_clean(line) else "".join(char if is_clean(char) else escape(char) for char in line)
        for line in text.split("\n")
    )


def _json_escape(char: str) -> str:
    return json.dumps(char)[1:-1]  # astral characters as two


def _yaml_escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
