"""Every cluster known by any road, each with a short name that no other has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tui.model.cluster import ClusterRef, Via

if TYPE_CHECKING:
    from tui.model.connection import AksCluster
    from tui.model.fleet import Membership


class Named(Struct, frozen=True):
    """A cluster and what may be added to its name to tell it from others, shortest first."""

    ref: ClusterRef
    qualifiers: tuple[str, ...]


def from_membership(membership: Membership) -> Named:
    ref = ClusterRef(membership.key, membership.id, Via.GATEWAY)
    return Named(ref, (membership.location, f"{membership.location}.{membership.project}"))


def from_aks(aks: AksCluster) -> Named:
    ref = ClusterRef(aks.key, aks.name, Via.AKS)
    return Named(ref, (aks.resource_group, f"{aks.resource_group}.{aks.subscription}"))


def context_ref(name: str, project: str = "") -> ClusterRef:
    """The cluster that a kubeconfig context of this name is. project: see `ClusterRef`."""
    return ClusterRef(f"context:{name}", name, Via.CONTEXT, project)


def from_context(ref: ClusterRef) -> Named:
    return Named(ref, ("context",))


def gateway_context(membership: Membership) -> str:
    """What gcloud calls the kubeconfig context it writes for a membership (facts: "Kubeconfig naming")."""
    return f"connectgateway_{membership.project}_{membership.location}_{membership.id}"


def disambiguate(clusters: Iterable[Named]) -> tuple[ClusterRef, ...]:
    """The clusters, in order; where several share a name, each has the shortest qualifier added that tells them apart:
    "prod" and "prod" become "prod.europe-west1" and "prod.us-east4". The same cluster given twice is kept once."""
    unique = {named.ref.key: named for named in clusters}
    by_name: defaultdict[str, list[Named]] = defaultdict(list)
    for named in unique.values():
        by_name[named.ref.name].append(named)
    names: dict[str, str] = {}
    for name, sharing in by_name.items():
        if len(sharing) > 1:
            names.update(_told_apart(name, sharing))
    return tuple(replace(n.ref, name=names.get(n.ref.key, n.ref.name)) for n in unique.values())


def _told_apart(name: str, sharing: Sequence[Named]) -> dict[str, str]:
    longest = max(len(named.qualifiers) for named in sharing)
    for length in range(longest):
        tried = {n.ref.key: f"{name}.{n.qualifiers[min(length, len(n.qualifiers) - 1)]}" for n in sharing}
        if len(set(tried.values())) == len(sharing):
            return tried
    return {named.ref.key: f"{name}.{number}" for number, named in enumerate(sharing, 1)}
