"""A server that lags behind is asked again, and no other."""

from __future__ import annotations

import asyncio

import pytest

from tui.changes.lagging import ASK_EVERY, insistently, is_of_schema, is_unknown
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind
from tui.model.writes import RefusedError, Written


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ("404 page not found", 3),
        ("the server could not find the requested resource", 3),
        ('namespaces "web" not found', 1),
    ],
)
async def test_a_server_that_lags_behind_is_asked_again_and_no_other(words: str, sent: int) -> None:
    clock, calls = ManualClock(), 0

    async def send() -> Written:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise RefusedError(Problem(ProblemKind.NOT_FOUND, "HTTP 404", words, status=404))
        return Written(201, {})

    task = asyncio.create_task(insistently(send, clock, asyncio.Event(), is_unknown))
    for _ in range(4):
        await clock.advance(ASK_EVERY)
    assert task.done()
    assert calls == sent
    assert (task.exception() is None) is (sent == 3)


@pytest.mark.parametrize(("status", "sent"), [(500, 3), (422, 3), (403, 1)])
async def test_a_server_that_still_has_the_old_schema_is_asked_again(status: int, sent: int) -> None:
    clock, calls = ManualClock(), 0

    async def send() -> Written:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise RefusedError(
                Problem(ProblemKind.INVALID, f"HTTP {status}", ".spec.mode: field not declared", status=status)
            )
        return Written(201, {})

    task = asyncio.create_task(insistently(send, clock, asyncio.Event(), is_of_schema))
    for _ in range(4):
        await clock.advance(ASK_EVERY)
    assert task.done()
    assert calls == sent
    assert (task.exception() is None) is (sent == 3)
