"""The life of a CustomResourceDefinition: it is established when it is written, serves its kinds, and takes its
objects with it when it goes."""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.kube import crd
from tui.sim.kube.apiservices import register_custom
from tui.sim.kube.customs import CRDS
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.objects import mapping, name_of, namespace_of, nested, text, timestamp
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store


def keep_definitions(store: Store, registry: Registry, now: Callable[[], float]) -> None:
    """From now on, follow the CRDs of the cluster with its registry."""

    def react(record: WatchRecord) -> None:
        if record.storage != CRDS.storage:
            return
        when = timestamp(now())
        if record.change == "DELETED":
            _withdraw(store, registry, record.obj)
        else:
            _serve(registry, record.obj)
            _establish(store, record.obj, when)
        register_custom(store, registry, _group(record.obj), when)

    store.subscribe(react)


def _serve(registry: Registry, definition: Obj) -> None:
    """Exactly the kinds this definition serves now."""
    served = crd.kinds_of(definition)
    wanted = {(kind.group, kind.version, kind.plural) for kind in served}
    for kind in _registered(registry, definition):
        if (kind.group, kind.version, kind.plural) not in wanted:
            registry.remove(kind)
    for kind in served:
        registry.add(kind)


def _establish(store: Store, definition: Obj, when: str) -> None:
    current = store.get(CRDS, "", name_of(definition))
    if current is None or _is_established(current):
        return
    store.update(CRDS, crd.established(crd.complete(current), when))


def _is_established(definition: Obj) -> bool:
    names = mapping(nested(definition, ("spec", "names")))
    accepted = mapping(nested(definition, ("status", "acceptedNames")))
    return bool(accepted) and all(accepted.get(field) == value for field, value in names.items())


def _withdraw(store: Store, registry: Registry, definition: Obj) -> None:
    for kind in _registered(registry, definition):
        for obj in store.list(kind):
            store.remove(kind, namespace_of(obj), name_of(obj))
        registry.remove(kind)


def _group(definition: Obj) -> str:
    return text(nested(definition, ("spec", "group")))


def _registered(registry: Registry, definition: Obj) -> list[Kind]:
    group = _group(definition)
    plural = text(nested(definition, ("spec", "names", "plural")))
    return [kind for kind in registry if (kind.group, kind.plural) == (group, plural)]
