"""`:logs` with words behind it: the grammar of `clusterview logs`, in which clusters are `@prod-*` and what the pane
filters its lines by comes last, behind a slash, as on every `:` line. Pure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.logask import Asked, LogWords, asked, line_count
from tui.model.logs import LogQuery

VALUED = {
    "-n": "namespace",
    "--namespace": "namespace",
    "-l": "selector",
    "--selector": "selector",
    "-c": "containers",
    "--container": "containers",
    "--tail": "tail",
    "--since": "since",
    "--since-time": "since_time",
    "--until": "until",
}
SWITCHES = {
    "-A": "all_namespaces",
    "--all-namespaces": "all_namespaces",
    "-p": "previous",
    "--previous": "previous",
    "-f": "",  # the pane follows in any case
    "--follow": "",
    "--agents": "agents",
}
_WHEN = frozenset({"", "tail", "since", "since_time", "until", "previous"})
_KEY = r"([a-z0-9][-a-z0-9.]*/)?[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([-\w.]*[A-Za-z0-9])?)?"
_TERM = rf"!{_KEY}|{_KEY}(==?|!=){_VALUE}"
_SELECTOR = re.compile(rf"({_TERM})(,({_TERM}|{_KEY}))*", re.ASCII)
"""Labels, as they may stand behind a kind; whatever else has a `=` in it is a regular expression, as `a(?=b)` is."""
FLAGS = (
    ("-n", "NAMESPACE, or several with commas"),
    ("-A", "all namespaces"),
    ("-l", "LABELS: app=web,tier!=db"),
    ("-c", "CONTAINER; again for another"),
    ("-p", "of the previous run"),
    ("--tail", "N lines of history"),
    ("--since", "only newer than 5s, 2m, 3h"),
    ("--agents", "the connect agents"),
)
"""The flags as they are offered, with what stands behind them."""


class OpenLogs(Struct, frozen=True):
    """Logs to be shown. namespace: None = the one shown now, "" = all. clusters: patterns, () = those shown now.
    filter: of the lines."""

    asked: Asked
    namespace: str | None = None
    clusters: tuple[str, ...] = ()
    filter: str = ""

    def query(self, clusters: Sequence[ClusterRef], namespace: str) -> LogQuery:
        """What is followed. namespace: the one shown now. Raises UsageError."""
        if not clusters:
            raise UsageError("in which cluster? @NAME, or choose one in 1 Fleets")
        where = namespace if self.namespace is None else self.namespace
        if self.asked.workloads and not where:
            raise UsageError(f"{self.asked.workloads[0]}: in which namespace? -n NAMESPACE")
        query = self.asked.query(tuple(clusters), "" if self.asked.agents else where)
        windowed = query.since_seconds is not None or query.since or query.until
        tail = LogQuery(()).tail if query.tail is None and not windowed else query.tail
        return replace(query, follow=True, tail=tail)


def parse_logs(text: str, filtered: str = "") -> OpenLogs:
    """text: what stands behind `:logs`, without the filter. Raises UsageError naming what is wrong."""
    tokens = _tokens(text)
    said = _Said()
    while tokens:
        said.take(tokens)
    words = LogWords(
        what=tuple(said.what),
        selector=",".join(said.selector) if said.on("selector") else None,
        namespace=said.namespace,
        all_namespaces=said.on("all_namespaces"),
        containers=tuple(said.values.get("containers", ())),
        agents=said.on("agents") or said.clusters_alone,
        previous=said.on("previous"),
        tail=_tail(said),
        since=said.last("since"),
        since_time=said.last("since_time"),
        until=said.last("until"),
    )
    namespace = "" if words.all_namespaces else words.namespace
    return OpenLogs(asked(words), namespace, tuple(said.clusters), filtered)


class _Said:
    """The words of a line, by what they are."""

    def __init__(self) -> None:
        self.what: list[str] = []
        self.clusters: list[str] = []
        self.values: dict[str, list[str]] = {}

    def take(self, tokens: list[str]) -> None:
        """The first of `tokens`, with its value. Raises UsageError."""
        token = tokens.pop(0)
        name, equals, value = token.partition("=")
        if token.startswith("@"):
            if len(token) == 1:
                raise UsageError("'@' needs a cluster: a name, a glob, /regex/ or ^not")
            self.clusters.append(token[1:])
        elif token in SWITCHES:
            self.values[SWITCHES[token]] = []
        elif name in VALUED:
            if not equals and not tokens:
                raise UsageError(f"{token} needs a value behind it")
            self.values.setdefault(VALUED[name], []).append(value if equals else tokens.pop(0))
        elif token[:2] in VALUED and len(token) > 2 and not token.startswith("--"):
            self.values.setdefault(VALUED[token[:2]], []).append(token[2:].removeprefix("="))
        elif token.startswith("-"):
            known = " ".join(flag for flag, _ in FLAGS)
            raise UsageError(f"{token}: :logs knows {known}")
        elif _SELECTOR.fullmatch(token):
            self.values.setdefault("selector", []).append(token)  # as behind a kind
        else:
            self.what.append(token)

    @property
    def clusters_alone(self) -> bool:
        """Whether nothing was said but clusters, which have agents, and of when the lines are to be."""
        return bool(self.clusters) and not (self.what or self.values.keys() - _WHEN)

    @property
    def selector(self) -> list[str]:
        return self.values.get("selector", [])

    @property
    def namespace(self) -> str | None:
        return ",".join(self.values["namespace"]) if "namespace" in self.values else None

    def on(self, name: str) -> bool:
        return name in self.values

    def last(self, name: str) -> str:
        return self.values[name][-1] if name in self.values else ""


def _tokens(text: str) -> list[str]:
    """The words, without their quotation marks. A backslash is a part of a regular expression, as behind a shell's
    quotation marks. Raises UsageError."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        return list(lexer)
    except ValueError as error:
        raise UsageError(f":logs {text}: {error}".lower()) from error


def _tail(said: _Said) -> int:
    if not said.on("tail"):
        return -1
    try:
        return line_count(said.last("tail"))
    except UsageError as error:
        raise UsageError(f"--tail {error}") from error
