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

from msgspec.structs import replace

from tui.config.places import config_path, home
from tui.config.settings import Settings
from tui.config.values import KEYS, MAPS
from tui.errors import UsageError


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
    return tuple(map(Path, listed)) if listed else (home(environ) / ".kube" / "config",)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, parse in KEYS.items():
        variable = f"CLUSTERVIEW_{key.upper()}"
        if variable not in environ or key in MAPS:
            continue
        try:
            found[key] = parse(environ[variable])
        except ValueError as error:
            raise UsageError(f"{variable}={environ[variable]!r}: {error}") from error
    return found


def _from_file(path: Path) -> dict[str, Any]:
    import yaml  # 19 ms, and only where there is a file

    from tui.model.views import WrongPlace

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
