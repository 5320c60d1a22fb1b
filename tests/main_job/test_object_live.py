"""One object over real sockets: watched, with its events and its tree, until it is deleted; stale while unplugged."""

from __future__ import annotations

import time

import pytest

from tests.main_job.conftest import Watched, until
from tests.sim.kubectl import ask, member, through_the_gateway
from tui.model.bodies import strings
from tui.model.builtin import DEPLOYMENTS
from tui.model.feed import FeedState
from tui.model.objects import ObjectRef, RelatedNode, Relation
from tui.sim.server import SimServer


def below(nodes: tuple[RelatedNode, ...], kind: str) -> list[RelatedNode]:
    found = [node for node in nodes if node.kind == kind]
    return [*found, *(one for node in nodes for one in below(node.children, kind))]


@pytest.mark.real_client
async def test_an_object_is_live_until_it_is_deleted(kubectl: str, sim: SimServer, watched: Watched) -> None:
    hub, cluster = watched.hub, await watched.cluster("prod-eu")
    kubeconfig = through_the_gateway(sim, "admin", member("gke", "none"))
    tree = hub.related(ObjectRef(cluster, DEPLOYMENTS, "payments", "api"))
    grown = await until(tree, lambda feed: feed.value is not None)
    assert grown.value is not None
    owned = tuple(node for node in grown.value.nodes if node.relation is Relation.OWNS)
    pod = below(owned, "Pod")[0].ref
    assert pod is not None

    seen, happened = hub.object(pod), hub.events(pod)
    for topic in (seen, happened):
        watched.hold(topic)
    await until(seen, lambda feed: feed.value is not None and feed.value.body is not None)
    code, _, complaint = await ask(kubectl, kubeconfig, "label", "-n", "payments", "pod", pod.name, "seen=yes")
    assert code == 0, complaint
    await until(seen, lambda feed: strings(feed.value and feed.value.body, "metadata", "labels").get("seen") == "yes")
    gone = ("delete", "-n", "payments", "pod", pod.name, "--wait=false")
    code, _, complaint = await ask(kubectl, kubeconfig, *gone)
    assert code == 0, complaint
    killed = await until(happened, lambda feed: any(one.reason == "Killing" for one in feed.value or ()))
    assert killed.problem is None
    last = await until(seen, lambda feed: feed.value is not None and feed.value.deleted, 60.0)
    assert last.value is not None
    assert strings(last.value.body, "metadata", "labels")["seen"] == "yes"


async def test_an_outage_makes_it_stale_and_it_comes_back(sim: SimServer, watched: Watched) -> None:
    ref = ObjectRef(await watched.cluster("prod-eu"), DEPLOYMENTS, "payments", "api")
    seen = watched.hub.object(ref)
    watched.hold(seen)
    await until(seen, lambda feed: feed.state(time.time()) is FeedState.LIVE)
    await sim.unplug()
    stale = await until(seen, lambda feed: feed.state(time.time()) is FeedState.STALE)
    assert stale.value is not None
    assert stale.value.body is not None
    await sim.plug()
    await until(seen, lambda feed: feed.state(time.time()) is FeedState.LIVE)
