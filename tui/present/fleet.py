"""Rows of the Fleets pane: memberships, and every other cluster that can be reached, in one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tui.model.cluster import AgentHealth, ClusterRef, Reach, Via
from tui.model.connection import AksCluster
from tui.model.feed import Feed, FeedState
from tui.model.fleet import FleetMember, Membership
from tui.present.ages import age
from tui.present.clean import clean
from tui.present.columns import ColumnSpec
from tui.present.parts import Cell, count

COLUMNS = (
    ColumnSpec("NAME", 0, min=16, max=32, flexible=True, middle=True),
    ColumnSpec("PROJECT", 5, max=30),
    ColumnSpec("KIND", 3, min=7),
    ColumnSpec("LOCATION", 7, max=24),
    ColumnSpec("VERSION", 4, max=14),
    ColumnSpec("STATE", 6, max=14),
    ColumnSpec("REACH", 0, min=8, max=10),
    ColumnSpec("AGENT", 1, min=5, max=10),
    ColumnSpec("CONTACT", 2, min=7, max=9),
)

SLOW = 0.5
"""Seconds from which an answer to GET /version is shown as slow: a key press that waits this long is felt."""
CONTACT_LATE = 15 * 60
"""Seconds: GKE Hub refreshes lastConnectionTime "every several minutes" (facts: GKE Hub v1), so less is no sign."""

NONE = ("–", "dim")


class FleetEntry(Struct, frozen=True):
    """One row: a cluster, and what is known of it once it has been looked at."""

    cluster: ClusterRef
    member: FleetMember | None = None

    @property
    def membership(self) -> Membership | None:
        return self.member.membership if self.member else None

    @property
    def aks(self) -> AksCluster | None:
        return self.member.aks if self.member else None

    @property
    def labels(self) -> Mapping[str, str]:
        return self.membership.labels if self.membership else {}


def entries(members: Sequence[FleetMember], clusters: Sequence[ClusterRef]) -> list[FleetEntry]:
    """The rows as the data layer orders them, then the clusters that it has not come to yet."""
    known = {member.cluster.key for member in members}
    listed = [FleetEntry(member.cluster, member) for member in members]
    return listed + [FleetEntry(cluster) for cluster in clusters if cluster.key not in known]


def counted(rows: Sequence[FleetEntry]) -> str:
    """ "12 memberships", "12 memberships, 3 AKS, 1 context"."""
    aks = sum(row.cluster.via is Via.AKS for row in rows)
    contexts = sum(row.cluster.via is Via.CONTEXT for row in rows)
    members = len(rows) - aks - contexts
    said = [count(members, "membership")] if members or not rows else []
    return ", ".join(said + ([f"{aks} AKS"] if aks else []) + ([count(contexts, "context")] if contexts else []))


def cells(entry: FleetEntry, now: float, as_of: float | None = None) -> tuple[Cell, ...]:
    """In the order of `COLUMNS`. as_of: when the list was last confirmed, if that is not now."""
    member, held = entry.member, entry.membership
    if member is None or held is None:
        return _without_membership(entry, now)
    return (
        clean(entry.cluster.name, 80),
        clean(held.project, 80),
        (held.kind.value, "dim"),
        (clean(held.location, 80), "dim"),
        version(member),
        state(held.state),
        reach(member.reach, now),
        agent(member.agent, now) if held.uses_agent else NONE,
        contact(held.last_connection, now, as_of) if held.uses_agent else NONE,
    )


def _without_membership(entry: FleetEntry, now: float) -> tuple[Cell, ...]:
    """An AKS cluster, a kubeconfig context, or a cluster that is not known better yet."""
    member, aks = entry.member, entry.aks
    kind = "AKS" if entry.cluster.via is Via.AKS else entry.cluster.via.value
    reached = ("…", "dim") if member is None else reach(member.reach, now)
    return (
        clean(entry.cluster.name, 80),
        NONE,
        (kind, "dim"),
        (clean(aks.location, 80) or "–", "dim") if aks is not None else NONE,
        version(member) if member is not None else NONE,
        power(aks) if aks is not None else NONE,
        ("stopped", "dim") if aks is not None and aks.stopped else reached,
        NONE,
        NONE,
    )


def version(member: FleetMember) -> str:
    """What the cluster itself said if it was asked, else what its cloud knows; "1.33.4" of "v1.33.4-gke.1036000"."""
    known = member.membership.version if member.membership else member.aks.version if member.aks else ""
    said = (member.reach.value.version if member.reach.value else "") or known
    return clean(said, 80).removeprefix("v").split("-", 1)[0].split("+", 1)[0] or "–"


def power(aks: AksCluster) -> Cell:
    """ "Running" is quiet; "! Stopped", "× Failed", "! Upgrading" are not: ARM's words, and free text by contract."""
    provisioning, on = clean(aks.provisioning_state, 40), clean(aks.power_state, 40)
    if aks.stopped:
        return (f"! {on}", "warn")
    if provisioning.lower() in {"", "succeeded"}:
        return (on or provisioning or "–", "dim")
    return (
        (f"× {provisioning}", "bad")
        if provisioning.lower() in {"failed", "canceled"}
        else (f"! {provisioning}", "warn")
    )


def state(code: str) -> Cell:
    """The membership's own state; READY means registered, so it is good news about nothing and stays quiet."""
    text = clean(code, 40) or "–"
    return (text, "dim" if text in {"READY", "–"} else "bad" if text == "DELETING" else "warn")


def reach(feed: Feed[Reach], now: float) -> Cell:
    """ "41 ms", "! 812 ms" when slow, "× IAM" naming the layer that refused, "○ 41 ms" when that is old news."""
    shown = feed.state(now)
    if shown is FeedState.LOADING:
        return ("…", "dim")
    if feed.value is None:
        return ("× ?", "bad")
    if feed.value.latency is None or feed.value.problem is not None:
        text: tuple[str, str] = (f"× {feed.value.layer or 'net'}", "bad")
    elif feed.value.latency >= SLOW:
        text = (f"! {milliseconds(feed.value.latency)}", "warn")
    else:
        text = (milliseconds(feed.value.latency), "good")
    return (f"○ {text[0]}", "dim") if shown is FeedState.STALE else text


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 9.9995 else f"{seconds:.0f} s"


def agent(feed: Feed[AgentHealth], now: float) -> Cell:
    """Ready pods of all: "2/2", "! 1/2", "× 0/2", "× none"; "○" in front when stale, "?" when it cannot be seen."""
    shown = feed.state(now)
    if shown is FeedState.LOADING:
        return ("…", "dim")
    health = feed.value
    if health is None:
        return ("?", "warn")
    ratio = f"{health.ready}/{health.total}"
    if health.total == 0:
        text: tuple[str, str] = ("× none", "bad")
    elif health.ready == 0:
        text = (f"× {ratio}", "bad")
    elif health.ready < health.total:
        text = (f"! {ratio}", "warn")
    else:
        text = (ratio, "good")
    return (f"○ {text[0]}", "dim") if shown is FeedState.STALE else text


def contact(at: float | None, now: float, as_of: float | None = None) -> Cell:
    """Age of the agent's last contact with Google. Whether it is late is judged by when that was last asked: while the
    list is stale, it is we who have heard nothing."""
    if at is None:
        return ("never", "bad")
    passed = max(0.0, now - at)
    late = (now if as_of is None else as_of) - at > CONTACT_LATE
    return (f"! {age(passed)}", "warn") if late else age(passed)
