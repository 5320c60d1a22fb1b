"""Plans of many objects: how far they are is told, a few are asked about at a time, and who leaves stops it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from tests.changes.conftest import EU, US, Office
from tui.changes.desk import Desk
from tui.changes.planning import AT_ONCE
from tui.changes.settings import ChangeSettings
from tui.cli.counting import FEW, counting
from tui.clients.kube import KubeClient
from tui.model.changes import Action, Wish
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.model.objects import ObjectRef
from tui.model.permits import Permit
from tui.model.writes import Write, Written

T = TypeVar("T")

MANY = 40


def manifest(count: int) -> str:
    one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: many-{}, namespace: web}}\n"
    return "---\n".join(map(one.format, range(count)))


async def many(office: Office) -> list[ObjectRef]:
    await office.apply(manifest(MANY))
    kind = await office.kind("configmaps")
    return [ObjectRef(EU, kind, "web", f"many-{number}") for number in range(MANY)]


async def test_each_object_that_is_planned_is_told(office: Office) -> None:
    refs, told = await many(office), list[tuple[int, int]]()
    plan = await office.desk.plan(Wish(Action.LABEL, tuple(refs), {"pairs": "a=b"}), lambda *pair: told.append(pair))
    assert told == [(done, MANY) for done in range(1, MANY + 1)]
    assert [step.ref.name for step in plan.steps] == [ref.name for ref in refs], "in the order of the wish"


async def test_what_cannot_be_planned_counts_too_and_so_do_several_clusters(office: Office) -> None:
    told = list[tuple[int, int]]()
    office.sim.faults.add("unreachable", {"cluster": "prod-us"})
    wish = Wish(Action.APPLY, (), {"manifest": manifest(3) + "---\napiVersion: x/v1\nkind: X\nmetadata: {name: x}"})
    wish = Wish(wish.action, (), wish.args, (EU, US))
    await office.desk.plan(wish, lambda *pair: told.append(pair))
    assert told == [(done, 8) for done in range(1, 9)]


class Gauge:
    """A cluster that counts what it is asked at the same time."""

    def __init__(self, client: KubeClient) -> None:
        self.client = client
        self.account, self.names, self.namespace = client.account, client.names, client.namespace
        self.asked: list[str] = []
        self.now = self.most = 0

    async def get(self, path: str, accept: str = "application/json") -> bytes:
        return await self._measured("GET", self.client.get(path, accept))

    async def review(self, path: str, body: bytes) -> bytes:
        return await self.client.review(path, body)

    async def write(self, write: Write, permit: Permit) -> Written:
        return await self._measured(write.method, self.client.write(write, permit))

    async def discover(self) -> tuple[KindRef, ...]:
        return await self.client.discover()

    async def _measured(self, method: str, answer: Coroutine[Any, Any, T]) -> T:
        self.asked.append(method)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await answer
        finally:
            self.now -= 1


async def test_an_object_is_tried_as_soon_as_it_is_read_and_few_at_a_time(office: Office) -> None:
    refs = await many(office)
    gauge = Gauge(await office.connect(EU))

    async def connect(ref: ClusterRef) -> Gauge:
        return gauge

    desk = Desk(connect, office.clock, ChangeSettings())
    desk.unlock()
    await desk.plan(Wish(Action.LABEL, tuple(refs), {"pairs": "a=b"}))
    await desk.stop()
    assert gauge.asked.index("PATCH") < MANY // 2, "not only after all of them were read"
    assert len(gauge.asked) == 2 * MANY, "two requests for each"
    assert gauge.most == AT_ONCE


async def test_who_leaves_while_it_is_planned_stops_it(office: Office) -> None:
    refs, told = await many(office), list[tuple[int, int]]()
    planning = asyncio.create_task(
        office.desk.plan(Wish(Action.LABEL, tuple(refs), {"pairs": "a=b"}), lambda *pair: told.append(pair))
    )
    await office.until(lambda: told)
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    count, asked = len(told), len(office.sim.requests)
    await office.clock.sleep(20)
    assert (len(told), len(office.sim.requests)) == (count, asked)
    assert count < MANY


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_count_stands_in_one_line_and_is_taken_away() -> None:
    stream = Terminal()
    with counting("planned", stream) as tell:
        tell(1, FEW + 1)
        tell(2, FEW + 1)
    assert stream.getvalue().split("\r") == ["", "1 of 11 planned", "2 of 11 planned", " " * 15, ""]


@pytest.mark.parametrize(("stream", "of"), [(io.StringIO(), 500), (Terminal(), FEW)], ids=["pipe", "few"])
def test_a_pipe_or_a_short_plan_is_told_nothing(stream: io.StringIO, of: int) -> None:
    with counting("planned", stream) as tell:
        tell(1, of)
    assert stream.getvalue() == ""
