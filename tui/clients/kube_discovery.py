"""What a cluster serves: aggregated discovery in two requests, else the old way in many.

Aggregated discovery (apidiscovery.k8s.io v2, GA in 1.30; v2beta1 since 1.26) answers everything at once; an older
server ignores the Accept header and answers as it always did, and then each group version is asked. One group that
fails (an aggregated API whose backend is down is the usual one) hides its own kinds and no others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from msgspec.structs import replace

from tui.clients.json_fields import JsonObject, child, children, flag, parse_object, text, texts
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import KindRef

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)
_AT_ONCE = 4
_FOR_ALL = frozenset({ProblemKind.THROTTLED, ProblemKind.SIGNED_OUT, ProblemKind.UNREACHABLE})
"""Failures of one group that are not of its own backend, but of the server or of us."""

Fetch = Callable[[str, str], Awaitable[bytes]]
"""Gets a path with an Accept header; raises SourceError."""


async def discover(fetch: Fetch) -> tuple[KindRef, ...]:
    """Every served kind once, in its preferred version, in the server's order (core first).

    Raises SourceError where neither core nor groups could be read, or where one of them was not answered: half a
    list would say that the rest is not served.
    """
    core, groups = await asyncio.gather(_ask(fetch, "/api"), _ask(fetch, "/apis"))
    for answer, other in ((core, groups), (groups, core)):
        if isinstance(answer, SourceError) and (isinstance(other, SourceError) or not _is_refusal(answer.problem)):
            raise answer
    found: list[KindRef] = []
    for answer, plain in ((core, _plain_core), (groups, _plain_groups)):
        if isinstance(answer, SourceError):
            continue
        if text(answer, "kind") == "APIGroupDiscoveryList":
            found += aggregated_kinds(answer)
        else:
            found += await plain(fetch, answer)
    return _once(found)


def _is_refusal(problem: Problem) -> bool:
    """Whether it says that there is nothing for this person, and not that the answer did not come."""
    return problem.kind in (ProblemKind.FORBIDDEN, ProblemKind.NOT_FOUND)


async def _ask(fetch: Fetch, path: str) -> JsonObject | SourceError:
    try:
        obj = parse_object(await fetch(path, AGGREGATED))
    except SourceError as exc:
        return exc
    if obj is None:
        return SourceError(Problem(ProblemKind.PROTOCOL, "discovery is answered with what is no JSON", target=path))
    return obj


def aggregated_kinds(listing: JsonObject) -> list[KindRef]:
    """The kinds of an APIGroupDiscoveryList, all versions in the server's order of preference."""
    found: list[KindRef] = []
    for item in children(listing, "items"):
        group = text(item, "metadata", "name")
        for version in children(item, "versions"):
            name = text(version, "version")
            found += [_aggregated_kind(group, name, resource) for resource in children(version, "resources")]
    return found


def _aggregated_kind(group: str, version: str, resource: JsonObject) -> KindRef:
    return KindRef(
        group,
        version,
        text(resource, "resource"),
        text(resource, "responseKind", "kind"),
        text(resource, "singularResource"),
        text(resource, "scope") == "Namespaced",
        texts(resource, "shortNames"),
        texts(resource, "categories"),
        frozenset(texts(resource, "verbs")),
        frozenset(text(sub, "subresource") for sub in children(resource, "subresources")),
    )


def plain_kinds(listing: JsonObject) -> list[KindRef]:
    """The kinds of an APIResourceList; its sub-resources are entries named `pods/log`."""
    group, _, version = text(listing, "groupVersion").rpartition("/")
    resources = children(listing, "resources")
    subresources: dict[str, set[str]] = {}
    for resource in resources:
        plural, _, sub = text(resource, "name").partition("/")
        if sub:
            subresources.setdefault(plural, set()).add(sub)
    return [
        KindRef(
            group,
            version,
            plural,
            text(resource, "kind"),
            text(resource, "singularName"),
            flag(resource, "namespaced"),
            texts(resource, "shortNames"),
            texts(resource, "categories"),
            frozenset(texts(resource, "verbs")),
            frozenset(subresources.get(plural, ())),
        )
        for resource in resources
        if "/" not in (plural := text(resource, "name"))
    ]


async def _plain_core(fetch: Fetch, versions: JsonObject) -> list[KindRef]:
    return await _fetch_lists(fetch, [f"/api/{version}" for version in texts(versions, "versions")])


async def _plain_groups(fetch: Fetch, listing: JsonObject) -> list[KindRef]:
    paths: list[str] = []
    for group in children(listing, "groups"):
        preferred = text(child(group, "preferredVersion"), "groupVersion")
        served = [text(version, "groupVersion") for version in children(group, "versions")]
        paths += [f"/apis/{each}" for each in dict.fromkeys((preferred, *served)) if each]
    return await _fetch_lists(fetch, paths)


async def _fetch_lists(fetch: Fetch, paths: list[str]) -> list[KindRef]:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(path: str) -> list[KindRef]:
        async with places:
            try:
                listing = parse_object(await fetch(path, "application/json"))
            except SourceError as exc:
                if exc.problem.kind in _FOR_ALL:
                    raise
                return []
            return plain_kinds(listing) if listing is not None else []

    return [kind for kinds in await asyncio.gather(*map(one, paths)) for kind in kinds]


def _once(kinds: Iterable[KindRef]) -> tuple[KindRef, ...]:
    """Each resource in the first version that serves it, which is the preferred one."""
    served: dict[tuple[str, str], list[KindRef]] = {}
    for kind in kinds:
        served.setdefault((kind.group, kind.plural), []).append(kind)
    return tuple(
        replace(first, others=tuple(other.version for other in others)) if others else first
        for first, *others in served.values()
    )
