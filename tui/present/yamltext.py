"""An object as YAML for reading: in the order and manner of `kubectl get -o yaml`, harmless on a terminal.

Own writing instead of PyYAML's: text of several lines stays text of several lines, keys can be coloured, and a
character that could do something to a terminal is escaped in the YAML itself. What is written can be read back
(`tests/present/test_yamltext.py`), but for what is folded or masked, which stands in comments.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

from msgspec import Struct

from tui.model.bodies import items, obj, text
from tui.model.objects import Body
from tui.model.secrets import Hidden, is_secret, masked, sealed, unsealed
from tui.present.clean import UNSAFE, is_clean

LONG = 200
"""Characters from which a text that begins with a letter is neither a number nor a time to YAML."""
SHOWN = "# the values of data are decoded here; in the cluster they are base64"
_PLAIN = re.compile(r"[A-Za-z0-9_./(<]")
_SIGNS = frozenset("-?:,[]{}#&*!|>'\"%@` ")
"""What a plain text may not begin with."""
_OTHER_TYPE = re.compile(
    r"(?:~|null|true|false|yes|no|on|off|y|n|[-+]?(?:0[xo])?[0-9][0-9_a-f]*|[-+]?(?:\d[\d_]*)?\.?\d*(?:e[-+]?\d+)?"
    r"|[-+]?\.(?:inf|nan)|\.nan|=|<<|\d{4}-\d\d?-\d\d?.*|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?|[-+]?[\d_]*\.[\d_]*(?:e[-+]?\d+)?)\Z",
    re.IGNORECASE,
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class YamlLine(Struct, frozen=True, gc=False):
    """key: how many characters from its beginning are indentation, dash and key. comment: all of it is one."""

    text: str
    key: int = 0
    comment: bool = False


def yaml_lines(body: Body, *, managed: bool = False, shown: bool = False) -> list[YamlLine]:
    """managed: managed fields unfolded. shown: secret values decoded."""
    lines = written(prepared(body, managed=managed, shown=shown))
    return [YamlLine(SHOWN, comment=True), *lines] if shown and is_secret(body) else lines


def prepared(body: Body, *, managed: bool, shown: bool) -> Body:
    """`body` with what is folded or masked told instead."""
    made = sealed(body, unsealed if shown else masked) if is_secret(body) else dict(body)
    meta = obj(made, "metadata")
    managers = items(meta, "managedFields")
    if managers and not managed:
        names = ", ".join(dict.fromkeys(text(one, "manager") for one in managers))
        made["metadata"] = {**meta, "managedFields": Hidden(f"{len(managers)} folded ({names}); M unfolds")}
    return made


# Writing --------------------------------------------------------------------------------------------------------------
#
# Into a list that all of them share: a text of half a million lines handed up through generators of generators held the
# loop for a tenth of a second.


def written(body: Body) -> list[YamlLine]:
    """`body` as it is, nothing folded or masked but what is `Hidden` already."""
    out: list[YamlLine] = []
    _mapping(body, 0, out)
    return out


def _mapping(held: Body, depth: int, out: list[YamlLine], first: str = "") -> None:
    """first: what stands in front of the first key in place of its indentation ("- ")."""
    for key in sorted(held, key=str):
        lead = first or "  " * depth
        first = ""
        _value(f"{lead}{quoted(str(key))}:", held[key], depth, out)


def _value(name: str, value: Any, depth: int, out: list[YamlLine]) -> None:
    """What follows a key, or the dash of an item (name ends with it)."""
    at = len(name)
    if isinstance(value, dict):
        if not value:
            out.append(YamlLine(f"{name} {{}}", at))
        else:
            out.append(YamlLine(name, at))
            _mapping(cast("Body", value), depth + 1, out)
    elif isinstance(value, list):
        if not value:
            out.append(YamlLine(f"{name} []", at))
        else:
            out.append(YamlLine(name, at))
            _sequence(cast("list[Any]", value), depth, out)
    else:
        _scalar(name, value, depth, out)


def _sequence(held: list[Any], depth: int, out: list[YamlLine]) -> None:
    """Dashes stand under the key, as kubectl writes them."""
    lead = "  " * depth + "- "
    for value in held:
        if isinstance(value, dict) and value:
            _mapping(cast("Body", value), depth + 1, out, lead)
        elif isinstance(value, list) and value:
            place = len(out)
            _sequence(cast("list[Any]", value), depth + 1, out)
            head = out[place]
            out[place] = YamlLine(lead + head.text[len(lead) :], head.key)
        else:
            _value(lead[:-1], value, depth, out)


def _scalar(name: str, value: Any, depth: int, out: list[YamlLine]) -> None:
    at = len(name)
    if isinstance(value, Hidden):
        out.append(YamlLine(f"{name} # {value.words}", at))
    elif isinstance(value, str):
        if "\n" in value and _literal(value):
            _block(name, value, depth, out)
        else:
            out.append(YamlLine(f"{name} {quoted(value)}", at))
    else:
        out.append(YamlLine(f"{name} {_plain(value)}", at))


def _plain(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _literal(value: str) -> bool:
    """Whether a text of several lines can stand as it is: nothing in it would do anything to a terminal."""
    return is_clean(value.replace("\n", "").replace("\t", "")) and value.strip("\n") != ""


def _block(name: str, value: str, depth: int, out: list[YamlLine]) -> None:
    lines = value.split("\n")
    chomp = "-" if lines[-1] else "" if value[-2:-1] not in ("\n", "") else "+"
    if not lines[-1]:
        lines.pop()
    first = next((line for line in lines if line), "")
    hint = "2" if first.startswith((" ", "\t")) or (lines and not lines[0]) else ""
    out.append(YamlLine(f"{name} |{hint}{chomp}", len(name)))
    lead = "  " * (depth + 1)
    out.extend([YamlLine(lead + line if line else "") for line in lines])


def quoted(value: str) -> str:
    """A text on one line: plain where it cannot be misread, else in quotes."""
    if not value:
        return '""'
    clear = is_clean(value) and "\t" not in value
    if clear and _PLAIN.match(value[:1]) and not _special(value) and not _is_other_type(value):
        return value
    if clear and "'" not in value and "\\" in value:
        return f"'{value}'"
    return f'"{_escaped(value)}"'


def _escaped(value: str) -> str:
    """For double quotes. Of ASCII the codec knows the same escapes, and is twenty times as quick as any table."""
    if value.isascii():
        return value.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return value.translate(_escapes())


def _special(value: str) -> bool:
    """Whether something in a text would mean more than itself. No pattern, for it may be a megabyte."""
    ends = value[0] in _SIGNS or value[-1].isspace() or value[-1] == ":"
    return ends or ": " in value or " #" in value


def _is_other_type(value: str) -> bool:
    """Whether YAML would read a number, a time or a word such as "yes"."""
    return _OTHER_TYPE.match(value) is not None if len(value) <= LONG else not value[0].isalpha()


@lru_cache(maxsize=1)
def _escapes() -> dict[int, str]:
    """For double quotes: whatever `clean` would have to make visible, as an escape of YAML. By `str.translate`, since a
    hostile megabyte must not hold up a key."""
    table: dict[int, str] = {}
    for found in re.finditer("(.)-(.)|(.)", UNSAFE, re.DOTALL):
        first, last = found[1] or found[3], found[2] or found[3]
        table.update((code, _escape(code)) for code in range(ord(first), ord(last) + 1))
    return table | {ord(char): said for char, said in _ESCAPES.items()}


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
