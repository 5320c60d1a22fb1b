"""Deployments in two clusters, a desk with answers, and plans to look at: what the tests of changes are about."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tui.errors import Problem, ProblemKind
from tui.model.changes import Action, DiffLine, Entry, Fate, Lock, Outcome, Revision, Step, Wish
from tui.model.cluster import ClusterRef
from tui.model.kube import Column, KindRef, ResourceQuery, Row
from tui.model.objects import ObjectRef

EU, US = world.members()[0].cluster, world.members()[1].cluster
VERBS = frozenset({"create", "delete", "get", "list", "patch", "update", "watch"})
DEPLOYMENTS = KindRef(
    "apps",
    "v1",
    "deployments",
    "Deployment",
    "deployment",
    True,
    ("deploy",),
    (),
    VERBS,
    frozenset({"scale", "status"}),
)
NODES = KindRef("", "v1", "nodes", "Node", "node", False, ("no",), (), VERBS, frozenset({"status"}))
COLUMNS = (Column("Name", format="name"), Column("Ready"), Column("Age"))
NAMES = ("api", "front", "ledger")
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: web
  resourceVersion: "7"
  labels:
    app: api
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: api
        image: registry.example/api:1.4.0
      - name: proxy
        image: registry.example/proxy:2.0.1
"""
REFUSED = Problem(
    ProblemKind.INVALID,
    "prod-eu did not accept the request",
    server_words='Deployment.apps "front" is invalid: spec.replicas: Invalid value: -1: must be greater than or '
    "equal to 0",
    status=422,
)
DENIED = Problem(
    ProblemKind.FORBIDDEN,
    "prod-us refused",
    server_words='deployments.apps "api" is forbidden: User "ana@example.com" cannot patch resource '
    '"deployments/scale" in API group "apps" in the namespace "web"',
    status=403,
)
DIFF = (
    DiffLine("@", "@@ -9,4 +9,4 @@"),
    DiffLine(" ", "spec:"),
    DiffLine("-", "  replicas: 3"),
    DiffLine("+", "  replicas: 5"),
    DiffLine(" ", "  template:"),
)


def ref_of(name: str, cluster: object = EU, kind: KindRef = DEPLOYMENTS, namespace: str = "web") -> ObjectRef:
    assert isinstance(cluster, type(EU))
    return ObjectRef(cluster, kind, namespace, name, f"uid-{name}")


def history() -> tuple[Revision, ...]:
    """Of `api`: nine revisions, one with a reason, one pinned by its digest; the last one is wanted now."""
    digest = "registry.example/api@sha256:0123456789abcdef0123456789abcdef"
    return tuple(
        Revision(
            number,
            (digest if number == 3 else f"registry.example/api:1.{number}.0", "registry.example/proxy:2.0.1"),
            "go back to the old queue" if number == 7 else "",
            world.NOW - (10 - number) * 9_000,
            number == 9,
        )
        for number in range(1, 10)
    )


def hub() -> FakeHub:
    """Deployments of one cluster and of both."""
    made = states.live()
    for clusters in ((EU,), (EU, US)):
        show(made, clusters, NAMES)
        for cluster in clusters:
            made.changes.manifests |= {ref_of(name, cluster): MANIFEST for name in NAMES}
    made.changes.histories[ref_of("api")] = history()
    nodes = ResourceQuery("nodes", (EU,))
    rows = tuple(Row(f"uid-{name}", name, "", (name, "Ready", "90d")) for name in ("node-1", "node-2"))
    columns = (Column("Name", format="name"), Column("Status"), Column("Age"))
    made.resources(nodes).put(world.view_of(nodes, world.live(world.table(rows, NODES, columns))), world.NOW)
    made.asked.clear()
    return made


def show(made: FakeHub, clusters: tuple[ClusterRef, ...], names: Sequence[str]) -> None:
    """These are the deployments of each of the clusters now."""
    rows = tuple(Row(f"uid-{name}", name, "web", (name, "3/3", "3d"), labels={"app": name}) for name in names)
    table = world.live(world.table(rows, DEPLOYMENTS, COLUMNS))
    query = ResourceQuery("deploy", clusters)
    made.resources(query).put(world.view_of(query, *(table for _ in clusters)), world.NOW)


def unlocked() -> FakeHub:
    made = hub()
    made.changes.unlock()
    return made


def scaled(name: str = "api", cluster: object = EU, token: int = 0) -> Step:
    return Step(token, ref_of(name, cluster), "replicas 3 → 5", DIFF, undoable=True)


def steps() -> tuple[Step, ...]:
    """One that goes, one that warns, one that is refused, one as wished already."""
    return (
        replace(scaled(), warnings=("autoscaler web/api will set its replicas again",)),
        scaled("api", US, 1),
        replace(scaled("front", EU, 2), problem=REFUSED, diff=()),
        replace(scaled("ledger", EU, 3), unchanged=True, diff=(), summary="replicas 5"),
    )


OUTCOMES = (
    Outcome(Fate.DONE, "replicas 3 → 5"),
    Outcome(Fate.FAILED, "", DENIED),
    Outcome(Fate.SKIPPED),
    Outcome(Fate.SKIPPED),
)
RUNNING = (
    Outcome(Fate.DONE, "replicas 3 → 5"),
    Outcome(Fate.RUNNING, "waiting for the server"),
    Outcome(Fate.SKIPPED),
    Outcome(Fate.SKIPPED),
)


def entry(number: int, action: Action, name: str, summary: str, **more: object) -> Entry:
    plain = Entry(
        f"e{number}",
        world.NOW - 40 * number,
        "ana@example.com",
        action,
        "prod-eu",
        "deployment",
        "web",
        name,
        summary,
        diff=DIFF if action is Action.SCALE else (),
        target=ref_of(name),
    )
    return replace(plain, **more)


def entries() -> tuple[Entry, ...]:
    """Newest first: one with an undo, one that failed, one undone, one that nothing takes back."""
    back = Wish(Action.SCALE, (ref_of("api"),), {"replicas": "3", "undoes": "e1"})
    return (
        entry(1, Action.SCALE, "api", "replicas 3 → 5", args={"replicas": "5"}, undo=back),
        entry(2, Action.SET_IMAGE, "front", "image", problem='deployments.apps "front" is forbidden'),
        entry(3, Action.SCALE, "ledger", "replicas 3 → 0", undo=back, undone_by="e1"),
        entry(4, Action.RESTART, "front", "restarted at 14:02", cluster="prod-us"),
        entry(2200, Action.DELETE, "old", "deleted, background", who="bob@example.com"),
    )


def closing(made: FakeHub, why: str) -> FakeHub:
    """Writing cannot be unlocked at all."""
    made.changes.closed = why
    made.changes.lock.put(Lock(closed=why), world.NOW)
    return made
