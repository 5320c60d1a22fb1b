"""Which clusters a headless command is about, asked for by as few roads as the answer needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tui.cli.output import say
from tui.cli.session import PARTIAL, Session
from tui.data.clusters import Named, disambiguate, from_aks, from_context, from_membership
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import ClusterRef
from tui.model.patterns import cluster_filter, is_plain_name

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """partial: some project, location or subscription could not be asked, so that there may be more of them."""

    clusters: tuple[ClusterRef, ...]
    partial: bool = False

    def exit_code(self, code: int) -> int:
        """`code`, or 3 where it would say that all went well and some of it was never seen."""
        return code or (PARTIAL if self.partial else 0)


@dataclass(slots=True)
class _Known:
    """What the roads asked so far have told."""

    found: list[Named] = field(default_factory=list[Named])
    problems: list[tuple[str, Problem]] = field(default_factory=list[tuple[str, Problem]])

    def gained(self, who: str, result: Sequence[Named] | Problem) -> None:
        if isinstance(result, Problem):
            self.problems.append((who, result))
        else:
            self.found += result


async def chosen_clusters(session: Session) -> Chosen:
    """Those that match `--cluster`; without it the kubeconfig's context, as kubectl takes it; without a kubeconfig,
    every membership and AKS cluster.

    Plain names that the fleets and contexts know need nothing of Azure, which is then not asked; so signing in there
    costs only those who mean a cluster there. Raises UsageError where nothing matches, SourceError where nothing could
    be listed.
    """
    settings = session.settings
    if not settings.clusters:
        current = await _current_context(session)
        if current is not None:
            return Chosen((current,))
    known = _Known()
    await asyncio.gather(_members(session, known), _contexts(session, known))
    if not _suffices(settings.clusters, known):
        await _aks(session, known)
    wanted = cluster_filter(settings.clusters)
    refs = disambiguate(known.found)
    chosen = tuple(ref for ref in refs if wanted(ref.name))
    if not chosen:
        raise _none(settings.clusters, refs, known)
    partial = not _suffices(settings.clusters, known) and _tell(known)
    return Chosen(chosen, partial)


async def _current_context(session: Session) -> ClusterRef | None:
    contexts = await session.clients.contexts()
    context = session.settings.context
    if not context:
        return contexts[0] if contexts else None
    found = next((ref for ref in contexts if ref.name == context), None)
    if found is None:
        raise UsageError(f"the kubeconfig has no context {context!r}")
    return found


def _suffices(patterns: Sequence[str], known: _Known) -> bool:
    """Whether each pattern is a plain name and is known already."""
    names = {ref.name for ref in disambiguate(known.found)}
    return bool(patterns) and all(is_plain_name(pattern) and pattern in names for pattern in patterns)


def _none(patterns: Sequence[str], refs: Sequence[ClusterRef], known: _Known) -> UsageError | SourceError:
    """Why nothing was chosen."""
    if not refs and known.problems:
        return SourceError(min(known.problems, key=lambda one: one[1].kind is ProblemKind.MISSING)[1])
    _tell(known)
    names = sorted(ref.name for ref in refs)
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    asked = f"no cluster matches {' '.join(patterns)}" if patterns else "there is no cluster"
    return UsageError(f"{asked}; there are: {', '.join(names[:12]) or 'none'}{more}")


def _tell(known: _Known) -> bool:
    """Say on stderr who could not be asked; whether anybody could not. What is not configured is nobody."""
    told = [(who, problem) for who, problem in known.problems if problem.kind is not ProblemKind.MISSING]
    for who, problem in told:
        say(f"{who}: {problem}")
        if problem.remedy:
            say(f"  try: {problem.remedy}")
    return bool(told)


async def _members(session: Session, known: _Known) -> None:
    fleet = session.clients.fleet
    if isinstance(fleet, Problem):
        known.gained("fleets", fleet)
        return
    pages = await asyncio.gather(*(_or_problem(fleet.memberships(project)) for project in session.projects))
    for project, page in zip(session.projects, pages, strict=True):
        if isinstance(page, Problem):
            known.gained(project, page)
            continue
        known.gained(project, [from_membership(member) for member in page.memberships])
        for location in page.unreachable:
            known.gained(location, Problem(ProblemKind.UNREACHABLE, "GKE Hub could not ask this location"))


async def _aks(session: Session, known: _Known) -> None:
    arm = session.clients.arm
    subscriptions = session.settings.subscriptions
    if not subscriptions:
        if not session.clients.azure.configured:
            return
        listed = await _or_problem(arm.subscriptions())
        if isinstance(listed, Problem):
            known.gained("Azure", listed)
            return
        subscriptions = tuple(listed)
    pages = await asyncio.gather(*(_or_problem(arm.aks_clusters(one)) for one in subscriptions))
    for subscription, page in zip(subscriptions, pages, strict=True):
        who = f"subscription {subscription}"
        known.gained(who, page if isinstance(page, Problem) else [from_aks(aks) for aks in page])


async def _contexts(session: Session, known: _Known) -> None:
    found = await _or_problem(session.clients.contexts())
    known.gained("kubeconfig", found if isinstance(found, Problem) else [from_context(ref) for ref in found])


async def _or_problem(work: Awaitable[T]) -> T | Problem:
    try:
        return await work
    except SourceError as error:
        return error.problem
