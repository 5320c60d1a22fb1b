"""What every headless command starts with: settings from flags, the ports behind them, and which clusters are meant."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tui.cli.flags import settings_of
from tui.cli.output import say
from tui.clock import Clock, SystemClock
from tui.config import Settings
from tui.data.clusters import Named, disambiguate, from_aks, from_context, from_membership
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef
from tui.model.patterns import cluster_filter

if TYPE_CHECKING:
    from tui.wiring import Clients

T = TypeVar("T")

PARTIAL = 3
"""Exit code: some clusters did not answer; what did is printed (design section 5)."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command. form: how to print."""

    settings: Settings
    projects: tuple[str, ...]
    clients: Clients
    clock: Clock
    form: str = "table"


@asynccontextmanager
async def opened(arguments: argparse.Namespace) -> AsyncGenerator[Session]:
    """A session whose connections are closed at the end."""
    from tui.wiring import open_clients

    settings, clock = settings_of(arguments), SystemClock()
    clients = await open_clients(settings, os.environ, clock)
    try:
        yield Session(settings, clients.projects, clients, clock, vars(arguments).get("output", "table"))
    finally:
        await clients.close()


async def chosen_clusters(session: Session) -> tuple[ClusterRef, ...]:
    """The clusters a command is about: those that match `--cluster`; without it the kubeconfig's context, as kubectl
    takes it; without a kubeconfig, every membership and AKS cluster.

    Raises UsageError where nothing matches, SourceError where nothing could even be listed.
    """
    from tui.errors import UsageError

    settings = session.settings
    if not settings.clusters:
        contexts = await _contexts(session)
        current = [ref for ref in contexts if not settings.context or ref.key == f"context:{settings.context}"]
        if settings.context and not current:
            raise UsageError(f"the kubeconfig has no context {settings.context!r}")
        if current:
            return (current[0],)
    known = await _known(session)
    wanted = cluster_filter(settings.clusters)
    chosen = tuple(ref for ref in disambiguate(known) if wanted(ref.name))
    if not chosen:
        names = ", ".join(sorted(ref.name for ref in disambiguate(known))[:12])
        raise UsageError(f"no cluster matches {' '.join(settings.clusters)}; there are: {names}")
    return chosen


async def _contexts(session: Session) -> Sequence[ClusterRef]:
    """The kubeconfig's contexts, the current one first."""
    return await session.clients.contexts()


async def _known(session: Session) -> list[Named]:
    roads = await asyncio.gather(
        *(_or_problem(road(session)) for road in (_members, _aks, _context_names)),
    )
    found = [named for road in roads if not isinstance(road, Problem) for named in road]
    problems = [road for road in roads if isinstance(road, Problem)]
    if not found and problems:
        raise SourceError(problems[0])
    return found


async def _members(session: Session) -> list[Named]:
    fleet = session.clients.fleet
    if isinstance(fleet, Problem):
        raise SourceError(fleet)
    pages = await asyncio.gather(*(fleet.memberships(project) for project in session.projects))
    return [from_membership(member) for page in pages for member in page.memberships]


async def _aks(session: Session) -> list[Named]:
    arm = session.clients.arm
    if isinstance(arm, Problem):
        raise SourceError(arm)
    subscriptions = session.settings.subscriptions or await arm.subscriptions()
    pages = await asyncio.gather(*(arm.aks_clusters(subscription) for subscription in subscriptions))
    return [from_aks(aks) for page in pages for aks in page]


async def _context_names(session: Session) -> list[Named]:
    return [from_context(ref) for ref in await _contexts(session)]


async def _or_problem(work: Awaitable[T]) -> T | Problem:
    try:
        return await work
    except SourceError as error:
        return error.problem


async def over(
    clusters: Sequence[ClusterRef], work: Callable[[ClusterRef], Awaitable[T]]
) -> tuple[list[tuple[ClusterRef, T]], int]:
    """Do `work` for every cluster at once; failures are said on stderr, each with its cluster's name.

    Returns what succeeded, in the clusters' order, and the exit code: 0, 3 where some failed, and 1 (4 where it was
    for want of a sign-in) where all did.
    """
    done = await asyncio.gather(*(_or_problem(work(ref)) for ref in clusters))
    results: list[tuple[ClusterRef, T]] = []
    problems: list[Problem] = []
    for ref, result in zip(clusters, done, strict=True):
        if isinstance(result, Problem):
            problems.append(result)
            say(f"{ref.name}: {result}")
            if result.remedy:
                say(f"  try: {result.remedy}")
        else:
            results.append((ref, result))
    if problems and not results:
        return results, SourceError(problems[0]).exit_code
    return results, PARTIAL if problems else 0
