"""From a target to a way to one of its pods: which pod, which form of port-forward, and when to leave it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.streams.fakecluster import SET, FakeCluster, pod
from tui.clock import ManualClock, settle
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.builtin import DEPLOYMENTS, SERVICES
from tui.model.kube import PODS, KindRef
from tui.model.streams import Queued
from tui.streams.dialing import Dialer
from tui.streams.oldforward import OldWay
from tui.streams.paths import TUNNEL_PROTOCOL
from tui.streams.tunnel import Tunnel
from tui.wire.channels import V4


def nobody(told: str | Queued) -> None:
    """Nobody listens."""


def dialer(cluster: FakeCluster, kind: KindRef, name: str, clock: ManualClock | None = None) -> Dialer:
    async def port() -> FakeCluster:
        return cluster

    return Dialer(port, kind, "default", name, (80,), clock or ManualClock(), lambda problem: 5.0)


@pytest.mark.parametrize(
    ("kind", "name", "ports", "listed"),
    [
        (PODS, "a", {80: 80}, []),
        (DEPLOYMENTS, "shop", {80: 80}, ["app=x"]),
        (SERVICES, "shop", {80: 8080}, ["app=x"]),
    ],
)
async def test_the_target_leads_to_a_pod_and_its_port(
    kind: KindRef, name: str, ports: dict[int, int], listed: list[str]
) -> None:
    cluster = FakeCluster(pod("a"))
    async with dialer(cluster, kind, name).dial(nobody) as road:
        assert isinstance(road.way, Tunnel)
        assert (road.pod, road.ports) == ("a", ports)
    assert cluster.asked == [("/api/v1/namespaces/default/pods/a/portforward", (), (TUNNEL_PROTOCOL,))]
    assert cluster.listed == listed


async def test_a_workload_without_pods_is_told() -> None:
    with pytest.raises(SourceError, match="no pod of deployment shop is running"):
        async with dialer(FakeCluster(pod("a", deletionTimestamp="now")), DEPLOYMENTS, "shop").dial(nobody):
            pass


async def test_the_successor_of_a_pod_is_another_of_what_made_it() -> None:
    cluster = FakeCluster(pod("a", SET))
    forward = dialer(cluster, PODS, "a")
    async with forward.dial(nobody) as road:
        assert road.pod == "a"
    cluster.pods = {"b": pod("b", SET)}
    async with forward.dial(nobody) as road:
        assert road.pod == "b"
    assert "app=x" in cluster.listed


async def test_any_other_refusal_costs_one_stream_and_not_a_second() -> None:
    cluster = FakeCluster(pod("a"))
    words = "generic::resource_exhausted: all transports of the project are in use"
    cluster.refusals[TUNNEL_PROTOCOL] = SourceError(Problem(ProblemKind.INVALID, "bad", words, status=400))
    with pytest.raises(SourceError, match="resource_exhausted"):
        async with dialer(cluster, PODS, "a").dial(nobody):
            pass
    assert len(cluster.asked) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        Problem(ProblemKind.FORBIDDEN, "forbidden", status=403),
        Problem(ProblemKind.INVALID, "bad", "unable to upgrade: no tunneling spdy protocols provided", status=400),
        Problem(ProblemKind.INVALID, "bad", 'query parameter "port" is required', status=400),
        Problem(ProblemKind.PROTOCOL, "the server speaks none of these"),
    ],
)
async def test_a_server_that_knows_no_tunnel_is_spoken_to_in_the_older_form(refusal: Problem) -> None:
    cluster = FakeCluster(pod("a"))
    cluster.refusals[TUNNEL_PROTOCOL] = SourceError(refusal)
    async with dialer(cluster, PODS, "a").dial(nobody) as road:
        assert isinstance(road.way, OldWay)
        link = await road.way.connect(80)
        assert cluster.asked[-1][1:] == ((("ports", "80"),), (V4,))
        socket = cluster.sockets[-1]
        socket.brings(b"\0\x50\0", b"\1\x50\0", b"\0hello", b"", b"\1no such luck")
        assert await link.receive() == b"hello"
        await link.send(b"x")
        assert socket.sent == [b"\0x"]
        with pytest.raises(SourceError) as caught:
            await link.receive()
        assert caught.value.problem.server_words == "no such luck"
        await link.close()


async def test_an_answer_for_another_port_is_not_taken() -> None:
    cluster = FakeCluster(pod("a"))
    cluster.refusals[TUNNEL_PROTOCOL] = SourceError(Problem(ProblemKind.PROTOCOL, "none"))
    async with dialer(cluster, PODS, "a").dial(nobody) as road:
        link = await road.way.connect(80)
        cluster.sockets[-1].brings(b"\0\x51\0")
        with pytest.raises(SourceError, match="another port"):
            await link.receive()


async def test_a_refusal_with_words_is_one() -> None:
    cluster = FakeCluster(pod("a"))
    cluster.refusals[TUNNEL_PROTOCOL] = SourceError(
        Problem(ProblemKind.FORBIDDEN, "forbidden", 'pods "a" is forbidden', status=403)
    )
    with pytest.raises(SourceError, match="forbidden"):
        async with dialer(cluster, PODS, "a").dial(nobody):
            pass
    assert len(cluster.asked) == 1


@pytest.mark.parametrize(
    ("type", "meta"), [("DELETED", {}), ("MODIFIED", {"deletionTimestamp": "2026-01-01T00:00:00Z"})]
)
async def test_a_pod_that_is_going_is_left(type: str, meta: dict[str, Any]) -> None:
    cluster = FakeCluster(pod("a"))
    async with dialer(cluster, PODS, "a").dial(nobody) as road:
        leaving = asyncio.create_task(road.leaving())
        await cluster.watching.wait()
        cluster.says("MODIFIED", pod("a"))
        await asyncio.sleep(0)
        assert not leaving.done()
        cluster.says(type, pod("a", None, **meta))
        await leaving


async def test_a_watch_that_breaks_is_taken_up_again_and_misses_nothing() -> None:
    cluster, clock = FakeCluster(pod("a")), ManualClock()
    async with dialer(cluster, PODS, "a", clock).dial(nobody) as road:
        await cluster.watching.wait()
        cluster.watching.clear()
        cluster.events.put_nowait(SourceError(Problem(ProblemKind.UNREACHABLE, "gone")))
        await clock.advance(5)
        await cluster.watching.wait()
        assert cluster.watches == 2
        cluster.pods = {}
        cluster.events.put_nowait(SourceError(Problem(ProblemKind.EXPIRED, "old")))
        leaving = asyncio.create_task(road.leaving())
        await clock.advance(5)
        await leaving


async def test_a_tunnel_that_ends_is_over_and_left() -> None:
    cluster = FakeCluster(pod("a"))
    async with dialer(cluster, PODS, "a").dial(nobody) as road:
        cluster.sockets[0].brings(SourceError(Problem(ProblemKind.UNREACHABLE, "dropped")))
        with pytest.raises(SourceError, match="dropped"):
            await road.over()
        await road.leaving()


async def test_a_dial_tells_that_it_waits_for_a_stream_and_the_next_takes_a_pod_that_is_there_by_then() -> None:
    cluster = FakeCluster(pod("a", SET))
    cluster.queued = Queued("acme-1", 1, 5)
    forward = dialer(cluster, PODS, "a")
    told: list[str | Queued] = []

    async def dial() -> str:
        async with forward.dial(told.append) as road:
            return road.pod

    gone = SourceError(Problem(ProblemKind.NOT_FOUND, "pods a not found", status=404))
    cluster.refusals[TUNNEL_PROTOCOL] = gone
    waiting = asyncio.create_task(dial())
    await settle()
    assert told == [cluster.queued]
    cluster.turn.set()
    with pytest.raises(SourceError, match="not found"):
        await waiting
    assert told[1:] == [""]
    del cluster.refusals[TUNNEL_PROTOCOL]
    cluster.pods = {"b": pod("b", SET)}
    assert await dial() == "b"
