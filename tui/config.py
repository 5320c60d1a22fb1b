"""Settings: built-in defaults, then `config.yaml`, then `CLUSTERVIEW_*`, then flags; the later one wins.

Without any file it works (design section 9). A wrong file is refused with its name, the line and the key, before
anything is started. Nothing else in the program reads the environment for settings of its own; the variables of
gcloud, az and kubectl are read by the clients that honour them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from msgspec import Struct, field
from msgspec.structs import replace

from tui.errors import UsageError
from tui.model.patterns import cluster_filter
from tui.model.views import SavedView, WrongPlace, parse_views

DEFAULT_REFRESH = 30.0
DEFAULT_QUOTA_SHARE = 0.25
DEFAULT_STREAMS = 5
MOST_STREAMS = 10
"""Exec, attach and port-forward streams that a fleet host project may have open, by everybody together."""
DEFAULT_WRITE_MINUTES = 5.0

THEMES = (
    "dark", "light", "ansi-dark", "ansi-light", "atom-one-dark", "atom-one-light", "catppuccin-frappe",
    "catppuccin-latte", "catppuccin-macchiato", "catppuccin-mocha", "dracula", "flexoki", "gruvbox", "monokai", "nord",
    "rose-pine", "rose-pine-dawn", "rose-pine-moon", "solarized-dark", "solarized-light", "textual-dark",
    "textual-light", "tokyo-night",
)  # fmt: skip
"""Our own two, and Textual's. Written down, since asking Textual would cost every command its import."""


def _texts() -> dict[str, str]:
    return {}


def _views() -> dict[str, SavedView]:
    return {}


class Settings(Struct, frozen=True):
    """All settings, frozen.

    projects: Google Cloud projects whose fleets are shown; () = the one gcloud is set to. subscriptions: Azure
    subscription ids; () = all of the account. kubeconfig: files whose contexts are clusters. context: the context to
    begin with, "" = the file's current one. clusters: patterns (glob, `/regex/`, `^not`) that clusters must match.
    refresh: seconds between two polls. quota_share: fraction of the Connect gateway's 2,400 requests a minute that
    this process may use. streams: how many of the ten exec, attach and port-forward streams of a fleet host project it
    may have open. theme: "dark", "light" or a Textual theme's name. keymap: binding id -> keys. aliases: what
    may be typed after `:` -> what it stands for. read_only: patterns of clusters that are never written to. production:
    patterns of clusters whose name must be typed to confirm a change. write_minutes: how long writing stays unlocked.
    flash: cells that have just changed stand out for a moment. views: lists under names of the user's own.
    verbose: 0, or 1 for debug lines in the log file.
    """

    projects: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    kubeconfig: tuple[Path, ...] = ()
    context: str = ""
    clusters: tuple[str, ...] = ()
    refresh: float = DEFAULT_REFRESH
    quota_share: float = DEFAULT_QUOTA_SHARE
    streams: int = DEFAULT_STREAMS
    theme: str = "dark"
    keymap: Mapping[str, str] = field(default_factory=_texts)
    aliases: Mapping[str, str] = field(default_factory=_texts)
    views: Mapping[str, SavedView] = field(default_factory=_views)
    flash: bool = True
    read_only: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    write_minutes: float = DEFAULT_WRITE_MINUTES
    verbose: int = 0
    config_file: Path | None = None


def config_path(environ: Mapping[str, str]) -> Path:
    """Where `config.yaml` is looked for (XDG Base Directory Specification)."""
    return _xdg(environ, "XDG_CONFIG_HOME", ".config") / "config.yaml"


def state_dir(environ: Mapping[str, str]) -> Path:
    """Where the log file and the journal live. Not created here."""
    return _xdg(environ, "XDG_STATE_HOME", ".local/state")


def cache_dir(environ: Mapping[str, str]) -> Path:
    """Where what may be deleted at any time lives. Not created here."""
    return _xdg(environ, "XDG_CACHE_HOME", ".cache")


def _xdg(environ: Mapping[str, str], variable: str, fallback: str) -> Path:
    given = environ.get(variable, "")
    # The specification says that a relative path must be ignored.
    base = Path(given) if given.startswith("/") else _home(environ) / fallback
    return base / "clusterview"


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def load_settings(
    environ: Mapping[str, str], flags: Mapping[str, object] | None = None, config_file: Path | None = None
) -> Settings:
    """The settings in force. flags: field name -> value given on the command line (None = not given).

    Raises UsageError naming the file, line and key, or the variable, that is wrong.
    """
    path = config_file or (Path(environ["CLUSTERVIEW_CONFIG"]) if environ.get("CLUSTERVIEW_CONFIG") else None)
    settings = Settings(kubeconfig=_default_kubeconfig(environ))
    if path is not None and not path.is_file():
        raise UsageError(f"the configuration file {path} does not exist")
    path = path or config_path(environ)
    if path.is_file():
        settings = replace(settings, config_file=path, **_from_file(path))
    settings = replace(settings, **_from_environment(environ))
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    return replace(settings, **given) if given else settings


def _default_kubeconfig(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """kubectl's rule: every path of $KUBECONFIG, else ~/.kube/config."""
    listed = [part for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return tuple(map(Path, listed)) if listed else (_home(environ) / ".kube" / "config",)


# One parser per key; each takes a plain YAML value and raises ValueError with what was expected.


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


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected a number")
    try:
        return float(value)
    except ValueError as error:
        raise ValueError("expected a number") from error


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
    "views": parse_views,
    "flash": _switch,
    "read_only": _patterns,
    "production": _patterns,
    "write_minutes": _minutes,
}
"""What `config.yaml` may hold; the same names upper-cased after `CLUSTERVIEW_` are the variables (maps excepted)."""


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, parse in KEYS.items():
        variable = f"CLUSTERVIEW_{key.upper()}"
        if variable not in environ or parse in (_map, parse_views):
            continue
        try:
            found[key] = parse(environ[variable])
        except ValueError as error:
            raise UsageError(f"{variable}={environ[variable]!r}: {error}") from error
    return found


def _from_file(path: Path) -> dict[str, Any]:
    import yaml  # 19 ms, and only where there is a file

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as stream:
            node = yaml.compose(stream, Loader=loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise UsageError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path}:1: expected `key: value` lines")
    found: dict[str, Any] = {}
    construct = cast("Callable[..., object]", yaml.SafeLoader("").construct_object)  # pyright: ignore[reportUnknownMemberType]
    for key_node, value_node in node.value:
        key, line = str(key_node.value), value_node.start_mark.line + 1
        parse = KEYS.get(key)
        if parse is None:
            raise UsageError(f"{path}:{line}: unknown key {key!r}; known keys: {', '.join(KEYS)}")
        try:
            found[key] = parse(construct(value_node, deep=True))
        except WrongPlace as error:
            where = ".".join(map(str, (key, *error.keys)))
            raise UsageError(f"{path}:{_line_of(value_node, error.keys)}: {where}: {error}") from error
        except ValueError as error:
            raise UsageError(f"{path}:{line}: {key}: {error}") from error
    return found


def _line_of(node: Any, keys: Sequence[str | int]) -> int:
    """The line of what is inside a node, as near as it can be found."""
    for key in keys:
        held = cast("list[Any]", node.value) if isinstance(node.value, list) else []
        if isinstance(key, int):
            inside: list[Any] = held[key : key + 1]
        else:
            inside = [pair[1] for pair in held if isinstance(pair, tuple) and str(cast("Any", pair[0]).value) == key]
        if not inside:
            break
        node = inside[0]
    return int(node.start_mark.line) + 1
