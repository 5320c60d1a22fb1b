"""What each setting may be: one parser per key, which takes a plain YAML value and raises ValueError with what was
expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tui.config.settings import MOST_STREAMS, THEMES
from tui.errors import UsageError
from tui.model.patterns import cluster_filter

if TYPE_CHECKING:
    from tui.model.views import SavedView


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text")
    return value


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        raise ValueError("expected a list of texts")
    return tuple(map(_text, cast("list[object]", value)))


def _files(value: Any) -> tuple[Path, ...]:
    paths = tuple(Path(part).expanduser() for part in _list(value))
    for path in paths:
        if not path.exists():
            raise ValueError(f"{path} does not exist")
    return paths


def _map(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("expected `name: text` pairs")
    return {_text(key): _text(text) for key, text in cast("dict[object, object]", value).items()}


def _theme(value: Any) -> str:
    name = _text(value)
    if name not in THEMES:
        raise ValueError(f"expected one of {', '.join(THEMES)}")
    return name


def _switch(value: Any) -> bool:
    known = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
    found = known.get(str(value).lower())
    if found is None:
        raise ValueError("expected true or false")
    return found


def _seconds(value: Any) -> float:
    number = _number(value)
    if not 5 <= number <= 3600:
        raise ValueError("expected seconds between 5 and 3600")
    return number


def _minutes(value: Any) -> float:
    number = _number(value)
    if not 0 < number <= 24 * 60:
        raise ValueError("expected minutes above 0 and up to 1440")
    return number


def _patterns(value: Any) -> tuple[str, ...]:
    patterns = _list(value)
    try:
        cluster_filter(patterns)
    except UsageError as error:
        raise ValueError(str(error)) from error
    return patterns


def _share(value: Any) -> float:
    number = _number(value)
    if not 0 < number <= 1:
        raise ValueError("expected a fraction above 0 and up to 1, such as 0.25")
    return number


def _streams(value: Any) -> int:
    number = _number(value)
    if number != int(number) or not 1 <= number <= MOST_STREAMS:
        raise ValueError(f"expected a whole number from 1 to {MOST_STREAMS}")
    return int(number)


FEWEST_LINES, MOST_LINES = 1_000, 5_000_000
LEAST_BYTES, MOST_BYTES = 16 << 20, 16 << 30
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMG]?)(i?)B?", re.IGNORECASE)


def _lines(value: Any) -> int:
    number = _number(value)
    if number != int(number) or not FEWEST_LINES <= number <= MOST_LINES:
        raise ValueError(f"expected a whole number of lines from {FEWEST_LINES:,} to {MOST_LINES:,}")
    return int(number)


def _bytes(value: Any) -> int:
    found = _SIZE.fullmatch(str(value).strip())
    size = 0.0
    if found is not None and not isinstance(value, bool):
        number, unit, binary = found.groups()
        size = float(number) * (1024 if binary else 1000) ** " KMG".index(unit.upper() or " ")
    if not LEAST_BYTES <= size <= MOST_BYTES:
        raise ValueError("expected a size from 16MiB to 16GiB, such as 256MiB or a number of bytes")
    return int(size)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected a number")
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError("expected a number") from error
    if not isfinite(number):
        raise ValueError("expected a number")
    return number


def _views(value: Any) -> dict[str, SavedView]:
    from tui.model.views import parse_views  # with its grammar of paths, for the few who have views of their own

    return parse_views(value)


KEYS: Mapping[str, Callable[[Any], object]] = {
    "projects": _list,
    "subscriptions": _list,
    "kubeconfig": _files,
    "clusters": _list,
    "refresh": _seconds,
    "quota_share": _share,
    "streams": _streams,
    "theme": _theme,
    "keymap": _map,
    "aliases": _map,
    "views": _views,
    "flash": _switch,
    "read_only": _patterns,
    "production": _patterns,
    "write_minutes": _minutes,
    "log_lines": _lines,
    "log_bytes": _bytes,
}
"""What `config.yaml` may hold; the same names upper-cased after `CLUSTERVIEW_` are the variables (`MAPS` excepted)."""
MAPS = frozenset({"keymap", "aliases", "views"})
"""What no variable can say."""
