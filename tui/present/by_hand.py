"""What a person would type for what a screen shows: the kubectl, gcloud and az commands, one place for all panes.

Everything is quoted for a POSIX shell: names come from servers, and the commands are there to be copied.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from tui.data.finding import wanted
from tui.model.changes import Entry, Plan
from tui.model.cluster import ClusterRef, Via
from tui.model.connection import Connection
from tui.model.fleet import Membership
from tui.model.kube import ResourceQuery
from tui.model.logs import LogQuery, LogSource
from tui.model.objects import ObjectRef
from tui.model.streams import ForwardEntry
from tui.present.clean import clean
from tui.present.details import Details, context_name, gateway_commands, heading
from tui.present.loglook import EVERYTHING
from tui.present.problems import Line

LONGEST = 1_000_000
"""Characters of a command, which is copied whole or not at all."""
TITLE = "The same by hand"
NOW = "The object as it is now"
LISTED, ROW, OBJECT, ONCE = "The list", "The row", "The object", "Once, for the kubeconfig contexts"


def _word(text: str) -> str:
    """One word of a shell command, whatever the server called it."""
    return shlex.quote(clean(text, 400))


def _kubectl(cluster: ClusterRef, *words: str) -> str:
    return " ".join(_word(word) for word in ("kubectl", "--context", context_name(cluster), *words) if word)


def credentials(cluster: ClusterRef) -> str:
    """What writes the kubeconfig context that the other commands name; "" where it is there already."""
    parts = cluster.key.split("/")
    if cluster.via is Via.GATEWAY:
        return (gateway_commands(cluster.key) or [""])[-1]
    if cluster.via is Via.AKS and len(parts) == 9:
        return f"az aks get-credentials --subscription {_word(parts[2])} -g {_word(parts[4])} -n {_word(parts[8])}"
    return ""


def list_lines(query: ResourceQuery, kind: str) -> list[Line]:
    """One command for each cluster and namespace. kind: as discovery names it, where that is known."""
    labels = ("-l", query.labels) if query.labels else ()
    fields = ("--field-selector", query.fields) if query.fields else ()

    def said(cluster: ClusterRef, where: tuple[str, ...]) -> str:
        if query.find:
            return _finding(cluster, query.find, where, labels)
        if query.since:  # kubectl knows no more of what has been than the events tell
            return _kubectl(cluster, "get", "events", *where, "--sort-by", ".metadata.creationTimestamp")
        return _kubectl(cluster, "get", kind, *where, *labels, *fields)

    return commands(LISTED, (said(one, where) for one in query.clusters for where in _namespaces(query.namespace)))


def _namespaces(chosen: str) -> list[tuple[str, ...]]:
    """The options of one command each, since kubectl takes one namespace at a time. chosen: as in `ResourceQuery`."""
    return [("-n", name) for name in chosen.split(",") if name] or [("-A",)]


def _finding(cluster: ClusterRef, name: str, where: tuple[str, ...], labels: tuple[str, ...]) -> str:
    """Every kind that can be listed (or those that were asked for), one after the other, and of it what is named so."""
    named = wanted(name)
    scope = ("--namespaced",) if "-n" in where else ()
    asked = (named.kinds,) if named.kinds else ()
    columns = "custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name"
    listed = _kubectl(cluster, "get", *asked, *where, *labels, "--ignore-not-found", "--no-headers", "-o", columns)
    if not asked:
        listed = f"{_kubectl(cluster, 'api-resources', '--verbs=list', *scope, '-o', 'name')} | xargs -n 1 {listed}"
    return f"{listed} | grep -iE -- {_word(_pattern(named.name))}"


def _pattern(name: str) -> str:
    """What a name holds, or the glob that it matches (as `:find` reads it), as a regular expression for the last
    column of a line."""
    if not any(sign in name for sign in "*?["):
        return f"{_literal(name)}[^ ]*$"
    signs = {"*": "[^ ]*", "?": "[^ ]", "[": "[", "]": "]", "!": "^"}
    return f" {''.join(signs.get(sign) or _literal(sign) for sign in name)}$"


def _literal(text: str) -> str:
    return "".join(f"\\{sign}" if sign in ".^$*+?()[]{}|\\" else sign for sign in text)


def object_lines(ref: ObjectRef, first: int = 0) -> list[Line]:
    """Described, whole, and its events. first: the place of the one that comes before the others."""
    kind = ref.kind.qualified
    where = ("-n", ref.namespace) if ref.namespace else ()
    events = f"involvedObject.name={ref.name},involvedObject.kind={ref.kind.kind}"
    said = [
        _kubectl(ref.cluster, "describe", kind, ref.name, *where),
        _kubectl(ref.cluster, "get", kind, ref.name, *where, "-o", "yaml"),
        _kubectl(ref.cluster, "get", "events", *(where or ("-A",)), "--field-selector", events),
    ]
    return commands(OBJECT, (said.pop(first), *said))


def compare_lines(first: ObjectRef, second: ObjectRef) -> list[Line]:
    """Both objects through diff, by the process substitution of bash, zsh and ksh."""
    read = [
        _kubectl(one.cluster, "get", one.kind.qualified, one.name, *_within(one), "-o", "yaml")
        for one in (first, second)
    ]
    given = " ".join(f"<({command})" for command in read)
    lines = commands("The difference", (f"diff -u {given}", f"diff -y -W 160 --suppress-common-lines {given}"))
    return [*lines, Line("In bash, zsh and ksh. What differs by nature, such as uid and status, is in it.", "dim")]


def _within(ref: ObjectRef) -> tuple[str, ...]:
    return ("-n", ref.namespace) if ref.namespace else ()


def log_lines(query: LogQuery, sources: Sequence[LogSource]) -> list[Line]:
    """One command for each stream; by what was asked for where none is open yet."""
    how = (*_beginning(query), "--timestamps", "-p" if query.previous else "-f")
    if sources:
        said = [
            _kubectl(one.cluster, "logs", "-n", one.namespace, one.pod, "-c", one.container, *how) for one in sources
        ]
        return commands("The streams", said)
    said = (
        _kubectl(pick.cluster, "logs", *where, *what, *how)
        for cluster in query.clusters
        for pick in query.of(cluster)
        for where in (_namespaces(pick.namespace) if pick.namespace else [()])
        for what in ([("-l", pick.labels)] if pick.labels else [(one,) for one in pick.pods or pick.workloads])
    )
    return commands("The streams", said)


def _beginning(query: LogQuery) -> list[str]:
    """Flags for where the lines begin; kubectl says -1 for all."""
    flags = [f"--tail={-1 if query.tail in (None, EVERYTHING) else query.tail}"]
    return [*flags, f"--since={query.since_seconds}s"] if query.since_seconds is not None else flags


def fleet_lines(membership: Membership | None) -> list[Line]:
    """The fleet as a list, and the membership under the cursor."""
    project = f" --project={_word(membership.project)}" if membership is not None else ""
    listed = commands(LISTED, [f"gcloud container fleet memberships list{project}"])
    return [*listed, *commands(ROW, gateway_commands(membership.name) if membership is not None else [])]


def connection_lines(connection: Connection | None) -> list[Line]:
    """The connections of the cluster under the cursor, the one under it, and the extension behind them."""
    if connection is None:
        return []
    aks = connection.aks
    where = f"-g {_word(aks.resource_group)} -n {_word(aks.name)} --subscription {_word(aks.subscription)}"
    return [
        *commands(LISTED, [f"az aks connection list {where}"]),
        *commands(
            ROW,
            [
                f"az aks connection show --connection {_word(connection.linker.name)} {where}",
                f"az k8s-extension list -g {_word(aks.resource_group)} -c {_word(aks.name)} -t managedClusters "
                f"--subscription {_word(aks.subscription)}",
            ],
        ),
    ]


def plan_lines(plan: Plan) -> list[Line]:
    """A change, as kubectl would make it."""
    lines = [clean(line, LONGEST) for text in plan.commands for line in text.split("\n")]
    return [heading("The change"), *(Line(line, "accent", "", True) for line in lines)] if lines else []


def entry_lines(entry: Entry) -> list[Line]:
    """What an entry of the journal was about, as it is now. Where it does not say where the object is, there is no
    command: the name of a cluster need not be that of a context, nor a bare kind one of its group."""
    ref = entry.target
    if ref is None:
        return [heading(NOW), Line("The entry is an older one, which does not say by which context to ask.", "dim")]
    where = ("-n", ref.namespace) if ref.namespace else ()
    shown = ("-o", "yaml", "--show-managed-fields")
    return commands(NOW, [_kubectl(ref.cluster, "get", ref.kind.qualified, ref.name, *where, *shown)])


def forward_lines(entry: ForwardEntry) -> list[Line]:
    """kubectl's own port-forward, which ends with its pod. A port that is any free one for us is so for it."""
    target = entry.target
    pairs = (f"{pair.local or ''}:{pair.remote}" for pair in entry.pairs)
    return commands(
        "The port-forward", [_kubectl(target.cluster, "port-forward", "-n", target.namespace, target.title, *pairs)]
    )


def page(lines: Iterable[Line], clusters: Iterable[ClusterRef] = ()) -> Details:
    """For the reader. clusters: those whose contexts the commands name."""
    return Details(TITLE, (*lines, *commands(ONCE, filter(None, map(credentials, dict.fromkeys(clusters))))))


def commands(title: str, said: Iterable[str]) -> list[Line]:
    """Under a heading, each once, ready to be copied; nothing where there are none."""
    lines = [Line(command, "accent", "", True) for command in dict.fromkeys(said)]
    return [heading(title), *lines] if lines else []
