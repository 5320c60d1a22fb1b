"""With which pod a port-forward goes on: waited for until one of the same owner is ready.

A Service sends nobody to a pod that is not ready, and a workload with one replica has none that is for as long as the
next one starts: who dials a pod the moment it runs is refused by a port that nobody listens on yet. Readiness is a
watch and no poll. But it may never come (a probe that is wrong, the very thing that one wants to look at), so a pod
that has run for a while without becoming ready is taken, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import name_of, uid_of
from tui.model.kube import PODS
from tui.model.objects import Body, BodyEvent
from tui.model.streams import StreamPort
from tui.streams.targets import best_pod, leaving, ready, running
from tui.waits import Deadline, finishing

READY_SECONDS = 15.0
"""For which a pod may run and not be ready before it is taken as it is, where no other one is ready."""
WATCH_SECONDS = 300

Tell = Callable[[str], None]
"""Told what is waited for, and what is not as one would expect; "" once neither is so."""


class Heirs(Struct, frozen=True):
    """The pods that may be gone on with. what: whose they are, in words. labels, fields: their selectors. name: the one
    that is meant as long as it runs; "" = any is as good."""

    namespace: str
    what: str
    labels: str = ""
    fields: str = ""
    name: str = ""


class Succession:
    """Of one port-forward. wait: seconds to wait after a failure of the watch."""

    def __init__(self, clock: Clock, wait: Callable[[Problem], float]) -> None:
        self._clock = clock
        self._wait = wait
        self._last = ""
        """The uid of the pod that was taken last: no other one is better without a reason."""
        self._settled = False
        """Whether that one was taken without being ready."""
        self._runs_since: dict[str, float] = {}

    def taken(self, pod: Body) -> str:
        """Note that `pod` is used now; what is to be said of it, "" where all is well."""
        self._last, self._settled = uid_of(pod), not ready(pod)
        if not self._settled:
            return ""
        waited = uid_of(pod) in self._runs_since
        why = f": taken, since none was for {READY_SECONDS:.0f} s" if waited else ""
        return f"pod {name_of(pod)} is not ready{why}"

    async def next(self, port: StreamPort, heirs: Heirs, tell: Tell) -> Body:
        """The pod to go on with, once there is one. Raises SourceError where they cannot be listed, and where none has
        come during a whole watch, so that the caller looks whether their owner is still there."""
        watched = False
        while True:
            pods, version = await self._listed(port, heirs)
            found = self._found(pods.values(), heirs)
            if found is not None:
                return found
            if watched and best_pod(pods.values()) is None:
                raise SourceError(Problem(ProblemKind.NOT_FOUND, f"no pod of {heirs.what} is running"))
            tell(_awaited(pods.values(), heirs))
            try:
                found = await self._watched(port, heirs, pods, version, tell)
                watched = True
                problem = Problem(ProblemKind.EXPIRED, "the watch ended")
            except SourceError as exc:
                problem = exc.problem
                watched = watched or problem.kind is ProblemKind.FORBIDDEN  # who may not watch looks now and then
            if found is not None:
                return found
            await self._clock.sleep(min(self._wait(problem), self._patience(pods.values())))

    async def _listed(self, port: StreamPort, heirs: Heirs) -> tuple[dict[str, Body], str]:
        pods, version = dict[str, Body](), ""
        listed = port.body_pages(PODS, namespace=heirs.namespace, labels=heirs.labels, fields=heirs.fields)
        async with finishing(listed) as pages:
            async for page in pages:
                version = page.version
                pods |= {uid_of(pod): pod for pod in page.items}
        return pods, version

    async def _watched(
        self, port: StreamPort, heirs: Heirs, pods: dict[str, Body], version: str, tell: Tell
    ) -> Body | None:
        """Follow `pods` until one can be taken; None where the watch has ended. Raises SourceError."""
        opened = port.watch_bodies(
            PODS,
            namespace=heirs.namespace,
            labels=heirs.labels,
            fields=heirs.fields,
            version=version,
            timeout=WATCH_SECONDS,
        )
        try:
            with Deadline(self._clock, min(self._patience(pods.values()), READY_SECONDS)) as deadline:
                deadline.extend(self._patience(pods.values()))
                async with finishing(opened) as events:
                    async for batch in events:
                        for event in batch:
                            _note(event, pods)
                        found = self._found(pods.values(), heirs)
                        if found is not None:
                            return found
                        deadline.extend(self._patience(pods.values()))
                        tell(_awaited(pods.values(), heirs))
        except TimeoutError:
            return self._found(pods.values(), heirs)
        return None

    def _found(self, pods: Iterable[Body], heirs: Heirs) -> Body | None:
        """The one to take now: one that is ready, or has had its time to become so."""
        there = [pod for pod in pods if running(pod) and not leaving(pod)]
        there = [pod for pod in there if name_of(pod) == heirs.name] or there
        now = self._clock.monotonic()
        runs = {uid_of(pod): pod for pod in there}
        self._runs_since = {uid: self._runs_since.get(uid, now) for uid in runs}
        able = {uid: pod for uid, pod in runs.items() if ready(pod)}
        if not able:
            able = {
                uid: pod
                for uid, pod in runs.items()
                if now - self._runs_since[uid] >= READY_SECONDS or (uid == self._last and self._settled)
            }
        return able.get(self._last) or best_pod(able.values())

    def _patience(self, pods: Iterable[Body]) -> float:
        """Seconds until the first of those that run has had its time; infinity while none runs."""
        now = self._clock.monotonic()
        since = [self._runs_since[uid_of(pod)] for pod in pods if uid_of(pod) in self._runs_since]
        return max(0.0, min(since) + READY_SECONDS - now) if since else float("inf")


def _note(event: BodyEvent, pods: dict[str, Body]) -> None:
    if event.body is None:
        return
    if event.type == "DELETED":
        pods.pop(uid_of(event.body), None)
    else:
        pods[uid_of(event.body)] = event.body


def _awaited(pods: Iterable[Body], heirs: Heirs) -> str:
    """What is waited for, in words."""
    coming = best_pod(pods)
    if coming is None:
        return f"no pod of {heirs.what} is running: waiting for one"
    return f"waiting for pod {name_of(coming)} to {'be ready' if running(coming) else 'run'}"
