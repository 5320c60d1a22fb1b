"""What a run tells and writes down: seldom enough for thousands of steps, and before anything is sent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.changes.conftest import EU, Office
from tests.changes.test_planning_many import MANY, many
from tui.changes.journal import Journal
from tui.changes.records import BEGUN
from tui.changes.tally import EVERY, Tally
from tui.clock import ManualClock
from tui.data.runtime import Runtime
from tui.errors import Problem, ProblemKind
from tui.model.changes import Action, Entry, Fate, Outcome, Plan, Progress, Step, Wish
from tui.model.kube import PODS
from tui.model.objects import ObjectRef

STEPS = 2_000


def tally(clock: ManualClock, steps: int = STEPS) -> Tally:
    refs = [ObjectRef(EU, PODS, "web", f"p-{number}") for number in range(steps)]
    made = tuple(Step(number, ref, "label") for number, ref in enumerate(refs))
    return Tally(Plan(1, Wish(Action.LABEL, tuple(refs)), made), clock)


def told(one: Tally) -> Progress:
    assert one.progress.feed.value is not None
    return one.progress.feed.value


async def test_thousands_of_changes_at_once_are_told_a_few_times() -> None:
    clock = ManualClock()
    one = tally(clock)
    for number in range(STEPS):
        one.set(number, Outcome(Fate.RUNNING))
        one.set(number, Outcome(Fate.DONE))
    assert one.progress.feed.revision <= 2
    await clock.advance(EVERY)
    assert one.progress.feed.revision <= 3
    assert {outcome.fate for outcome in told(one).outcomes} == {Fate.DONE}, "and none of them is kept back"
    one.finish()
    assert told(one).finished


async def test_what_happens_seldom_is_told_at_once() -> None:
    clock = ManualClock()
    one = tally(clock)
    await clock.advance(EVERY)
    one.set(3, Outcome(Fate.RUNNING, "evicted 1 of 7 pods"))
    assert told(one).outcomes[3].words == "evicted 1 of 7 pods"


async def test_a_run_that_dies_leaves_no_step_open_and_tells_nothing_after_it() -> None:
    clock = ManualClock()
    one = tally(clock, 3)
    one.set(0, Outcome(Fate.DONE))
    one.set(1, Outcome(Fate.RUNNING))
    one.fail(Problem(ProblemKind.BUG, "a bug"))
    assert [outcome.fate for outcome in told(one).outcomes] == [Fate.DONE, Fate.FAILED, Fate.FAILED]
    revision = one.progress.feed.revision
    await clock.advance(2 * EVERY)
    assert one.progress.feed.revision == revision


async def test_a_run_over_many_syncs_its_journal_less_often_than_it_writes_lines(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = await many(office)
    plan = await office.desk.plan(Wish(Action.LABEL, tuple(refs), {"pairs": "a=b"}))
    synced: list[int] = []
    monkeypatch.setattr("tui.changes.journal.os.fsync", synced.append)
    await office.done(plan)
    assert len(synced) < 2 * MANY
    entries = [entry for entry in await office.journal() if entry.action is Action.LABEL]
    assert len({entry.name for entry in entries}) == len(entries) == MANY
    assert not [entry.problem for entry in entries if entry.problem]
    assert all(entry.undo is not None for entry in entries)


def read(path: Path) -> Journal:
    return Journal(path, Runtime(ManualClock(), strict=True))


async def test_a_change_is_written_down_before_it_is_sent(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SCALE, api, replicas="7")
    office.sim.faults.add("hang", {"method": "PATCH"})
    office.desk.carry_out(plan)
    await office.until(lambda: any(fault.met for fault in office.sim.faults))
    (entry,) = await read(office.folder / "state" / "journal.jsonl").entries()
    assert (entry.name, entry.problem, entry.undo) == ("api", BEGUN, None)
    assert entry.diff, "and what it would have been"


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.changes.test_journal import entry, journal
from tui.changes.records import BEGUN
async def main():
    book = journal(Path(sys.argv[1]))
    await asyncio.gather(*(book.add(entry(str(n), float(n), problem=BEGUN)) for n in range(8)))
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


async def test_a_program_that_is_killed_leaves_what_it_had_begun(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", KILLED, str(path)], env=environ, check=False)
    assert done.returncode == -signal.SIGKILL
    found: tuple[Entry, ...] = await read(path).entries()
    assert [entry.problem for entry in found] == [BEGUN] * 8
