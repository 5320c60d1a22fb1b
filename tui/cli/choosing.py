"""Which clusters a headless command is about, asked for by as few roads as the answer needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field

from tui.cli.output import say, say_remedy
from tui.cli.session import PARTIAL, Session, or_problem
from tui.data.clusters import Named, disambiguate, from_aks, from_context, from_membership, gateway_context
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import ClusterRef
from tui.model.patterns import cluster_filter, is_plain_name


class Chosen(Struct, frozen=True):
    """partial: some project, location or subscription could not be asked, so that there may be more of them."""

    clusters: tuple[ClusterRef, ...]
    partial: bool = False

    def exit_code(self, code: int) -> int:
        """`code`, or 3 where it would say that all went well and some of it was never seen."""
        return code or (PARTIAL if self.partial else 0)


class _Known(Struct):
    """What the roads asked so far have told."""

    found: list[Named] = field(default_factory=list[Named])
    problems: list[tuple[str, Problem]] = field(default_factory=list[tuple[str, Problem]])
    doubles: set[str] = field(default_factory=set[str])

    def gained(self, who: str, result: Sequence[Named] | Problem) -> None:
        if isinstance(result, Problem):
            self.problems.append((who, result))
        else:
            self.found += result

    def refs(self) -> tuple[ClusterRef, ...]:
        """Each cluster once: a context that gcloud wrote for a membership is the same cluster by the same road."""
        return disambiguate(named for named in self.found if named.ref.name not in self.doubles)


async def chosen_clusters(session: Session) -> Chosen:
    """Those of the flags that choose some; without any the kubeconfig's current context, as kubectl takes it; without a
    kubeconfig every membership and AKS cluster. What no flag chose is said on stderr.

    `--context` is that context; `--project`, `--subscription` and `--kubeconfig` are the clusters found there, narrowed
    by `--cluster`. Plain names that the fleets and contexts know need nothing of Azure, which is then not asked; so
    signing in there costs only those who mean a cluster there. Raises UsageError where nothing matches, SourceError
    where nothing could be listed.
    """
    settings = session.settings
    everything = "all_clusters" in session.flags
    if everything and "cluster" in session.flags:
        raise UsageError("--all-clusters and --cluster exclude each other")
    patterns = () if everything else settings.clusters
    named = "context" in session.flags  # which outranks what the configuration says of clusters
    if named or (not patterns and not everything and not session.flags & {"project", "subscription"}):
        current = await _current_context(session)
        if current is not None:
            return Chosen((current,))
    known = _Known()
    roads = _roads(session)
    # The fleets and contexts first, since a plain name may be all that is asked for.
    await asyncio.gather(*(road(session, known) for road in roads if road is not _aks))
    if _aks in roads and not _suffices(patterns, known):
        await _aks(session, known)
    wanted = cluster_filter(patterns)
    refs = known.refs()
    chosen = tuple(ref for ref in refs if wanted(ref.name))
    if not chosen:
        raise await _none(session, patterns, refs, known)
    if not patterns and not everything and not session.flags & _ROADS.keys():
        say(f"no kubeconfig: asking all {len(chosen)} clusters of the fleets and subscriptions (--cluster narrows it)")
    partial = not _suffices(patterns, known) and _tell(known)
    return Chosen(chosen, partial)


_NAMES = frozenset({"cluster", "context", "all_clusters", "project", "subscription"})
"""The flags that say which clusters are meant; a kubeconfig does by its current context."""


async def written_clusters(session: Session) -> Chosen:
    """Those that a command which changes something is about: only what was asked for by a flag, or the kubeconfig's
    current context, as for kubectl. What reads may ask every cluster where nobody chose one; a deletion may not. Raises
    as `chosen_clusters`, and UsageError where no cluster was chosen."""
    if session.flags & _NAMES:
        return await chosen_clusters(session)
    current = await _current_context(session)
    if current is None:
        raise UsageError(
            "which cluster is to be changed? Give --cluster NAME, --context NAME, --project or --subscription, "
            "--kubeconfig FILE with a current context, or --all-clusters"
        )
    if not cluster_filter(session.settings.clusters)(current.name):
        raise UsageError(
            f"{current.name}, the kubeconfig's current context, is none of the configured clusters; "
            "give --cluster NAME, --context NAME or --all-clusters"
        )
    return Chosen((current,))


def named_one_by_one(session: Session) -> frozenset[str] | None:
    """The names of clusters that were given in full by `--cluster`; None: `--all-clusters` means each of them."""
    if "all_clusters" in session.flags:
        return None
    patterns = session.settings.clusters if "cluster" in session.flags else ()
    return frozenset(filter(is_plain_name, patterns))


async def _current_context(session: Session) -> ClusterRef | None:
    """The context that is meant where no flag names a cluster; None without a kubeconfig. Raises UsageError where it
    has several and none is current: a guess would be a query of somebody else's cluster."""
    contexts = await session.clients.contexts()
    context = session.settings.context or session.clients.current_context
    found = next((ref for ref in contexts if ref.name == context), None)
    if found is None and contexts:
        names = ", ".join(ref.name for ref in contexts[:12])
        raise UsageError(
            f"the kubeconfig sets no current context; give --context, --cluster or --all-clusters. It has: {names}"
        )
    if found is not None and not session.settings.context:
        say(f"{found.name}: the kubeconfig's current context (--all-clusters asks every cluster)")
    return found


def _suffices(patterns: Sequence[str], known: _Known) -> bool:
    """Whether each pattern is a plain name and is known already."""
    names = {ref.name for ref in known.refs()}
    return bool(patterns) and all(is_plain_name(pattern) and pattern in names for pattern in patterns)


async def _none(
    session: Session, patterns: Sequence[str], refs: Sequence[ClusterRef], known: _Known
) -> UsageError | SourceError:
    """Why nothing was chosen."""
    if not refs and known.problems:
        failed = [problem for _, problem in known.problems if problem.kind is not ProblemKind.MISSING]
        return SourceError(failed[0] if failed else await _no_road(session))
    _tell(known)
    return no_match(patterns, refs)


async def _no_road(session: Session) -> Problem:
    """Nothing is configured: whether it is a sign-in that is missing first of all, and all that would help."""
    from tui.present.unchosen import ROADS

    remedy = "\n".join(f"{line.text}  ({line.label})" if line.label else line.text for line in ROADS)
    signed_in = await or_problem(session.clients.google.token())
    if isinstance(signed_in, Problem) and signed_in.kind is ProblemKind.SIGNED_OUT:
        summary = "no cluster is known: nobody is signed in to a cloud, and there is no kubeconfig"
        return Problem(ProblemKind.SIGNED_OUT, summary, remedy=remedy)
    summary = "no cluster is known: no Google Cloud project is set, and there is no kubeconfig"
    return Problem(ProblemKind.MISSING, summary, remedy=remedy)


def no_match(patterns: Sequence[str], refs: Iterable[ClusterRef]) -> UsageError:
    """The error of who asked for clusters that are not among `refs`."""
    names = sorted(ref.name for ref in refs)
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    asked = f"no cluster matches {' '.join(patterns)}" if patterns else "there is no cluster"
    return UsageError(f"{asked}; there are: {', '.join(names[:12]) or 'none'}{more}")


def _tell(known: _Known) -> bool:
    """Say on stderr who could not be asked; whether anybody could not. What is not configured is nobody."""
    told = [(who, problem) for who, problem in known.problems if problem.kind is not ProblemKind.MISSING]
    for who, problem in told:
        say(f"{who}: {problem}")
        say_remedy(problem.remedy)
    return bool(told)


async def _members(session: Session, known: _Known) -> None:
    fleet = session.clients.fleet
    if isinstance(fleet, Problem):
        known.gained("fleets", fleet)
        return
    pages = await asyncio.gather(*(or_problem(fleet.memberships(project)) for project in session.projects))
    for project, page in zip(session.projects, pages, strict=True):
        if isinstance(page, Problem):
            known.gained(project, page)
            continue
        known.gained(project, [from_membership(member) for member in page.memberships])
        known.doubles.update(map(gateway_context, page.memberships))
        for location in page.unreachable:
            known.gained(location, Problem(ProblemKind.UNREACHABLE, "GKE Hub could not ask this location"))


async def _aks(session: Session, known: _Known) -> None:
    arm = session.clients.arm
    subscriptions = session.settings.subscriptions
    if not subscriptions:
        if not session.clients.azure.configured:
            return
        listed = await or_problem(arm.subscriptions())
        if isinstance(listed, Problem):
            known.gained("Azure", listed)
            return
        subscriptions = tuple(listed)
    pages = await asyncio.gather(*(or_problem(arm.aks_clusters(one)) for one in subscriptions))
    for subscription, page in zip(subscriptions, pages, strict=True):
        who = f"subscription {subscription}"
        known.gained(who, page if isinstance(page, Problem) else [from_aks(aks) for aks in page])


async def _contexts(session: Session, known: _Known) -> None:
    found = await or_problem(session.clients.contexts())
    known.gained("kubeconfig", found if isinstance(found, Problem) else [from_context(ref) for ref in found])


_Road = Callable[[Session, _Known], Awaitable[None]]
_ROADS: Mapping[str, _Road] = {"project": _members, "kubeconfig": _contexts, "subscription": _aks}
"""Where clusters are found, by the flag that names such a place."""


def _roads(session: Session) -> list[_Road]:
    """Those that flags name, else all."""
    named = [road for flag, road in _ROADS.items() if flag in session.flags]
    return named or list(_ROADS.values())
