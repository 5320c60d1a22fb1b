"""Names of clusters: short, and no two the same."""

from __future__ import annotations

from tui.data.clusters import disambiguate, from_aks, from_context, from_membership
from tui.model.cluster import ClusterRef, Via
from tui.model.connection import AksCluster
from tui.model.fleet import Membership, MembershipKind


def member(project: str, location: str, name: str) -> Membership:
    full = f"projects/{project}/locations/{location}/memberships/{name}"
    return Membership(full, project, location, name, MembershipKind.GKE)


def aks(group: str, name: str) -> AksCluster:
    return AksCluster(f"/subscriptions/S/resourceGroups/{group}/{name}", name, "S", group)


def test_names_that_nobody_shares_stay_as_they_are() -> None:
    refs = disambiguate([from_membership(member("p", "global", "prod")), from_aks(aks("rg", "orders"))])
    assert [ref.name for ref in refs] == ["prod", "orders"]
    assert refs[1].key == "/subscriptions/s/resourcegroups/rg/orders"


def test_the_shortest_qualifier_that_tells_apart_is_added_to_all_who_share() -> None:
    refs = disambiguate(
        [
            from_membership(member("p", "europe-west1", "prod")),
            from_membership(member("p", "us-east4", "prod")),
            from_membership(member("p", "us-east4", "dev")),
        ]
    )
    assert [ref.name for ref in refs] == ["prod.europe-west1", "prod.us-east4", "dev"]


def test_a_longer_qualifier_where_the_short_one_is_shared_too() -> None:
    refs = disambiguate([from_membership(member(project, "global", "prod")) for project in ("acme-1", "acme-2")])
    assert [ref.name for ref in refs] == ["prod.global.acme-1", "prod.global.acme-2"]


def test_roads_are_told_apart() -> None:
    context = ClusterRef("context:prod", "prod", Via.CONTEXT)
    refs = disambiguate(
        [from_membership(member("p", "global", "prod")), from_aks(aks("rg", "prod")), from_context(context)]
    )
    assert [ref.name for ref in refs] == ["prod.global", "prod.rg", "prod.context"]


def test_names_that_nothing_tells_apart_are_numbered_and_the_same_cluster_counts_once() -> None:
    twins = [ClusterRef(f"context:{key}", "prod", Via.CONTEXT) for key in ("a", "b", "a")]
    assert [ref.name for ref in disambiguate(map(from_context, twins))] == ["prod.1", "prod.2"]
