"""Everything known of one row, for reading: its fields, its failures in the server's own words, and the commands."""

from __future__ import annotations

from shlex import quote
from typing import Any

from msgspec import Struct

from tui.model.cluster import AgentHealth, ClusterRef, Reach, Via
from tui.model.connection import Connection
from tui.model.feed import Feed
from tui.model.kube import ResourceView
from tui.present.ages import age, timestamp
from tui.present.clean import clean
from tui.present.fleet import FleetEntry
from tui.present.parts import count
from tui.present.problems import Line, explanation
from tui.present.states import feed_status

HEADING = "heading"
ROADS = {Via.GATEWAY: "through the gateway", Via.AKS: "with AKS credentials", Via.CONTEXT: "by the kubeconfig"}
OPERATOR_GONE = "none now, as it should be: the job runs on each change and removes itself"
NO_AGENT = "none: the connect agent does not run"


class Details(Struct, frozen=True):
    """A titled list of lines. What `c` copies is `copy`."""

    title: str
    lines: tuple[Line, ...]

    @property
    def copy(self) -> str:
        """The commands to run, one a line; the whole text where there are none."""
        commands = [line.text for line in self.lines if line.copyable]
        return "\n".join(dict.fromkeys(commands)) or "\n".join(
            f"{line.label} {line.text}".strip() for line in self.lines
        )


def heading(text: str) -> Line:
    return Line(text, HEADING)


def fields(*pairs: tuple[str, str]) -> list[Line]:
    """Labelled values; empty ones are left out."""
    return [Line(clean(value), "", label) for label, value in pairs if value]


def of_feed(title: str, feed: Feed[Any], now: float) -> list[Line]:
    """What stands in the way of a feed: its problem and its gaps, each explained. Nothing when all is well."""
    if feed.problem is None and not feed.gaps:
        return []
    lines = [heading(title)]
    if feed.problem is not None:
        lines.extend(explanation(feed.problem, now, feed.retry_at))
        if feed.as_of is not None:
            lines.append(Line(f"{timestamp(feed.as_of)}, {age(now - feed.as_of)} ago", "dim", "last good"))
    for gap in feed.gaps:
        lines.append(Line(f"not seen: {clean(gap.who, 200)}", "warn"))
        lines.extend(explanation(gap.problem, now))
    return lines


def of_entry(entry: FleetEntry, now: float) -> Details:
    """A cluster of the Fleets pane; what is wrong with it comes first."""
    member, held = entry.member, entry.membership
    if member is None or held is None:
        reached = _reach(member.reach, now, entry.cluster.via) if member is not None else []
        return Details(clean(entry.cluster.name, 80), (*reached, *of_cluster(entry)))
    lines = _reach(member.reach, now, entry.cluster.via)
    if held.uses_agent:
        lines += _pods("Connect agent", member.agent, now, NO_AGENT)
    lines.append(heading("Membership"))
    lines += fields(
        ("name", held.name),
        ("kind", held.kind.value),
        ("state", f"{held.state} (registered; says nothing of reachability)" if held.state == "READY" else held.state),
        ("version", held.version),
        ("nodes", "" if held.node_count is None else str(held.node_count)),
        ("last contact", _when(held.last_connection, now) or ("never" if held.uses_agent else "")),
        ("created", _when(held.created, now)),
        ("updated", _when(held.updated, now)),
        ("description", held.description),
        ("resource", held.resource_link),
        ("external id", held.external_id),
        ("unique id", held.unique_id),
        ("cluster", "its cloud no longer knows this cluster" if held.cluster_missing else ""),
        ("labels", ", ".join(f"{key}={value}" for key, value in sorted(held.labels.items()))),
    )
    lines += [heading("The same by hand"), *(Line(text, "accent", "", True) for text in gateway_commands(held.name))]
    return Details(clean(entry.cluster.name, 80), tuple(lines))


def of_cluster(entry: FleetEntry) -> list[Line]:
    """A cluster without a membership: what ARM says of it, or the name of its context."""
    cluster, aks = entry.cluster, entry.aks
    if aks is not None:
        shown = f"--resource-group {clean(aks.resource_group, 90)} --name {clean(aks.name, 80)}"
        shown += f" --subscription {clean(aks.subscription, 40)}"
        pairs = (
            ("state", ", ".join(text for text in (aks.provisioning_state, aks.power_state) if text)),
            ("version", aks.version),
            ("location", aks.location),
            ("group", aks.resource_group),
            ("subscription", aks.subscription),
            ("API server", "private" if aks.private else ""),
            ("local accounts", "disabled" if aks.local_accounts_disabled else ""),
            ("workload identity", "enabled" if aks.workload_identity else "off"),
            ("id", aks.id),
        )
        commands = [f"az aks {verb} {shown}" for verb in ("show", "get-credentials")]
    else:
        name = cluster.key.removeprefix("context:") if cluster.via is Via.CONTEXT else ""
        pairs = (("reached", f"via {cluster.via.value}"), ("key", cluster.key))
        commands = [f"kubectl --context {quote(clean(name, 120))} version"] if name else []
    by_hand = [heading("The same by hand"), *(Line(text, "accent", "", True) for text in commands)] if commands else []
    return [heading("Cluster"), *fields(*pairs), *by_hand]


def _when(at: float | None, now: float) -> str:
    return "" if at is None else f"{timestamp(at)}, {age(now - at)} ago"


def _reach(feed: Feed[Reach], now: float, via: Via) -> list[Line]:
    lines = [heading(f"Reachability {ROADS[via]}"), _status(feed, now)]
    value = feed.value
    if value is not None:
        if value.latency is not None:
            lines += fields(("answered in", f"{value.latency * 1000:.0f} ms"), ("server version", value.version))
        if value.problem is not None:
            lines += [*fields(("refused by", value.layer)), *explanation(value.problem, now)]
    return lines + of_feed("The last probe", feed, now)


def _pods(title: str, feed: Feed[AgentHealth], now: float, none: str) -> list[Line]:
    """none: what it means that there are no pods."""
    lines = [heading(title), _status(feed, now)]
    value = feed.value
    if value is not None and not value.total:
        lines += fields(("pods", none))
    elif value is not None:
        lines += fields(("ready", f"{value.ready} of {count(value.total, 'pod')}"), ("restarts", str(value.restarts)))
        lines += [Line(clean(trouble), "warn", "trouble") for trouble in value.troubles]
    return lines + of_feed("The last look", feed, now)


def _status(feed: Feed[Any], now: float) -> Line:
    status = feed_status(feed, now)
    return Line(" · ".join(part.text for part in status.parts() if part.text), "dim", "known")


def gateway_commands(name: str) -> list[str]:
    """What a person would type for a membership `projects/P/locations/L/memberships/ID`."""
    parts = name.split("/")
    if len(parts) != 6:
        return []
    where = f"{clean(parts[5], 80)} --location={clean(parts[3], 80)} --project={clean(parts[1], 80)}"
    return [
        f"gcloud container fleet memberships describe {where}",
        f"gcloud container fleet memberships get-credentials {where}",
    ]


def of_connection(connection: Connection, now: float) -> Details:
    """A row of the Connections pane; what is wrong with it comes first."""
    linker, aks = connection.linker, connection.aks
    lines = [*_extension(connection, now), *_objects(connection, now)]
    lines += _pods("Operator (sc-system)", connection.operator, now, OPERATOR_GONE)
    lines.append(heading("Connection"))
    lines += fields(
        ("cluster", aks.name),
        ("resource group", aks.resource_group),
        ("subscription", aks.subscription),
        ("target", linker.target_type),
        ("target id", linker.target_id),
        ("authentication", linker.auth_type or "none (opted out)"),
        ("client id", linker.client_id),
        ("client type", linker.client_type),
        ("namespace", linker.namespace),
        ("CSI driver", "yes" if linker.csi else ""),
        ("state", linker.provisioning_state),
        ("id", linker.id),
    )
    shown = f"--connection {clean(linker.name, 80)} -g {clean(aks.resource_group, 90)} -n {clean(aks.name, 80)}"
    lines += [heading("The same by hand"), Line(f"az aks connection show {shown}", "accent", "", True)]
    return Details(clean(linker.name, 80), tuple(lines))


def _extension(connection: Connection, now: float) -> list[Line]:
    feed = connection.extension
    lines = [heading("Extension"), _status(feed, now)]
    value = feed.value
    if value is not None:
        lines += fields(
            ("name", value.name),
            ("type", value.extension_type),
            ("state", value.provisioning_state),
            ("version", f"{value.version} ({value.release_train})" if value.release_train else value.version),
            ("upgrades", "by itself" if value.auto_upgrade else "by hand"),
        )
        for status in value.statuses:
            style = "bad" if status.level.lower() == "error" else "warn" if status.level.lower() == "warning" else ""
            lines.append(Line(clean(f"{status.code}: {status.message}"), style, status.level.lower()[:12] or "status"))
    return lines + of_feed("The last look at the extension", feed, now)


def _objects(connection: Connection, now: float) -> list[Line]:
    feed = connection.objects
    lines = [heading("Kubernetes objects it should have made"), _status(feed, now)]
    words = {True: ("present", "good"), False: ("× missing", "bad"), None: ("not known", "dim")}
    for thing in feed.value or ():
        said, style = words[thing.present]
        lines.append(
            Line(f"{clean(thing.namespace, 80)}/{clean(thing.name, 200)}  {said}", style, clean(thing.kind, 30))
        )
    return lines + of_feed("The last look at the objects", feed, now)


def context_name(cluster: ClusterRef) -> str:
    """`connectgateway_P_L_ID` as `memberships get-credentials` writes it; the cluster's own name for AKS."""
    parts = cluster.key.split("/")
    if cluster.via is Via.GATEWAY and len(parts) == 6:
        return clean(f"connectgateway_{parts[1]}_{parts[3]}_{parts[5]}", 200)
    return clean(cluster.key.removeprefix("context:") if cluster.via is Via.CONTEXT else cluster.name, 200)


def of_view(title: str, feed: Feed[ResourceView], now: float) -> Details:
    """A list as a whole: each cluster's state, and what stands in the way."""
    lines: list[Line] = []
    for part in feed.value.parts if feed.value is not None else ():
        lines += [heading(clean(part.cluster.name, 80)), _status(part.feed, now)]
        lines += of_feed("What failed", part.feed, now)
    return Details(title, (*lines, *of_feed("The list", feed, now)))
