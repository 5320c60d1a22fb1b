"""What every headless command starts with: settings from flags and the clients behind them; and work over many
clusters at once."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from tui.cli.flags import settings_of
from tui.cli.output import say, say_remedy
from tui.clock import Clock, SystemClock
from tui.config.settings import Settings
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef
from tui.waits import Gate

if TYPE_CHECKING:
    from tui.wiring import Clients

T = TypeVar("T")

PARTIAL = 3
"""Exit code: some clusters did not answer; what did is printed (design section 5)."""
AT_ONCE = 32
"""Clusters asked at the same time; one that has not answered within a second no longer counts."""
NAMED = 4
"""Clusters whose names are said where several failed alike."""


class Session(Struct, frozen=True):
    """One run of a command. form: how to print. flags: the names of those that were given."""

    settings: Settings
    projects: tuple[str, ...]
    clients: Clients
    clock: Clock
    form: str = "table"
    flags: frozenset[str] = frozenset()


@asynccontextmanager
async def opened(arguments: argparse.Namespace) -> AsyncGenerator[Session]:
    """A session whose connections are closed at the end."""
    from tui.wiring import open_clients

    settings, clock = settings_of(arguments), SystemClock()
    clients = await open_clients(settings, os.environ, clock)
    try:
        given = vars(arguments)
        flags = frozenset(name for name, value in given.items() if value not in (None, False))
        yield Session(settings, clients.projects, clients, clock, given.get("output", "table"), flags)
    finally:
        await clients.close()


async def over(
    clusters: Sequence[ClusterRef], work: Callable[[ClusterRef], Awaitable[T]], clock: Clock
) -> tuple[list[tuple[ClusterRef, T]], int]:
    """Do `work` for every cluster, many at once; then failures are said on stderr (see `tell`).

    Returns what succeeded, in the clusters' order, and the exit code: 0, 3 where some failed, and 1 (4 where it was
    for want of a sign-in) where all did.
    """
    gate = Gate(clock, AT_ONCE)

    async def one(ref: ClusterRef) -> T:
        async with gate.passing():
            return await work(ref)

    done = await asyncio.gather(*(or_problem(one(ref)) for ref in clusters))
    results = [(ref, held) for ref, held in zip(clusters, done, strict=True) if not isinstance(held, Problem)]
    problems = [(ref, held) for ref, held in zip(clusters, done, strict=True) if isinstance(held, Problem)]
    tell(problems)
    return results, exit_code(bool(results), [problem for _, problem in problems])


async def or_problem(work: Awaitable[T]) -> T | Problem:
    """What came of it, or why nothing did: so that one failure costs the others nothing."""
    try:
        return await work
    except SourceError as error:
        return error.problem


def exit_code(something: bool, problems: Sequence[Problem]) -> int:
    """0 where nothing failed, 3 where something is there all the same, else what the first failure ends with."""
    if not problems:
        return 0
    return PARTIAL if something else SourceError(problems[0]).exit_code


def tell(problems: Sequence[tuple[ClusterRef, Problem]]) -> None:
    """Say on stderr what failed where; the same failure of several clusters once."""
    where: dict[tuple[str, str], list[str]] = {}
    for ref, problem in problems:
        where.setdefault((str(problem), problem.remedy), []).append(ref.name)
    for (words, remedy), names in where.items():
        say(f"{_clusters(names)}: {words}")
        say_remedy(remedy)


def _clusters(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{len(names)} clusters ({', '.join(names[:NAMED])}{more})"
