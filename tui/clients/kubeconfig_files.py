"""kubeconfig files, read and merged by kubectl's rules without the cost of its libraries.

The kubernetes package costs 300 ms to import and its loader parses with the slow YAML reader; to know which contexts
there are, the first frame's completion needs neither. The rules are client-go's (tools/clientcmd): the first file that
names an entry wins, so does the first that sets current-context; a file that is not there is skipped; relative paths
mean the folder of the file they stand in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import yaml
from msgspec import Struct, field

from tui.clients.json_fields import JsonObject, as_object, child, children, text
from tui.clients.unspoken import Unspoken
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.addresses import gateway_at, named_project, names_at

_CLUSTER_PATHS = ("certificate-authority",)
_USER_PATHS = ("client-certificate", "client-key", "tokenFile")


class Entry(Unspoken, frozen=True):
    """One named entry, its paths made absolute. file: where it stands."""

    name: str
    value: JsonObject
    file: str


class Kubeconfig(Struct, frozen=True):
    """All files together."""

    current: str = ""
    contexts: dict[str, Entry] = field(default_factory=dict[str, Entry])
    clusters: dict[str, Entry] = field(default_factory=dict[str, Entry])
    users: dict[str, Entry] = field(default_factory=dict[str, Entry])
    files: tuple[str, ...] = ()


class Contexts(Struct, frozen=True):
    """names: in the files' order. current: "" where none is set, or where it names none of them. lead_to: by context,
    what the cluster it leads to goes by. quotas: what those count on that lead to a Connect gateway.
    called: by quota, the id that the name of an entry has for the project (`named_project`)."""

    names: tuple[str, ...] = ()
    current: str = ""
    lead_to: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    quotas: dict[str, str] = field(default_factory=dict[str, str])
    called: dict[str, str] = field(default_factory=dict[str, str])


def contexts(paths: Sequence[Path]) -> Contexts:
    """The contexts of `paths` together. Raises SourceError (INVALID) naming the file and line that cannot be read."""
    merged = read_kubeconfig(paths)
    current = merged.current if merged.current in merged.contexts else ""
    lead_to: dict[str, frozenset[str]] = {}
    quotas: dict[str, str] = {}
    called: dict[str, str] = {}
    for name, context in merged.contexts.items():
        cluster = merged.clusters.get(text(context.value, "cluster"))
        server = text(cluster.value, "server") if cluster is not None else ""
        lead_to[name] = names_at(server, cluster.name) if cluster is not None else frozenset()
        place = gateway_at(server)
        if place is not None and cluster is not None:
            quotas[name] = place.quota
            if told := named_project(place, cluster.name, name):
                called.setdefault(place.quota, told)
    return Contexts(tuple(merged.contexts), current, lead_to, quotas, called)


def read_kubeconfig(paths: Sequence[Path]) -> Kubeconfig:
    """`paths` merged. Raises SourceError (INVALID) naming the file and line that cannot be read."""
    documents = [(path, document) for path in paths if (document := _read(path.expanduser())) is not None]
    return merge([(str(path), path.parent, document) for path, document in documents])


def merge(documents: Sequence[tuple[str, Path, JsonObject]]) -> Kubeconfig:
    """Documents with their names and the folders their relative paths mean, merged."""
    current = ""
    contexts: dict[str, Entry] = {}
    clusters: dict[str, Entry] = {}
    users: dict[str, Entry] = {}
    for name, folder, document in documents:
        current = current or text(document, "current-context")
        for section, kind, found in (
            ("contexts", "context", contexts),
            ("clusters", "cluster", clusters),
            ("users", "user", users),
        ):
            for item in children(document, section):
                entry = text(item, "name")
                value = _resolved(kind, child(item, kind), folder.absolute())
                found.setdefault(entry, Entry(entry, value, name))
    return Kubeconfig(current, contexts, clusters, users, tuple(name for name, _, _ in documents))


def _read(path: Path) -> JsonObject | None:
    """The document in `path`; None where there is no such file or nothing in it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise unreadable(str(path), exc.strerror or str(exc)) from exc
    return parse(content, str(path))


def parse(content: bytes, name: str) -> JsonObject | None:
    """The document in `content`. Raises SourceError (INVALID)."""
    try:
        loaded = cast("Any", yaml).load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as exc:
        line = f" line {exc.problem_mark.line + 1}" if exc.problem_mark is not None else ""
        raise unreadable(f"{name}{line}", exc.problem or "not YAML") from exc
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as exc:
        raise unreadable(name, "not YAML") from exc
    if loaded is None:
        return None
    document = as_object(loaded)
    if document is None:
        raise unreadable(name, "no kubeconfig: the document is no mapping")
    return document


def unreadable(place: str, why: str) -> SourceError:
    """The error of a kubeconfig that cannot be used; `place` names the file, and the line or entry."""
    return SourceError(Problem(ProblemKind.INVALID, f"kubeconfig {place}: {why}", target=place))


def _resolved(kind: str, value: JsonObject, folder: Path) -> JsonObject:
    """`value` with its relative paths made absolute."""
    made = dict(value)
    for key in _CLUSTER_PATHS if kind == "cluster" else _USER_PATHS if kind == "user" else ():
        if text(value, key):
            made[key] = str(folder / Path(text(value, key)).expanduser())
    command = text(value, "exec", "command")
    if kind == "user" and "/" in command:  # a bare name is looked for on PATH
        made["exec"] = child(value, "exec") | {"command": str(folder / command)}
    return made
