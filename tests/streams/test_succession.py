"""With which pod a port-forward goes on: one that is ready, waited for by a watch; in the end any that runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.streams.fakecluster import SET, FakeCluster, pod
from tui.clock import ManualClock, settle
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.builtin import DEPLOYMENTS
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body
from tui.model.streams import Queued
from tui.streams.dialing import Dialer, OpenRoad
from tui.streams.succession import READY_SECONDS

STATEFUL: Body = {
    "kind": "StatefulSet",
    "metadata": {"name": "db"},
    "spec": {"selector": {"matchLabels": {"app": "x"}}},
}


class Stand:
    """A dialer whose first pod has been dialled."""

    def __init__(self, cluster: FakeCluster, kind: KindRef, name: str) -> None:
        self.cluster = cluster
        self.clock = ManualClock()
        self.told: list[str | Queued] = []
        self._dialer = Dialer(self._port, kind, "default", name, (80,), self.clock, lambda problem: 2.0)

    async def _port(self) -> FakeCluster:
        return self.cluster

    def _tell(self, words: str | Queued) -> None:
        if self.told[-1:] != [words]:
            self.told.append(words)

    async def first(self) -> None:
        async with self._dialer.dial(self._tell):
            pass

    @asynccontextmanager
    async def redial(self) -> AsyncIterator[asyncio.Task[str]]:
        """The name of the pod that is dialled next; its road is held until the end."""
        opened: asyncio.Future[OpenRoad] = asyncio.get_running_loop().create_future()

        async def held() -> None:
            try:
                async with self._dialer.dial(self._tell) as road:
                    opened.set_result(road)
                    await asyncio.Event().wait()
            except SourceError as exc:
                opened.set_exception(exc)

        async def named() -> str:
            return (await asyncio.shield(opened)).pod

        holding, naming = asyncio.create_task(held()), asyncio.create_task(named())
        await settle()
        try:
            yield naming
        finally:
            for task in (holding, naming):
                task.cancel()
            await asyncio.gather(holding, naming, return_exceptions=True)


@pytest.fixture
async def stand() -> Stand:
    """Of a deployment with one replica, whose pod is going."""
    made = Stand(FakeCluster(pod("a", SET)), DEPLOYMENTS, "shop")
    await made.first()
    made.cluster.pods = {"a": pod("a", SET, deletionTimestamp="now")}
    return made


async def test_a_pod_that_runs_and_is_not_ready_is_waited_for_by_a_watch(stand: Stand) -> None:
    async with stand.redial() as named:
        stand.cluster.becomes(pod("b", SET, phase="Pending", ready=False))
        await stand.clock.advance(20)
        stand.cluster.becomes(pod("b", SET, ready=False))
        await stand.clock.advance(READY_SECONDS - 1)
        assert not named.done()
        stand.cluster.becomes(pod("b", SET))
        assert await named == "b"
    assert stand.told == [
        "",
        "no pod of deployment shop is running: waiting for one",
        "waiting for pod b to run",
        "waiting for pod b to be ready",
        "",
    ]
    assert stand.cluster.listed.count("app=x") == 2, "once for each dial: what happens after that is told by the watch"


async def test_one_whose_readiness_never_comes_is_taken_in_the_end_and_that_is_said(stand: Stand) -> None:
    async with stand.redial() as named:
        stand.cluster.becomes(pod("b", SET, phase="Pending", ready=False))
        await stand.clock.advance(300)
        stand.cluster.becomes(pod("b", SET, ready=False))
        await stand.clock.advance(READY_SECONDS - 1)
        assert not named.done()
        await stand.clock.advance(1)
        assert await named == "b"
        assert stand.told[-1] == "pod b is not ready: taken, since none was for 15 s"
        await settle()
        stand.cluster.becomes(pod("b", SET))
        await settle()
        assert stand.told[-1] == ""


async def test_one_that_was_taken_without_being_ready_is_taken_again_at_once(stand: Stand) -> None:
    stand.cluster.pods = {"b": pod("b", SET, ready=False)}
    async with stand.redial() as named:
        await stand.clock.advance(READY_SECONDS)
        assert await named == "b"
    async with stand.redial() as named:
        assert await named == "b"


async def test_another_that_is_ready_goes_first(stand: Stand) -> None:
    stand.cluster.pods = {"b": pod("b", SET, ready=False), "c": pod("c", SET)}
    async with stand.redial() as named:
        assert await named == "c"


async def test_the_pod_that_serves_is_kept_where_only_the_way_to_it_broke() -> None:
    stand = Stand(FakeCluster(pod("b", SET)), DEPLOYMENTS, "shop")
    await stand.first()
    stand.cluster.pods = {"a": pod("a", SET), "b": pod("b", SET)}
    async with stand.redial() as named:
        assert await named == "b"


@pytest.mark.parametrize("end", [None, SourceError(Problem(ProblemKind.UNREACHABLE, "cut"))], ids=["ended", "cut"])
async def test_a_watch_that_ends_is_taken_up_again_and_the_time_goes_on(stand: Stand, end: SourceError | None) -> None:
    stand.cluster.pods = {"b": pod("b", SET, ready=False)}
    async with stand.redial() as named:
        await stand.clock.advance(8)
        stand.cluster.events.put_nowait(end)
        await stand.clock.advance(2)
        assert stand.cluster.watches >= 2
        await stand.clock.advance(4)
        assert not named.done()
        await stand.clock.advance(1)
        assert await named == "b"


async def test_who_may_not_watch_looks_now_and_then(stand: Stand) -> None:
    stand.cluster.no_watch = True
    stand.cluster.pods = {"b": pod("b", SET, ready=False)}
    async with stand.redial() as named:
        await stand.clock.advance(3)
        assert not named.done()
        stand.cluster.pods = {"b": pod("b", SET)}
        await stand.clock.advance(2)
        assert await named == "b"


@pytest.mark.parametrize("no_watch", [False, True])
async def test_where_none_comes_their_owner_is_looked_at_again(stand: Stand, no_watch: bool) -> None:
    stand.cluster.no_watch = no_watch
    stand.cluster.pods = {}
    async with stand.redial() as named:
        stand.cluster.events.put_nowait(None)  # the watch has had its minutes
        await stand.clock.advance(2)
        with pytest.raises(SourceError, match="no pod of deployment shop is running"):
            await named


@pytest.mark.parametrize(
    ("owner", "next"),
    [(None, "a"), ({"kind": "StatefulSet", "metadata": {"name": "db"}}, "a"), (SET, "b")],
    ids=["nobody", "StatefulSet", "ReplicaSet"],
)
async def test_a_pod_is_followed_by_one_of_its_name_or_of_its_maker(owner: Body | None, next: str) -> None:
    stand = Stand(FakeCluster(pod("a", owner, uid="first")), PODS, "a")
    stand.cluster.others["StatefulSet", "db"] = STATEFUL
    await stand.first()
    stand.cluster.pods = {"b": pod("b", owner)}
    async with stand.redial() as named:
        stand.cluster.becomes(pod("a", owner, uid="second"))
        assert await named == next


async def test_a_pod_that_was_named_is_kept_to_while_it_is_there() -> None:
    stand = Stand(FakeCluster(pod("a", SET)), PODS, "a")
    await stand.first()
    stand.cluster.pods = {"a": pod("a", SET, ready=False), "b": pod("b", SET)}
    async with stand.redial() as named:
        await stand.clock.advance(1)
        stand.cluster.becomes(pod("a", SET))
        assert await named == "a"


@pytest.mark.parametrize("phase", ["Pending", "Unknown"])
async def test_one_that_was_named_and_does_not_run_keeps_nobody_from_another(phase: str) -> None:
    stand = Stand(FakeCluster(pod("a", SET)), PODS, "a")
    await stand.first()
    stand.cluster.pods = {"a": pod("a", SET, phase=phase, ready=False), "b": pod("b", SET)}
    async with stand.redial() as named:
        assert await named == "b"


@pytest.mark.parametrize("kind", [PODS, DEPLOYMENTS], ids=["pod", "deployment"])
async def test_at_first_it_is_begun_as_kubectl_begins_it(kind: KindRef) -> None:
    name = "a" if kind is PODS else "shop"
    with pytest.raises(SourceError, match="pod a is not running: it is Pending"):
        await Stand(FakeCluster(pod("a", phase="Pending", ready=False)), kind, name).first()
    unready = Stand(FakeCluster(pod("a", ready=False)), kind, name)
    await unready.first()
    assert unready.told == ["pod a is not ready"]
