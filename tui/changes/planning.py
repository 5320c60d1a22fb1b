"""From a wish to drafts: each object is read, and its planner asked what one request would do to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from tui.changes import applying, deleting, edits, images, jobs, metadata, nodes, revisions, rollouts, scaling
from tui.changes.bases import Bases
from tui.changes.defining import defined_by, found_in
from tui.changes.drafts import Args, Defined, Draft, refuse
from tui.changes.patience import patiently
from tui.changes.reading import read_if_there, read_list, read_object
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.builtin import AUTOSCALERS
from tui.model.changes import Action, Wish
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.writes import ChangePort

Drafted: TypeAlias = "tuple[ObjectRef, Draft | Problem]"
DAEMON_SETS = KindRef("apps", "v1", "daemonsets", "DaemonSet")
AT_ONCE = 8
"""Objects of one cluster that are read or tried at the same time."""

_CHECKS: Mapping[Action, Callable[[Args], None]] = {
    Action.APPLY: applying.check,
    Action.EDIT: edits.check,
    Action.SCALE: scaling.check,
    Action.LABEL: metadata.check,
    Action.ANNOTATE: metadata.check,
    Action.DELETE: deleting.check,
    Action.RECREATE: deleting.check_recreate,
    Action.RESTORE: edits.check_restore,
    Action.DRAIN: nodes.check,
    Action.SET_IMAGE: images.check,
    Action.UNDO_ROLLOUT: revisions.check,
}


def check(wish: Wish) -> None:
    """Raises UsageError where the wish makes no sense, whatever the objects are."""
    if wish.action is Action.APPLY:
        if not wish.clusters:
            raise UsageError("apply: to which cluster?")
    elif not wish.targets:
        raise UsageError(f"{wish.action.value}: of which object?")
    if wish.action in (Action.EDIT, Action.RECREATE, Action.RESTORE) and len(wish.targets) > 1:
        raise UsageError(f"{wish.action.value}: one object at a time")
    _CHECKS.get(wish.action, _nothing)(wish.args)


def _nothing(args: Args) -> None:
    pass


def clusters_of(wish: Wish) -> tuple[ClusterRef, ...]:
    """Every cluster that the wish is about, once."""
    return tuple(dict.fromkeys((*wish.clusters, *(target.cluster for target in wish.targets))))


class Planner:
    """bases: what was opened for editing. What a source fails with is the Problem of its object; what makes no sense
    raises UsageError."""

    def __init__(self, clock: Clock, bases: Bases) -> None:
        self._clock = clock
        self._bases = bases

    async def drafted(self, wish: Wish, port: ChangePort, ref: ObjectRef) -> Drafted:
        """The draft for one of the targets."""
        try:
            return ref, await patiently(self._clock, lambda: self._draft(wish, port, ref))
        except SourceError as error:
            return ref, error.problem

    async def applies(self, wish: Wish, cluster: ClusterRef, port: ChangePort) -> list[Drafted]:
        """The drafts of a manifest's documents, in their order."""
        try:
            return await self._applies(wish, cluster, port)
        except SourceError as error:
            problem = error.problem
            return [(ref, problem) for ref in self.refs(wish, cluster)]

    def refs(self, wish: Wish, cluster: ClusterRef) -> list[ObjectRef]:
        """What the wish is about in one cluster, as far as that is known without asking it."""
        if wish.action is Action.APPLY:
            return [applying.unserved(document, cluster) for document in applying.documents_of(wish.args)]
        return [target for target in wish.targets if target.cluster == cluster]

    async def _draft(self, wish: Wish, port: ChangePort, ref: ObjectRef) -> Draft:
        args = wish.args
        match wish.action:
            case Action.SCALE:
                if ref.kind.verbs and scaling.SUBRESOURCE not in ref.kind.subresources:
                    raise refuse(f"{ref.kind.plural} cannot be scaled")
                scale = await read_object(port, ref, scaling.SUBRESOURCE)
                return scaling.draft(ref, scale, args, await _autoscalers(port, ref.namespace))
            case Action.RECREATE:
                return deleting.recreate(ref, args)
            case Action.UNDO_ROLLOUT:
                live, held = await revisions.remembered(port, ref)
                return revisions.draft(ref, live, held, args)
            case Action.DRAIN:
                live = await read_object(port, ref)
                pods = await read_list(port, PODS, "", {"fieldSelector": f"spec.nodeName={ref.name}"})
                return nodes.drain(ref, live, pods, await _present(port, ref, nodes.owner_sets(pods)), args)
            case _:
                return self._simple(wish.action, ref, await read_object(port, ref), args)

    def _simple(self, action: Action, ref: ObjectRef, live: Body, args: Args) -> Draft:
        """What needs nothing but the object."""
        match action:
            case Action.EDIT:
                return edits.draft(ref, live, self._bases.opened(ref), args)
            case Action.RESTORE:
                return edits.restore(ref, live, args)
            case Action.RESTART:
                return rollouts.restart(ref, live, self._clock.now())
            case Action.PAUSE | Action.RESUME:
                return rollouts.pause(action, ref, live)
            case Action.SET_IMAGE:
                return images.draft(ref, live, args)
            case Action.SUSPEND | Action.UNSUSPEND:
                return jobs.suspend(action, ref, live)
            case Action.TRIGGER:
                return jobs.trigger(ref, live, args)
            case Action.CORDON | Action.UNCORDON:
                return nodes.cordon(action, ref, live)
            case Action.LABEL | Action.ANNOTATE:
                return metadata.draft(action, ref, live, args)
            case Action.DELETE:
                return deleting.draft(ref, live, args)
            case _:
                raise UsageError(f"{action.value} is not known")

    async def _applies(self, wish: Wish, cluster: ClusterRef, port: ChangePort) -> list[Drafted]:
        kinds = await patiently(self._clock, port.discover)
        namespace = wish.args.get("namespace") or port.namespace or "default"
        documents = applying.documents_of(wish.args)
        definitions = [defined_by(document.body) for document in documents]
        places = asyncio.Semaphore(AT_ONCE)

        async def one(index: int, document: applying.Document) -> Drafted:
            defined = found_in(definitions[:index], document.api, document.kind)
            served = applying.kind_of(document, kinds)
            kind = served or (defined.kind if defined is not None else None)
            if kind is None:
                later = found_in(definitions[index:], document.api, document.kind)
                return applying.unserved(document, cluster), _unserved(document, cluster, kinds, later)
            ref = applying.ref_of(document, cluster, kind, namespace)
            async with places:
                try:
                    live = None if served is None else await patiently(self._clock, lambda: read_if_there(port, ref))
                    draft = applying.draft(ref, live, document, wish.args)
                except SourceError as error:
                    return ref, error.problem
            if served is not None:
                return ref, draft if defined is None else replace(draft, redefined=defined.name)
            assert defined is not None
            again = partial(applying.draft, ref, document=document, args=wish.args)
            return ref, replace(draft, awaits=defined, again=again)

        return list(await asyncio.gather(*(one(*pair) for pair in enumerate(documents))))


async def _autoscalers(port: ChangePort, namespace: str) -> list[Body] | None:
    """Those of a namespace; None where they cannot be seen, which forbids no change."""
    try:
        return await read_list(port, AUTOSCALERS, namespace, {})
    except SourceError as error:
        if error.problem.kind is ProblemKind.THROTTLED:
            raise  # the whole draft is asked for again
        return [] if error.problem.status == 404 else None  # such a server has none


async def _present(port: ChangePort, node: ObjectRef, names: set[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    """Which of these DaemonSets are there."""
    refs = [ObjectRef(node.cluster, DAEMON_SETS, namespace, name) for namespace, name in sorted(names)]
    found = await asyncio.gather(*(read_if_there(port, ref) for ref in refs))
    return {(ref.namespace, ref.name): body is not None for ref, body in zip(refs, found, strict=True)}


def _unserved(
    document: applying.Document, cluster: ClusterRef, kinds: tuple[KindRef, ...], later: Defined | None
) -> Problem:
    summary = f"{cluster.name} serves no kind {document.kind} of {document.api}"
    if later is not None:
        summary += f" yet: its definition {later.name} comes later in the manifest, and belongs before it"
        return Problem(ProblemKind.INVALID, summary)
    if any(kind.kind == document.kind for kind in kinds):
        served = ", ".join(sorted(_apis(kind) for kind in kinds if kind.kind == document.kind))
        summary += f"; it serves that kind of {served}"
    return Problem(ProblemKind.INVALID, summary, remedy="kubectl api-resources")


def _apis(kind: KindRef) -> str:
    return ", ".join([kind.api, *(replace(kind, version=other).api for other in kind.others)])
