"""`KubeCluster`: one simulated Kubernetes API server, behind whichever address its owner serves it at."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

from aiohttp import web

from tui.sim.kube import api, shaping
from tui.sim.kube.actors.behaviours import Behaviours
from tui.sim.kube.aggregation import keep_aggregated
from tui.sim.kube.bootstrap import bootstrap
from tui.sim.kube.components import component_statuses
from tui.sim.kube.definitions import keep_definitions
from tui.sim.kube.forwarding.portforward import PodForwards
from tui.sim.kube.garbage import GarbageCollector
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.identity import User as User
from tui.sim.kube.kinds import Registry
from tui.sim.kube.logs import PodLogs
from tui.sim.kube.namespaces import NAMESPACES, complete_namespace, furnish, is_furniture
from tui.sim.kube.objects import metadata_of, name_of, namespace_of, uid_of, with_metadata
from tui.sim.kube.rbac import Rbac
from tui.sim.kube.services import SERVICES, with_addresses
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.store import Store
from tui.sim.kube.streams.serving import Streams
from tui.sim.kube.terminating import drain_namespace
from tui.sim.kube.tokens import Tokens
from tui.sim.kube.views import absorb


class KubeCluster(ClusterState):
    """now: wall-clock seconds, which may run faster than the real ones. seed: for repeatable uids and names.

    ca: PEM text of the authority whose certificate the server shows; each namespace gets it in a ConfigMap.
    """

    def __init__(
        self,
        name: str,
        *,
        version: str = "v1.36.2",
        now: Callable[[], float] = time.time,
        seed: int = 0,
        ca: str = "",
    ) -> None:
        rng = random.Random(f"{seed}/{name}")
        store = Store(now, rng)
        registry = Registry()
        super().__init__(name, version, now, rng, store, registry, Rbac(store), Tokens(now, rng))
        self.ca = ca
        self.virtual[("", "componentstatuses")] = component_statuses
        self.streams = Streams(self)
        self.pod_streams["exec"] = self.streams.exec
        self.pod_streams["portforward"] = PodForwards(self, Behaviours()).serve
        self.keep_logs(PodLogs(self, Behaviours()))
        self.garbage = GarbageCollector(store, registry, now)
        keep_aggregated(store)
        keep_definitions(store, registry, now)
        store.subscribe(self._react)

    @property
    def tokens(self) -> dict[str, User]:
        """Bearer token -> whose it is: may be added to. Those made for service accounts join by themselves."""
        return self.token_review.users

    async def handle(
        self, request: web.Request, path: str, user: User | None, *, impersonate: User | None = None
    ) -> web.StreamResponse:
        """Answer one request. Never raises for what a client did: refusals are Status objects.

        path: what follows the server's URL, without the query. user: whom the caller has authenticated; None leaves
        it to this cluster's own bearer tokens. impersonate: whom `user` acts as, if its own rights allow it.
        """
        return await api.serve(self, request, path, user, impersonate)

    def apply_manifest(self, obj: Obj) -> Obj:
        """Create or replace any object, status and all, asking nobody: for scenarios. As stored.

        A namespaced object without a namespace goes to "default"; a namespace that is missing is made. Raises ApiError
        400 for an unknown kind, 422 for an invalid object.
        """
        kind = self.registry.for_object(str(obj.get("apiVersion")), str(obj.get("kind")))
        if kind is None:
            message = f'no matches for kind "{obj.get("kind")}" in version "{obj.get("apiVersion")}"'
            raise ApiError(400, "BadRequest", message)
        if kind.namespaced:
            namespace = namespace_of(obj) or "default"
            obj = with_metadata(obj, {"namespace": namespace})
            self.ensure_namespace(namespace)
        if kind is NAMESPACES:
            obj = complete_namespace(obj)
        shaped = shaping.completed(kind, shaping.decoded(self.store, kind, obj))
        live = self.store.get(kind, namespace_of(shaped), name_of(shaped)) if name_of(shaped) else None
        if kind is SERVICES:
            shaped = with_addresses(self.store, self.rng, shaped, live)
        shaping.validate(self.store, kind, shaped, live)
        stored = absorb(kind, shaped)
        if live is None:
            return self.store.create(kind, stored)
        kept = {"resourceVersion": metadata_of(live)["resourceVersion"]}
        return self.store.update(kind, with_metadata(stored, kept))

    def keep_logs(self, logs: PodLogs) -> None:
        """Serve these as the logs of its containers, and to those who attach. Until told otherwise, every container is
        taken for what its image and command suggest."""
        self.pod_streams["log"] = logs.serve
        self.pod_streams["attach"] = partial(self.streams.attach, logs)

    def close(self) -> None:
        """Kill what was started in its containers, and remove their folders."""
        self.streams.close()

    def ensure_namespace(self, name: str) -> None:
        """Make a namespace, furnished, where there is none of that name."""
        if self.store.get(NAMESPACES, "", name) is None:
            self.store.create(NAMESPACES, complete_namespace({"metadata": {"name": name}}))

    def bootstrap(self) -> None:
        """Everything a cluster is born with. Call it once, before scenarios add theirs."""
        bootstrap(self)

    def close_watches(self) -> None:
        """End every open watch, as a server that restarts does."""
        self.store.close_watches()

    def collect_garbage(self) -> int:
        """Take deletions further along owner references; how many objects that touched. Call it often."""
        return self.garbage.collect()

    def drain_namespaces(self) -> int:
        """Take terminating namespaces further: delete what is in them, then themselves. How many are left."""
        left = 0
        for namespace in self.store.list(NAMESPACES):
            if metadata_of(namespace).get("deletionTimestamp"):
                left += not drain_namespace(self.store, self.registry, namespace, self.now())
        return left

    def _react(self, record: WatchRecord) -> None:
        if record.storage == NAMESPACES.storage and record.change == "ADDED":
            furnish(self.store, name_of(record.obj), self.ca)
        elif record.change == "DELETED":
            self.token_review.revoke(uid_of(record.obj))
            if is_furniture(record.storage, name_of(record.obj)):
                furnish(self.store, namespace_of(record.obj), self.ca)
