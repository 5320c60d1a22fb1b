"""Below the desk: a client sends nothing that writes without a permit, which only the lock gives; seen in the log of
the simulated servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.changes.conftest import EU, US, Office
from tests.clocks import SteppedClock
from tui.changes.lock import LOCKED, WriteLock
from tui.changes.settings import ChangeSettings, Rules
from tui.clients.kube import KubeClient
from tui.data.tasks import Tasks
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Action, Fate
from tui.model.cluster import ClusterRef
from tui.model.objects import ObjectRef
from tui.model.permits import Permit
from tui.model.writes import Media, Write

PATH = "/apis/apps/v1/namespaces/payments/deployments/api"
MERGE = Write("PATCH", PATH, {"metadata": {"labels": {"a": "b"}}}, Media.MERGE_PATCH)
WRITES = [
    MERGE,
    Write("PUT", PATH, {}),
    Write("DELETE", PATH),
    Write("POST", "/api/v1/namespaces/web/configmaps", {"metadata": {"name": "x"}}),
    Write("PATCH", PATH, {}, Media.MERGE_PATCH, dry=True),
]


class Guard:
    """A lock of its own."""

    def __init__(self, **settings: object) -> None:
        self.clock = SteppedClock()
        self.tasks = Tasks()
        made = ChangeSettings(**settings)  # type: ignore[arg-type]
        self.rules = Rules(made)
        self.lock = WriteLock(made, self.rules, self.clock, self.tasks)


async def refused(client: KubeClient, write: Write, permit: Permit) -> Problem:
    with pytest.raises(SourceError) as caught:
        await client.write(write, permit)
    return caught.value.problem


@pytest.mark.parametrize("write", WRITES, ids=["merge", "put", "delete", "post", "dry"])
async def test_a_permit_that_was_taken_back_sends_nothing(office: Office, write: Write) -> None:
    guard = Guard()
    guard.lock.unlock()
    client = await office.connect(EU)
    permit = guard.lock.permit(EU)
    guard.lock.relock()
    office.sim.requests.clear()
    assert await refused(client, write, permit) == LOCKED
    assert len(office.sim.requests) == 0
    await guard.tasks.close()


async def test_a_locked_lock_gives_no_permit_and_a_client_takes_nothing_else(office: Office) -> None:
    guard = Guard()
    for dry in (True, False):
        with pytest.raises(SourceError, match="writing is locked"):
            guard.lock.permit(EU, dry=dry)
    client = await office.connect(EU)
    office.sim.requests.clear()
    with pytest.raises(TypeError):
        await client.write(MERGE)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert len(office.sim.requests) == 0


async def test_a_read_only_cluster_gets_no_permit_and_loses_the_one_it_has(office: Office) -> None:
    guard = Guard(read_only=("127.0.0.*",))
    guard.lock.unlock()
    client = await office.connect(EU)
    permit = guard.lock.permit(EU)  # nobody knows yet where it is
    guard.rules.learn(EU, client.names)
    with pytest.raises(SourceError, match="read-only"):
        guard.lock.permit(EU)
    office.sim.requests.clear()
    assert "read-only" in (await refused(client, MERGE, permit)).summary
    assert len(office.sim.requests) == 0
    await guard.tasks.close()


async def test_a_permit_is_for_one_cluster_and_one_to_try_stores_nothing(office: Office) -> None:
    guard = Guard()
    guard.lock.unlock()
    client = await office.connect(EU)
    office.sim.requests.clear()
    assert "prod-eu is not what was permitted" in (await refused(client, MERGE, guard.lock.permit(US))).summary
    trying = guard.lock.permit(EU, dry=True)
    assert (await refused(client, MERGE, trying)).summary == "only trying it was permitted"
    assert len(office.sim.requests) == 0
    await client.write(Write("PATCH", PATH, MERGE.body, Media.MERGE_PATCH, dry=True), trying)
    guard.lock.relock()
    assert await refused(client, Write("PATCH", PATH, MERGE.body, Media.MERGE_PATCH, dry=True), trying) == LOCKED
    assert len(office.sim.requests) == 1
    await guard.tasks.close()


async def test_the_name_on_screen_is_not_what_a_permit_is_for(office: Office) -> None:
    client = await office.connect(EU)
    await client.write(MERGE, Permit(ClusterRef(EU.key, "prod-eu (acme)", EU.via), lambda: None))
    assert len(office.written()) == 1


async def test_what_was_begun_is_carried_on_when_the_time_runs_out_but_not_when_it_is_locked(office: Office) -> None:
    guard = Guard(minutes=1.0)
    guard.lock.unlock()
    permit = guard.lock.permit(EU)
    await guard.clock.advance(61)
    assert guard.lock.refusal(EU) == LOCKED
    client = await office.connect(EU)
    await client.write(MERGE, permit)
    guard.lock.relock()
    assert await refused(client, MERGE, permit) == LOCKED
    assert len(office.written()) == 1
    await guard.tasks.close()


class Slow:
    """A shared quota that lets nobody through for a while."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.waiting = asyncio.Event()

    async def enter(self) -> None:
        self.waiting.set()
        await self.open.wait()

    def answered(self, status: int, retry_after: float | None) -> None:
        pass


async def test_what_waits_for_its_turn_is_not_sent_once_it_is_locked(office: Office) -> None:
    guard, gate = Guard(), Slow()
    guard.lock.unlock()
    client = (await office.connect(EU)).behind(gate)
    writing = asyncio.create_task(client.write(MERGE, guard.lock.permit(EU)))
    await gate.waiting.wait()
    guard.lock.relock()
    gate.open.set()
    with pytest.raises(SourceError, match="writing is locked"):
        await writing
    assert office.written() == []
    await guard.tasks.close()


async def test_questions_about_ourselves_need_no_permit_and_nothing_else_passes_as_one(office: Office) -> None:
    client = await office.connect(EU)
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    body = b'{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}'
    assert b"ana@example.com" in await client.review(path, body)
    office.sim.requests.clear()
    for other in ("/api/v1/namespaces/web/configmaps", "/apis/authorization.k8s.io/v1/subjectaccessreviews"):
        with pytest.raises(ValueError, match="is no review"):
            await client.review(other, body)
    assert len(office.sim.requests) == 0


async def test_the_desk_itself_cannot_write_past_the_lock(office: Office, api: ObjectRef) -> None:
    """Even a plan that somebody carries out late, by a desk whose own checks are gone."""
    plan = await office.plan(Action.SCALE, api, replicas="7")
    office.sim.faults.add("slow", {"method": "GET"}, seconds=0.01)
    run = office.desk.carry_out(plan)
    office.desk._lock.relock()  # pyright: ignore[reportPrivateUsage] - without the cancel that the desk adds
    await office.until(lambda: run.progress.feed.value is not None and run.progress.feed.value.finished)
    assert run.progress.feed.value is not None
    (outcome,) = run.progress.feed.value.outcomes
    assert (outcome.fate, outcome.problem) == (Fate.FAILED, LOCKED)
    assert [asked for asked in office.written() if "dryRun" not in asked.path and asked.method != "POST"] == []


def test_a_permit_ends_with_whoever_wanted_the_request() -> None:
    changed_his_mind = SourceError(Problem(ProblemKind.CONFLICT, "cancelled"))
    wanted: list[SourceError] = []
    permit = Permit(EU, lambda: None)  # the lock's, in a test
    until = permit.until(lambda: wanted[0] if wanted else None)
    until.check(EU, dry=False)
    wanted.append(changed_his_mind)
    with pytest.raises(SourceError, match="cancelled"):
        until.check(EU, dry=False)
    permit.check(EU, dry=False)


def test_only_the_lock_makes_permits() -> None:
    root = Path(__file__).parent.parent.parent
    found = [path.relative_to(root) for path in (root / "tui").rglob("*.py") if "Permit(" in path.read_text()]
    assert [str(path) for path in found] == ["tui/changes/lock.py"]
