"""Lists that are more than one kind of one healthy cluster; shared by stories and snapshots."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ui import world
from tests.ui.fake import FakeHub
from tui.data.happened import COLUMNS as CHANGE_COLUMNS
from tui.data.happened import Change, row_of
from tui.data.measured import Memory, measured
from tui.data.resources import feed_of
from tui.data.rows import Log
from tui.data.usage import Figures
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed, Gap
from tui.model.kube import PODS, ClusterTable, Column, KindRef, ResourceQuery, Row, Table
from tui.model.usage import Bounds, Usage

DEPLOYMENTS = KindRef("apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",), ("all",))
SERVICES = KindRef("", "v1", "services", "Service", "service", True, ("svc",), ("all",))
DEPLOYMENT_COLUMNS = (
    Column("Name", format="name"),
    Column("Ready"),
    Column("Up-to-date"),
    Column("Age"),
    Column("Selector", priority=1),
)
SERVICE_COLUMNS = (Column("Name", format="name"), Column("Type"), Column("Cluster-IP"), Column("Age"))
REFUSED = Problem(ProblemKind.FORBIDDEN, "services is forbidden", 'cannot list resource "services"', status=403)
NO_ANSWER = Problem(ProblemKind.TIMEOUT, "no answer within 20 s")


def row(namespace: str, name: str, *cells: str) -> Row:
    labels = {"app": name}
    return Row(f"uid-{name}", name, namespace, (name, *cells), "1", world.rfc3339(world.NOW - 7200), "", labels)


def deployments() -> Table:
    rows = (row("payments", "api", "2/2", "2", "?", "app=api"), row("web", "front", "1/2", "1", "?", "app=front"))
    return Table(DEPLOYMENTS, DEPLOYMENT_COLUMNS, {each.key: each for each in rows})


def services() -> Table:
    rows = (row("payments", "api", "ClusterIP", "10.0.0.8", "?"), row("web", "front", "ClusterIP", "10.0.0.9", "?"))
    return Table(SERVICES, SERVICE_COLUMNS, {each.key: each for each in rows})


def put(hub: FakeHub, query: ResourceQuery, *parts: tuple[ClusterRef, Feed[Table], str]) -> None:
    """What the hub would say of `query`, were these its parts."""
    tables = tuple(ClusterTable(ref, feed, asked) for ref, feed, asked in parts)
    hub.resources(query).replace(feed_of(query, tables, world.NOW))


def several_kinds() -> FakeHub:
    """`:all` of prod-eu; its services are refused."""
    hub = world.live_hub()
    eu = world.members()[0].cluster
    parts = (
        (eu, world.live(world.table(world.PODS_EU, PODS)), "pods"),
        (eu, world.live(deployments()), "deployments"),
        (eu, Feed(None, None, REFUSED, 1, retry_at=world.NOW + 90), "services"),
    )
    put(hub, ResourceQuery("all", (eu,)), *parts)
    put(hub, ResourceQuery("svc,deploy", (eu,)), (eu, world.live(services()), "services"), parts[1])
    return hub


def some_namespaces() -> FakeHub:
    """prod-eu may not be listed as a whole."""
    hub = world.live_hub()
    eu = world.members()[0].cluster
    seen = replace(world.table(world.PODS_EU), namespaces=("jobs", "payments", "web"))
    gaps = tuple(Gap(name, world.RBAC) for name in ("kube-system", "team-a"))
    put(hub, ResourceQuery("pods", (eu,)), (eu, Feed(seen, world.NOW, gaps=gaps), "pods"))
    return hub


def twelve() -> FakeHub:
    """Twelve clusters, of which one hangs, one refuses, and one shows some of its namespaces."""
    hub = world.live_hub()
    refs = tuple(world.membership_ref("acme-1", f"site-{number:02d}") for number in range(12))
    hub.clusters.put(refs, world.NOW)
    some = replace(world.table(world.PODS_US), namespaces=("payments", "web"))
    special = {
        2: Feed(None, None, NO_ANSWER, 1, retry_at=world.NOW + 20),
        5: Feed(None, None, world.UNREACHABLE, 3, retry_at=world.NOW + 4),
        8: Feed(some, world.NOW, gaps=(Gap("kube-system", world.RBAC),)),
    }
    parts = [(ref, special.get(number, world.live(world.table(world.PODS_EU)))) for number, ref in enumerate(refs)]
    put(hub, ResourceQuery("pods", refs), *((ref, feed, "pods") for ref, feed in parts))
    return hub


def looked_through() -> FakeHub:
    """`:find api` over prod-eu and prod-us, still going on in one of them; `:changes 15m` of both."""
    hub = world.live_hub()
    eu, us = (world.members()[number].cluster for number in (0, 1))
    pods, more = world.table(world.PODS_EU[1:2], PODS), world.table(world.PODS_US[:1], PODS)
    api = Table(DEPLOYMENTS, DEPLOYMENT_COLUMNS, {("payments", "api"): deployments().rows["payments", "api"]})
    nothing: Feed[Table] = Feed()
    parts = (
        (eu, world.live(pods), "pods"),
        (eu, world.live(api), "deployments.apps"),
        (eu, Feed(None, None, REFUSED, 1), "services"),
        (us, world.live(more), "pods"),
        (us, nothing, "deployments.apps"),
        (us, nothing, "services"),
    )
    put(hub, ResourceQuery("pods", (eu, us), find="api"), *parts)
    changed = {
        ("payments", "api"): Change(world.NOW - 190, "changed", "kubectl-edit"),
        ("web", "front"): Change(world.NOW - 700, "created"),
    }
    restarted = {
        ("payments", "api-7c9f6d-kk0d2"): Change(world.NOW - 40, "restarted 7×: OOMKilled", "app"),
        ("jobs", "nightly-2930"): Change(world.NOW - 320, "deleted", "told by its last event"),
    }
    put(
        hub,
        ResourceQuery("pods", (eu, us), since=900.0),
        (eu, world.live(_changes(DEPLOYMENTS, changed)), "deployments.apps"),
        (us, world.live(_changes(PODS, restarted)), "pods"),
    )
    return hub


def _changes(kind: KindRef, changes: dict[tuple[str, str], Change]) -> Table:
    rows = {key: row_of(key, f"uid-{key[1]}", change) for key, change in changes.items()}
    return Table(kind, CHANGE_COLUMNS, rows, gone_since=world.NOW - 250)


def measured_pods() -> FakeHub:
    """Pods of prod-eu with what they use; of prod-us it is not told."""
    hub = world.live_hub()
    eu, us = (world.members()[number].cluster for number in (0, 1))
    mebi = 1 << 20
    used = (
        Usage("payments", "api-7c9f6d-x2f1p", 0.412, 731 * mebi),
        Usage("payments", "ledger-0", 0.025, 1890 * mebi),
        Usage("web", "front-59b7d-4hq2z", 0.003, 48 * mebi),
        Usage("web", "front-59b7d-tt71c", 0.004, 51 * mebi),
    )
    bounds = {
        ("payments", "api-7c9f6d-x2f1p"): Bounds("", 0.5, 1.0, 512 * mebi, 1024 * mebi),
        ("payments", "ledger-0"): Bounds("", 0.25, None, 2048 * mebi, 2048 * mebi),
        ("web", "front-59b7d-4hq2z"): Bounds(""),
    }
    figures = world.live(Figures({usage.key: usage for usage in used}, Log()))
    table = measured(world.table(world.PODS_EU), [figures], [bounds], world.NOW, Memory())
    put(hub, ResourceQuery("pods", (eu,)), (eu, world.live(table), "pods"))
    put(
        hub,
        ResourceQuery("pods", (eu, us)),
        (eu, world.live(table), "pods"),
        (us, world.live(replace(world.table(world.PODS_US), unmeasured=world.RBAC)), "pods"),
    )
    return hub
