"""What the actors of one cluster share: its store, its time, its chance, who owns what, and the writing of events."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from tui.sim.kube.actors.behaviours import Behaviours
from tui.sim.kube.actors.catalogue import PODS, RESOURCE_QUOTAS
from tui.sim.kube.actors.owners import Owners
from tui.sim.kube.actors.recorder import Recorder
from tui.sim.kube.completion import completed
from tui.sim.kube.deletion import DeleteOptions, delete_object
from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.limitranges import with_limits
from tui.sim.kube.objects import random_letters, timestamp, uid_of, with_metadata
from tui.sim.kube.podaccounts import with_service_account
from tui.sim.kube.podpriority import with_priority
from tui.sim.kube.quotas import check_quotas
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.store import Store


class Site:
    """present: when the cluster is first seen; before it, its actors live its past. minor: of its version (33)."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        now: Callable[[], float],
        behaviours: Behaviours,
        *,
        present: float,
        minor: int,
        seed: int,
    ) -> None:
        self.store = store
        self._registry = registry
        self.now = now
        self.behaviours = behaviours
        self.present = present
        self.minor = minor
        self.chance = random.Random(seed)
        self.owners = Owners(store)
        self.record = Recorder(store, now, present)

    @property
    def stamp(self) -> str:
        """The present moment as a metav1.Time."""
        return timestamp(self.now())

    def get(self, kind: Kind, key: tuple[str, ...]) -> Obj | None:
        """The object of a (namespace, name) key."""
        return self.store.get(kind, key[0], key[1])

    def children(self, owner: Obj, kind: Kind) -> list[Obj]:
        return self.owners.children(owner, kind)

    def set_status(self, kind: Kind, obj: Obj, status: Obj) -> Obj:
        """Write `status` where it differs; fields given as None are left out."""
        kept = {field: value for field, value in status.items() if value is not None}
        return obj if obj.get("status") == kept else self.store.update(kind, {**obj, "status": kept}, status_only=True)

    def set_metadata(self, kind: Kind, obj: Obj, **changes: object) -> Obj:
        """Write metadata fields (None = drop)."""
        return self.store.update(kind, with_metadata(obj, changes))

    def create_pod(self, kind: Kind, owner: Obj, pod: Obj, component: str) -> Obj | None:
        """Admit and store the pod that a controller makes for `owner`; None where admission refuses it, which is then
        told in an event of the owner, as by a real controller."""
        try:
            accounted = with_service_account(self.store, self.chance, with_limits(self.store, pod))
            whole = completed(with_priority(self.store, accounted), PODS)
            self._check_quotas(whole)
        except ApiError as refusal:
            self.record.warning(kind, owner, "FailedCreate", f"Error creating: {refusal.message}", component)
            return None
        return self.store.create(PODS, whole)

    def _check_quotas(self, pod: Obj) -> None:
        """A refusal names the pod, which has no name yet where it is to be generated. Raises ApiError 403."""
        prefix = pod["metadata"].get("generateName")
        if prefix and self.store.list(RESOURCE_QUOTAS, pod["metadata"]["namespace"]):
            pod = with_metadata(pod, {"name": prefix + random_letters(self.chance, 5)})
        check_quotas(self.store, self._registry, PODS, pod)

    def delete(self, kind: Kind, obj: Obj) -> None:
        """What a DELETE request with propagation in the background does: a pod on a node gets its grace, the rest
        goes at once. Nothing where it is gone or going already, or another one has its name."""
        live = self.store.get(kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
        if live is None or uid_of(live) != uid_of(obj) or live["metadata"].get("deletionTimestamp"):
            return
        delete_object(self.store, kind, live, DeleteOptions(propagation="Background"), self.now())

    def delete_all(self, kind: Kind, objs: Iterable[Obj]) -> None:
        for obj in objs:
            self.delete(kind, obj)

    def drop_finalizer(self, kind: Kind, obj: Obj, finalizer: str) -> None:
        """Take away one finalizer; with the last one a deleted object is gone."""
        kept = [one for one in obj["metadata"].get("finalizers", ()) if one != finalizer]
        self.set_metadata(kind, obj, finalizers=kept or None)
