"""What goes through all kinds on the command line: ended early it prints what it has, and says what it has not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tests.data.fakekube import DEPLOYMENTS, FakeKube, problem
from tests.data.helpers import ONE, TWO
from tui.cli.session import PARTIAL
from tui.cli.through import Search, unseen_words
from tui.clock import Clock, ManualClock, settle
from tui.data.finding import find, wanted
from tui.data.poller import Polled
from tui.model.kube import PODS, KindRef, Table


async def test_what_was_found_before_ctrl_c_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    kubes = {ONE.key: FakeKube(clock), TWO.key: FakeKube(clock)}
    kubes[ONE.key].pod("api-1")
    kubes[TWO.key].hanging.add("discover")

    async def cluster(ref: Any) -> FakeKube:
        return kubes[ref.key]

    async def ask(kube: Any, kind: KindRef, clock: Clock) -> Polled[Table]:
        if kind == DEPLOYMENTS:
            await asyncio.Event().wait()
        return await find(kube, kind, wanted("api"), "", "", clock)

    session: Any = SimpleNamespace(clients=SimpleNamespace(cluster=cluster), clock=clock)
    search = asyncio.create_task(Search(lambda served: (PODS, DEPLOYMENTS), ask, session).over((ONE, TWO)))
    await settle()
    search.cancel()
    found, code = await search
    assert code == PARTIAL
    ((ref, held),) = found
    assert (ref, [row.name for _, row in held.rows]) == (ONE, ["api-1"])
    assert held.unseen == ("ended early: looked through 1 of 2 kinds",)
    assert "1 of 2 clusters were not looked through" in capsys.readouterr().err


def test_kinds_that_may_not_be_listed_are_counted_in_one_line() -> None:
    refused = problem(403)
    assert unseen_words([("pods", refused)], 9) == ["pods: HTTP 403"]
    told = unseen_words([("pods", refused), ("leases", problem(500)), ("nodes", refused)], 9)
    assert told == ["2 of 9 kinds forbidden: pods, nodes", "leases: HTTP 500"]
