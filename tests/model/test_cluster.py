"""What the identity of a cluster tells of its road."""

from __future__ import annotations

from tui.model.cluster import ClusterRef, Via


def test_only_what_goes_through_the_gateway_counts_on_a_quota() -> None:
    member = ClusterRef("projects/acme-prod/locations/global/memberships/web", "web", Via.GATEWAY)
    aks = ClusterRef("/subscriptions/s/resourcegroups/rg/providers/x/managedclusters/web", "web", Via.AKS)
    assert [ref.quota for ref in (member, aks, ClusterRef("context:a/b", "b", Via.CONTEXT))] == ["acme-prod", "", ""]


def test_a_context_that_leads_to_the_gateway_counts_there_and_is_limited_as_a_membership_is() -> None:
    member = ClusterRef("projects/acme-prod/locations/global/memberships/web", "web", Via.GATEWAY)
    by_gateway, direct = (ClusterRef("context:web", "web", Via.CONTEXT, project) for project in ("acme-prod", ""))
    assert [(ref.quota, ref.limited) for ref in (member, by_gateway, direct)] == [
        ("acme-prod", True),
        ("acme-prod", True),
        ("", False),
    ]
