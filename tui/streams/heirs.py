"""By whom a pod is followed when it goes: the pods of the workload that made it, found by two questions at most."""

from __future__ import annotations

from tui.errors import SourceError
from tui.model.bodies import name_of, namespace_of, text
from tui.model.builtin import (
    DAEMON_SETS,
    DEPLOYMENTS,
    JOBS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    STATEFUL_SETS,
)
from tui.model.objects import Body
from tui.model.streams import StreamPort
from tui.streams.succession import Heirs
from tui.streams.targets import controller_of, selector_of

_MAKERS = {
    kind.kind: kind for kind in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, JOBS, REPLICA_SETS, REPLICATION_CONTROLLERS)
}
"""Kinds that make pods."""


async def heirs_of(port: StreamPort, pod: Body) -> Heirs:
    """The pods by which `pod` is followed: those of the workload that made it; one of the same name where nobody did,
    where we may not see who, or where each has a name of its own to keep (of a StatefulSet)."""
    namespace, name = namespace_of(pod), name_of(pod)
    alone = Heirs(namespace, f"the name {name}", fields=f"metadata.name={name}")
    owner = controller_of(pod)
    kind = _MAKERS.get(text(owner, "kind"))
    if kind is None or kind is STATEFUL_SETS:
        return alone
    try:
        made = await port.body(kind, namespace, text(owner, "name"))
        above = controller_of(made)
        if text(above, "kind") in _MAKERS:
            made = await port.body(_MAKERS[text(above, "kind")], namespace, text(above, "name"))
    except SourceError:
        return alone
    what = f"{text(made, 'kind').lower()} {name_of(made)}"
    labels = selector_of(made)
    return Heirs(namespace, what, labels, name=name) if labels else alone
