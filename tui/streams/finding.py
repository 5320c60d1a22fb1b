"""The pod that a stream goes to: the one that was named, or the best of those of a service or workload."""

from __future__ import annotations

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body
from tui.model.streams import StreamPort
from tui.streams.targets import best_pod, selector_of
from tui.waits import finishing


async def pod_of(port: StreamPort, kind: KindRef, namespace: str, name: str) -> Body:
    """Raises SourceError: NOT_FOUND where there is none, INVALID where what was named has no pods."""
    body = await port.body(kind, namespace, name)
    if is_pod(kind):
        return body
    return await best_of(port, kind, namespace, name, selector_of(body))


async def best_of(port: StreamPort, kind: KindRef, namespace: str, name: str, labels: str) -> Body:
    """The best of the pods with these labels. kind, name: whose they are. Raises SourceError as `pod_of`."""
    what = f"{kind.kind.lower()} {name}"
    if not labels:
        raise SourceError(Problem(ProblemKind.INVALID, f"{what} selects no pods"))
    found: list[Body] = []
    async with finishing(port.body_pages(PODS, namespace=namespace, labels=labels)) as pages:
        async for page in pages:
            found += page.items
    pod = best_pod(found)
    if pod is None:
        raise SourceError(Problem(ProblemKind.NOT_FOUND, f"no pod of {what} is running"))
    return pod


def is_pod(kind: KindRef) -> bool:
    return kind.plural == PODS.plural and kind.group == PODS.group
