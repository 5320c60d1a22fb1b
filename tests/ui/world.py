"""A small world for the screens: two GKE clusters, plants with agents, two AKS clusters, pods and agent logs."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from tests.ui.fake import FakeHub
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind
from tui.model.cluster import AgentHealth, ClusterRef, Reach, Via
from tui.model.connection import AksCluster, Connection, ExpectedObject, Extension, ExtensionStatus, Linker
from tui.model.feed import Feed
from tui.model.fleet import FleetMember, Membership, MembershipKind
from tui.model.kube import PODS, ClusterTable, Column, KindRef, ResourceQuery, ResourceView, Row, Table
from tui.model.logs import LogLine, LogQuery, LogSource, LogStatus
from tui.model.session import Identity, Meter

NOW = datetime(2026, 11, 22, 14, 2, 12, tzinfo=UTC).timestamp()

FORBIDDEN = Problem(
    ProblemKind.FORBIDDEN,
    "Listing memberships of acme-1 was refused",
    server_words="Permission 'gkehub.memberships.list' denied on 'projects/acme-1/locations/-/memberships'",
    remedy="gcloud projects add-iam-policy-binding acme-1 --member=user:ana@example.com --role=roles/gkehub.viewer",
    status=403,
    target="https://gkehub.googleapis.com/v1/projects/acme-1/locations/-/memberships",
)
THROTTLED = Problem(
    ProblemKind.THROTTLED,
    "Azure Resource Manager throttles this subscription",
    server_words="The request is being throttled as the limit has been reached for operation type - ReadOperation.",
    retry_after=12,
    status=429,
    target="https://management.azure.com/subscriptions/0000",
)
UNREACHABLE = Problem(
    ProblemKind.UNREACHABLE,
    "plant-7 did not answer",
    server_words="connection to the agent failed: i/o timeout",
    target="https://connectgateway.googleapis.com/v1/projects/1/locations/global/gkeMemberships/plant-7",
)
SIGNED_OUT = Problem(
    ProblemKind.SIGNED_OUT,
    "Not signed in to Google Cloud",
    server_words="Your default credentials were not found.",
    remedy="gcloud auth application-default login",
)
RBAC = Problem(
    ProblemKind.FORBIDDEN,
    "Kubernetes refused",
    server_words='pods is forbidden: User "ana@example.com" cannot list resource "pods" in API group "" '
    "at the cluster scope",
    status=403,
)


def live(value: object, fresh_for: float | None = None) -> Feed:
    return Feed(value, NOW - 3, fresh_for=fresh_for)


def membership_ref(project: str, name: str, location: str = "global") -> ClusterRef:
    return ClusterRef(f"projects/{project}/locations/{location}/memberships/{name}", name, Via.GATEWAY)


def member(
    name: str,
    project: str,
    kind: MembershipKind,
    version: str,
    reach: Feed[Reach],
    agent: Feed[AgentHealth] | None = None,
    contact: float | None = None,
    location: str = "global",
) -> FleetMember:
    cluster = membership_ref(project, name, location)
    held = Membership(
        cluster.key,
        project,
        location,
        name,
        kind,
        "READY",
        f"v{version}",
        last_connection=None if contact is None else NOW - contact,
        created=NOW - 400 * 86400,
        uses_agent=kind is not MembershipKind.GKE,
        labels={"env": "prod" if name.startswith("prod") else "edge"},
    )
    return FleetMember(held, cluster, reach, agent or Feed())


def answered(milliseconds: float) -> Feed[Reach]:
    return Feed(Reach(milliseconds / 1000, "v1.33.4"), NOW - 2, fresh_for=90)


def refused(layer: str, problem: Problem) -> Feed[Reach]:
    return Feed(Reach(None, "", problem, layer), NOW - 2, fresh_for=90)


def agents(ready: int, total: int) -> Feed[AgentHealth]:
    return Feed(AgentHealth(ready, total), NOW - 2)


def members() -> tuple[FleetMember, ...]:
    kind = MembershipKind
    return (
        member("prod-eu", "acme-1", kind.GKE, "1.33.4", answered(41), location="europe-west1"),
        member("prod-us", "acme-1", kind.GKE, "1.33.4", answered(97), location="us-east1"),
        member("plant-7", "acme-1", kind.ON_PREM, "1.31.2", refused("agent", UNREACHABLE), agents(0, 2), 1900),
        member("plant-9", "acme-1", kind.ON_PREM, "1.32.0", answered(812), agents(2, 2), 12),
        member("aws-batch", "acme-2", kind.AWS, "1.30.9", answered(88), agents(1, 2), 40),
        member("edge-042", "acme-2", kind.ATTACHED, "1.29.1", refused("RBAC", RBAC), agents(2, 2), 9),
    )


SUBSCRIPTION = "/subscriptions/0000/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/"


def aks(name: str) -> AksCluster:
    return AksCluster(SUBSCRIPTION + name, name, "0000", "rg-shop", "westeurope", "Succeeded", "Running", "1.32.6")


def connection(
    name: str, cluster: str, target: str, auth: str, extension: Feed[Extension], present: tuple[bool | None, ...]
) -> Connection:
    home = aks(cluster)
    linker = Linker(
        f"{home.id}/providers/Microsoft.ServiceLinker/linkers/{name}",
        name,
        home.id,
        "shop",
        target,
        f"/subscriptions/0000/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/{name}",
        "userAssignedIdentity" if auth == "WI" else "secret",
        auth,
        client_type="python",
        provisioning_state="Succeeded",
    )
    objects = tuple(
        ExpectedObject("Secret" if index else "ServiceAccount", "shop", f"sc-{name.replace('-', '')}-{index}", there)
        for index, there in enumerate(present)
    )
    operator = Feed(AgentHealth(1, 1), NOW - 2)
    return Connection(linker, home, ClusterRef(home.key, cluster, Via.AKS), extension, operator, live(objects))


def others() -> tuple[FleetMember, ...]:
    """The AKS clusters of the connections: one answers, one is turned off."""
    up, off = aks("aks-1"), replace(aks("aks-2"), power_state="Stopped")
    stopped = Problem(ProblemKind.UNREACHABLE, "the cluster aks-2 is stopped", remedy="az aks start")
    return (
        FleetMember(None, ClusterRef(up.key, up.name, Via.AKS), answered(63), aks=up),
        FleetMember(None, ClusterRef(off.key, off.name, Via.AKS), Feed(problem=stopped), aks=off),
    )


def connections() -> tuple[Connection, ...]:
    kind = "microsoft.serviceconnector.operator"
    good = live(Extension("/e", "sc-extension", kind, "Succeeded", "1.4.0", "Stable"), 90)
    failed = live(
        Extension(
            "/e",
            "sc-extension",
            kind,
            "Failed",
            "1.4.0",
            "Stable",
            statuses=(
                ExtensionStatus(
                    "InstallationFailed",
                    "Error",
                    "Error: [ InnerError: [Helm installation failed : Timed out waiting for the resource to come to a "
                    "ready/completed state: Recommendation Please contact Microsoft support]]",
                ),
            ),
        ),
        90,
    )
    return (
        connection("orders-blob", "aks-1", "storage-blob", "WI", failed, (True, False)),
        connection("cart-redis", "aks-1", "redis", "key", failed, (True,)),
        connection("mail-sb", "aks-2", "servicebus", "SP", good, (True,)),
        connection("kv-certs", "aks-2", "keyvault", "CSI", good, (True, True)),
    )


POD_COLUMNS = (
    Column("Name", format="name"),
    Column("Ready"),
    Column("Status"),
    Column("Restarts"),
    Column("Age"),
    Column("IP", priority=1),
    Column("Node", priority=1),
)


def rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(namespace: str, name: str, ready: str, status: str, age: float, restarts: str = "0") -> Row:
    cells = (name, ready, status, restarts, "?", "10.8.0.4", "node-1")
    return Row(f"uid-{name}", name, namespace, cells, "1", rfc3339(NOW - age), "", {"app": name.split("-")[0]})


PODS_EU = (
    pod("jobs", "nightly-2931", "0/1", "Completed", 6 * 3600),
    pod("payments", "api-7c9f6d-x2f1p", "2/2", "Running", 3 * 86400),
    pod("payments", "ledger-0", "1/1", "Running", 12 * 86400),
    pod("web", "front-59b7d-4hq2z", "1/1", "Running", 2 * 3600),
    pod("web", "front-59b7d-tt71c", "1/1", "Running", 2 * 3600),
)
PODS_PLANT = (
    pod("gke-connect", "gke-connect-agent-abc-0x2f1", "1/1", "Running", 30 * 86400),
    pod("line", "plc-bridge-0", "1/1", "Running", 9 * 86400, "2 (3d ago)"),
)
PODS_US = (
    pod("payments", "api-7c9f6d-kk0d2", "1/2", "CrashLoopBackOff", 660, "7 (40s ago)"),
    pod("payments", "ledger-0", "1/1", "Running", 12 * 86400),
    pod("web", "front-59b7d-9s8xk", "0/1", "Pending", 40),
)


def table(rows: tuple[Row, ...], kind: KindRef = PODS, columns: tuple[Column, ...] = POD_COLUMNS) -> Table:
    return Table(kind, columns, {row.key: row for row in rows})


def view_of(query: ResourceQuery, *feeds: Feed[Table]) -> ResourceView:
    first = next((feed.value for feed in feeds if feed.value is not None), None)
    parts = tuple(ClusterTable(cluster, feed) for cluster, feed in zip(query.clusters, feeds, strict=True))
    return ResourceView(query, first.kind if first else None, first.columns if first else (), parts)


def pods_query(*clusters: ClusterRef, namespace: str = "") -> ResourceQuery:
    return ResourceQuery("pods", clusters, namespace)


LINES = (
    ("plant-9", "tunnel: serving requests"),
    ("plant-9", "tunnel: egress stream opened"),
    ("plant-7", "dialer: dial failed: i/o timeout"),
    ("aws-batch", "registering endpoint shard=2"),
    ("plant-7", "failed to create the websocket connection"),
    ("plant-9", "token refreshed, expires in 3599 s"),
)


def fill_logs(hub: FakeHub, query: LogQuery, state: str = "following", problem: Problem | None = None) -> None:
    """Agent logs of the query's clusters."""
    book = hub.logs(query)
    names = [cluster.name for cluster in query.clusters]
    sources = tuple(
        LogSource(index, cluster, "gke-connect", f"gke-connect-agent-abc-{index}x2f1", "gke-connect-agent", state)
        for index, cluster in enumerate(query.clusters)
    )
    chosen = [(names.index(name), text) for name, text in LINES if name in names]
    book.lines = [
        LogLine(seq, int((NOW - 5 + seq * 0.8) * 1e9), source, text.encode())
        for seq, (source, text) in enumerate(chosen)
    ]
    status = LogStatus(sources, received=1204, repeated=3, next_seq=len(chosen))
    book.cell.put(status, NOW)


def clock() -> ManualClock:
    return ManualClock(NOW)


def hub() -> FakeHub:
    """Nothing is known yet."""
    return FakeHub(clock())


def live_hub() -> FakeHub:
    """All panes live: six memberships, four connections, pods of two clusters, logs of three agents."""
    made = hub()
    fill(made)
    return made


def fill(made: FakeHub) -> None:
    everyone = members()
    linked = connections()
    made.fleet.put(everyone + others(), NOW - 12, fresh_for=90)
    made.connections.put(linked, NOW - 12, fresh_for=90)
    refs = [one.cluster for one in everyone]
    made.clusters.put((*refs, *dict.fromkeys(one.cluster for one in linked)), NOW, fresh_for=None)
    made.identity.put(Identity("ana@example.com", "gcloud", token_expires=NOW + 52 * 60), NOW)
    made.meter.put(Meter(31, 600, 2, 10), NOW)
    made.tick()
    eu, us, plant = refs[0], refs[1], refs[3]
    for chosen, feeds in (
        ((eu,), (live(table(PODS_EU)),)),
        ((us,), (live(table(PODS_US)),)),
        ((eu, us), (live(table(PODS_EU)), live(table(PODS_US)))),
        ((eu, us, plant), (live(table(PODS_EU)), live(table(PODS_US)), live(table(PODS_PLANT)))),
    ):
        query = pods_query(*chosen)
        made.resources(query).put(view_of(query, *feeds), NOW)
    agents_of = LogQuery(tuple(refs[2:5]), agents=True)
    fill_logs(made, agents_of)
    for ref in refs[2:]:
        fill_logs(made, LogQuery((ref,), agents=True))
    made.asked.clear()
    made.followed.clear()
