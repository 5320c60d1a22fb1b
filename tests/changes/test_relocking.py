"""Who locks writing by hand wants what runs to stop; the end of the time stops nothing."""

from __future__ import annotations

import asyncio

from tests.changes.conftest import EU, Office
from tests.changes.test_draining import POD, Port
from tests.changes.test_failures import status
from tui.changes.drafts import Draft, Eviction
from tui.changes.draining import LOOK_EVERY, Drain
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind
from tui.model.bodies import name_of
from tui.model.changes import Action, Fate, Plan, Progress, Run
from tui.model.objects import ObjectRef
from tui.model.permits import Stopped
from tui.model.writes import RefusedError, Write, Written


async def six_labels(office: Office, api: ObjectRef) -> Plan:
    """More than are changed at once."""
    names = (
        ("deployments", "storefront", "web"),
        ("deployments", "search", "web"),
        ("deployments", "worker", "jobs"),
        ("statefulsets", "ledger-db", "payments"),
        ("cronjobs", "invoice-export", "jobs"),
    )
    return await office.plan(Action.LABEL, api, *[await office.ref(*name) for name in names], pairs="a=b")


def seen(run: Run) -> Progress:
    value = run.progress.feed.value
    assert value is not None
    return value


async def test_locking_by_hand_skips_what_has_not_begun(office: Office, api: ObjectRef) -> None:
    plan = await six_labels(office, api)
    office.sim.faults.add("slow", {"method": "PATCH"}, seconds=0.5)
    run = office.desk.carry_out(plan)
    await office.until(lambda: sum(fault.met for fault in office.sim.faults) >= 4)
    office.desk.relock()
    await office.until(lambda: seen(run).finished)
    assert [outcome.fate for outcome in seen(run).outcomes] == [Fate.DONE] * 4 + [Fate.SKIPPED] * 2
    assert len(await office.journal()) == 4


async def test_the_end_of_the_time_cancels_nothing(office: Office, api: ObjectRef) -> None:
    plan = await six_labels(office, api)
    office.sim.faults.add("slow", {"method": "PATCH"}, seconds=0.5)
    run = office.desk.carry_out(plan)
    await office.until(lambda: sum(fault.met for fault in office.sim.faults) >= 4)
    office.desk._lock.expire()  # pyright: ignore[reportPrivateUsage]  # what its timer does
    await office.until(lambda: seen(run).finished)
    assert [outcome.fate for outcome in seen(run).outcomes] == [Fate.DONE] * 6


async def test_no_further_node_is_emptied_once_the_time_is_over(office: Office) -> None:
    cluster, served = office.sim.world.clusters[EU.name], await office.kind("nodes")
    kind = next(kind for kind in cluster.registry if kind.plural == "nodes" and not kind.group)
    nodes = [ObjectRef(EU, served, "", name_of(body)) for body in cluster.store.list(kind, "")]
    plan = await office.plan(Action.DRAIN, *nodes[:2], force="true", delete_emptydir_data="true")
    assert [step.problem for step in plan.steps] == [None, None]
    office.sim.faults.add("slow", {"method": "POST", "path": "*/eviction"}, seconds=0.5)
    run = office.desk.carry_out(plan)
    await office.until(lambda: any(fault.met for fault in office.sim.faults))
    office.desk._lock.expire()  # pyright: ignore[reportPrivateUsage]  # what its timer does
    await office.until(lambda: seen(run).finished)
    first, second = seen(run).outcomes
    assert (first.fate, second.fate, second.words) == (Fate.DONE, Fate.SKIPPED, "not begun")
    assert second.problem is not None
    assert second.problem.summary == "writing is locked"
    assert not office.there(nodes[1])["spec"].get("unschedulable")


async def test_what_waits_for_a_busy_server_is_not_sent_again(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SCALE, api, replicas="7")
    body = status("TooManyRequests", 429, "later")
    office.sim.faults.add("answer", {"method": "PATCH"}, status=429, body=body, retry_after=30)
    run = office.desk.carry_out(plan)
    await office.until(lambda: any(fault.met for fault in office.sim.faults))
    office.desk.relock()
    office.sim.faults.clear()
    await office.until(lambda: seen(run).finished)
    (outcome,) = seen(run).outcomes
    assert (outcome.fate, outcome.words) == (Fate.SKIPPED, "cancelled")
    assert office.there(api)["spec"]["replicas"] == 2
    (entry,) = await office.journal()
    assert entry.problem == "cancelled before it was sent", "the request that was refused is written down with its end"


BUSY = RefusedError(Problem(ProblemKind.THROTTLED, "HTTP 429", status=429, retry_after=1.0))


class Stopping(Port):
    """Its first eviction meets a busy server, and somebody who cancels."""

    def __init__(self, cancelled: asyncio.Event) -> None:
        super().__init__([BUSY])
        self.cancelled = cancelled

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        if write.path.endswith("/eviction"):
            self.cancelled.set()
        return await super().write(write, stopped)


async def test_no_pod_is_evicted_once_it_is_cancelled(api: ObjectRef) -> None:
    clock, cancelled = ManualClock(), asyncio.Event()
    port = Stopping(cancelled)
    draft = Draft(api, "drain", Write("PATCH", "/api/v1/nodes/n1"), eviction=Eviction((POD,)))
    task = asyncio.create_task(Drain(port, draft, [].append, cancelled, clock).run())
    for _ in range(5):
        await clock.advance(LOOK_EVERY)
    _, _, problem = await asyncio.wait_for(task, 30)
    assert len(port.asked) == 1
    assert not port.evicted
    assert problem is not None
    assert problem.summary == "cancelled, and the node stays cordoned: evicted 0 of 1 pod"
