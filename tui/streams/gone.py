"""What is said of a session that cannot be opened again since its pod has gone meanwhile, and where to go instead.

The refusal itself does not tell: a gateway wraps a 404 in a status of its own. So the pod is asked for, and then
whoever made it for the next one.
"""

from __future__ import annotations

import shlex

from msgspec.structs import replace

from tui.errors import Problem, SourceError
from tui.model.bodies import name_of, text
from tui.model.kube import PODS
from tui.model.objects import Body
from tui.model.streams import StreamPort
from tui.streams.containers import SHELL, containers_of
from tui.streams.heirs import heirs_of
from tui.streams.paths import Command
from tui.streams.targets import best_pod, controller_of, ready
from tui.waits import finishing


async def if_gone(port: StreamPort, pod: Body, command: Command, cluster: str, problem: Problem) -> Problem:
    """`problem`, by which the session was refused that `command` opened in `pod` before; where the pod has gone, that,
    and the command that goes to the one in its place. cluster: its name. Asks four questions at most, raises nothing.
    """
    place = command.place
    try:
        if await port.exists(PODS, place.namespace, place.pod):
            return problem
    except SourceError:
        return problem
    words, heir = await _followed(port, pod)
    if heir is None:
        remedy = shlex.join(["clusterview", "get", "pods", "-n", place.namespace, "--cluster", cluster])
    else:
        remedy = _entering(heir, command, cluster)
    return replace(problem, summary=f"pod {place.pod} is gone{words}", remedy=remedy)


async def _followed(port: StreamPort, pod: Body) -> tuple[str, Body | None]:
    """By whom, in words that go on after "pod a is gone"; None where that is not known, or where there is none."""
    owner = controller_of(pod)
    kind = text(owner, "kind")
    if not kind:
        return ", and nobody makes another", None
    if kind == "StatefulSet":  # it has the same name, and need not be there yet
        return f"; statefulset {text(owner, 'name')} makes one of the same name", pod
    heirs = await heirs_of(port, pod)
    unknown = "; its owner may have made another"
    if not heirs.labels:
        return unknown, None
    try:
        found = await _first_page(port, heirs.namespace, heirs.labels)
    except SourceError:
        return unknown, None
    if kind == "DaemonSet":  # the others are those of other nodes
        node = text(pod, "spec", "nodeName")
        found = [one for one in found if text(one, "spec", "nodeName") == node]
    heir = best_pod(found)
    if heir is None:
        return f", and {heirs.what} has no other", None
    return f"; {heirs.what} has pod {name_of(heir)}{'' if ready(heir) else ', which is not ready'}", heir


async def _first_page(port: StreamPort, namespace: str, labels: str) -> list[Body]:
    async with finishing(port.body_pages(PODS, namespace=namespace, labels=labels)) as pages:
        async for page in pages:
            return list(page.items)
    return []


def _entering(pod: Body, command: Command, cluster: str) -> str:
    """The command line that does the same in `pod`."""
    place = command.place
    words = ["clusterview", command.subresource, name_of(pod), "-n", place.namespace, "--cluster", cluster, "--write"]
    if place.container in containers_of(pod):
        words += ["-c", place.container]
    if command.argv == SHELL:
        return shlex.join(words)
    words += [*(["-i"] if command.stdin else []), *(["-t"] if command.tty else [])]
    return shlex.join([*words, *(["--", *command.argv] if command.argv else [])])
