"""The lock: a time that ends by itself, whatever the wall clock does; and rules that no other name leads round."""

from __future__ import annotations

import pytest

from tests.clocks import SteppedClock
from tui.changes.lock import LOCKED, WriteLock
from tui.changes.settings import ChangeSettings, Rules, names_of
from tui.clients.kube_endpoint import Access, FixedAccess, KubeEndpoint
from tui.clock import ManualClock
from tui.data.tasks import Tasks
from tui.model.cluster import ClusterRef, Via

ONE = ClusterRef("context:one", "one", Via.CONTEXT)
MEMBER = ClusterRef("projects/acme/locations/global/memberships/prod-eu", "prod-eu (gateway)", Via.GATEWAY)
BY_CONTEXT = ClusterRef("context:connectgateway_acme_global_prod-eu", "connectgateway_acme_global_prod-eu", Via.CONTEXT)
GKE = ClusterRef("context:gke_acme_europe-west1_prod-eu", "gke_acme_europe-west1_prod-eu", Via.CONTEXT)
AKS = ClusterRef("/subscriptions/s/resourcegroups/r/providers/x/managedclusters/aks-1", "aks-1", Via.AKS)


def lock(clock: ManualClock, tasks: Tasks, **settings: object) -> WriteLock:
    made = ChangeSettings(**settings)  # type: ignore[arg-type]
    return WriteLock(made, Rules(made), clock, tasks)


async def test_it_opens_for_a_time_and_closes_by_itself() -> None:
    clock, tasks = ManualClock(), Tasks()
    made = lock(clock, tasks, minutes=5.0)
    assert made.refusal(ONE) == LOCKED
    made.unlock()
    assert made.refusal(ONE) is None
    assert made.topic.feed.value is not None
    assert made.topic.feed.value.until == clock.now() + 300
    await clock.advance(299)
    assert made.refusal(ONE) is None
    await clock.advance(1)
    assert made.refusal(ONE) == LOCKED
    assert made.topic.feed.value is not None
    assert made.topic.feed.value.until is None
    await tasks.close()


async def test_unlocking_again_begins_anew_and_relocking_ends_it() -> None:
    clock, tasks = ManualClock(), Tasks()
    made = lock(clock, tasks, minutes=1.0)
    made.unlock()
    await clock.advance(50)
    made.unlock()
    await clock.advance(50)
    assert made.refusal(ONE) is None
    made.relock()
    assert made.refusal(ONE) == LOCKED
    await clock.advance(60)
    assert made.refusal(ONE) == LOCKED
    await tasks.close()


@pytest.mark.parametrize("step", [-3_600.0, 3_600.0])
async def test_setting_the_wall_clock_never_keeps_it_open(step: float) -> None:
    clock, tasks = SteppedClock(), Tasks()
    made = lock(clock, tasks, minutes=5.0)
    made.unlock()
    clock.step = step
    if step > 0:  # a laptop that slept: the wall clock says that the time is over
        assert made.refusal(ONE) == LOCKED
    await clock.advance(300)
    assert made.refusal(ONE) == LOCKED
    await tasks.close()


@pytest.mark.parametrize("cluster", [MEMBER, BY_CONTEXT, GKE])
def test_a_rule_holds_for_every_road_to_a_cluster(cluster: ClusterRef) -> None:
    rules = Rules(ChangeSettings(read_only=("prod-eu",), production=("prod-*",)))
    assert rules.read_only(cluster) is not None
    assert rules.production(cluster)


def test_rules_name_only_what_they_match() -> None:
    rules = Rules(ChangeSettings(read_only=("prod-*", "^prod-dev")))
    assert rules.read_only(ONE) is None
    assert rules.read_only(AKS) is None
    assert rules.read_only(ClusterRef("context:prod-dev", "prod-dev", Via.CONTEXT)) is None
    assert rules.closed == ""
    none = Rules(ChangeSettings())
    assert none.read_only(MEMBER) is None
    assert not none.production(MEMBER)


def test_names_that_were_learned_count_where_a_rule_names_something() -> None:
    named, leaving_out = (Rules(ChangeSettings(read_only=patterns)) for patterns in (("prod-eu",), ("^one",)))
    for rules in (named, leaving_out):
        rules.learn(ONE, frozenset({"prod-eu", "10.0.0.1"}))
    assert named.read_only(ONE) is not None
    assert leaving_out.read_only(ONE) is None


@pytest.mark.parametrize("collection", ["memberships", "gkeMemberships"])
def test_an_address_of_the_gateway_names_a_membership_and_no_host(collection: str) -> None:
    server = f"https://connectgateway.googleapis.com/v1/projects/1/locations/global/{collection}/prod-eu"
    endpoint = KubeEndpoint(server, FixedAccess(Access()), cluster="p")
    assert endpoint.names == {"p", "prod-eu"}


def test_names_of_a_cluster() -> None:
    assert names_of(MEMBER) == {"prod-eu (gateway)", "prod-eu"}
    assert names_of(AKS) == {"aks-1"}
    assert "prod-eu" in names_of(GKE)
