"""One whole object, kept true as a list is: watched where that is possible, asked for again and again where it is not.

A list with a field selector comes first, since its resourceVersion can be watched from; the object's own may be days
old, and too old for that. Whoever may only `get` the object, and kinds that cannot be watched, are polled.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable

from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import name_of, version_of
from tui.model.kube import EventType
from tui.model.objects import Body, BodyEvent, BodyPage, Held, ObjectRef
from tui.waits import Pause, finishing

POLL_EVERY = 10.0
"""Seconds between two looks at an object that cannot be watched."""

_NOT_THIS_WAY = frozenset({ProblemKind.FORBIDDEN, ProblemKind.INVALID, ProblemKind.NOT_FOUND})


class OneBody:
    """What is known of the object (`tui.data.listwatch.Kept`)."""

    def __init__(self) -> None:
        self._body: Body | None = None
        self._deleted = False
        self._seen = False
        self._complete = False

    @property
    def complete(self) -> bool:
        return self._complete

    def value(self) -> Held:
        return Held(self._body, self._deleted)

    def begin(self) -> None:
        self._seen = False

    def page(self, page: BodyPage) -> None:
        for body in page.items:
            self._body, self._deleted, self._seen = body, False, True

    def finish(self) -> None:
        self._deleted = self._body is not None and not self._seen
        self._complete = True

    def apply(self, event: BodyEvent) -> bool:
        if event.body is None:
            return False
        self._body = event.body
        self._deleted = event.type is EventType.DELETED
        return True


class OneObject:
    """A list and a watch that hold one object (`tui.data.listwatch.ListWatch`).

    Where it is polled it is a job of its own (`tui.data.checks.Job`): to who waits for it the polling looks like a
    watch, which nobody who asks for everything anew would hasten.
    """

    def __init__(self, port: KubePort, ref: ObjectRef, runtime: Runtime) -> None:
        self.group = ref.cluster.key
        self._port = port
        self._ref = ref
        self._clock = runtime.clock
        self._checks = runtime.checks
        self._pause = Pause(runtime.clock)
        verbs = ref.kind.verbs
        self._polled = bool(verbs) and not {"list", "watch"} <= verbs

    def check(self, *, doubt: bool = False) -> None:
        """Look now, if it is polled."""
        self._pause.cut()

    async def version(self) -> str:
        return await self._port.version()

    async def pages(self, limit: int) -> AsyncGenerator[BodyPage]:
        page = await self._look() if self._polled else await self._listed()
        yield page

    async def watch(self, version: str, timeout: int) -> AsyncGenerator[list[BodyEvent]]:
        if not self._polled:
            try:
                async with finishing(self._watched(version, timeout)) as batches:
                    async for batch in batches:
                        yield batch
                return
            except SourceError as exc:
                if not _another_way(exc):
                    raise
                self._polled = True
        async with finishing(self._looks(version, timeout)) as batches:
            async for batch in batches:
                yield batch

    async def _listed(self) -> BodyPage:
        ref = self._ref
        pages = self._port.body_pages(ref.kind, namespace=ref.namespace, fields=f"metadata.name={ref.name}", limit=0)
        found: list[Body] = []
        version = ""
        try:
            async with finishing(pages):
                async for page in pages:
                    version = page.version or version
                    # An aggregated API may not know field selectors, and send all it has.
                    found += [body for body in page.items if name_of(body) == ref.name]
        except SourceError as exc:
            if not _another_way(exc):
                raise
            self._polled = True
            return await self._look()
        return BodyPage(tuple(found), version)

    async def _watched(self, version: str, timeout: int) -> AsyncGenerator[list[BodyEvent]]:
        ref = self._ref
        batches = self._port.watch_bodies(
            ref.kind, namespace=ref.namespace, fields=f"metadata.name={ref.name}", version=version, timeout=timeout
        )
        async with finishing(batches):
            async for batch in batches:
                yield [_own(event, ref.name) for event in batch]

    async def _look(self) -> BodyPage:
        try:
            body = await self._port.body(self._ref.kind, self._ref.namespace, self._ref.name)
        except SourceError as exc:
            if exc.problem.kind is not ProblemKind.NOT_FOUND:
                raise
            return BodyPage(())
        return BodyPage((body,), version_of(body))

    async def _looks(self, version: str, timeout: int) -> AsyncGenerator[list[BodyEvent]]:
        """As a watch would tell it: what has changed since the last look, and word that nothing has."""
        until = self._clock.monotonic() + timeout
        yield []
        while self._clock.monotonic() < until:
            with self._checks.running(self):
                await self._pause.sleep(POLL_EVERY)
            found = (await self._look()).items
            if not found:
                summary = "the object is there no more"
                raise SourceError(Problem(ProblemKind.EXPIRED, summary))  # the list that follows says so
            now = version_of(found[0])
            if now != version or not now:  # what has no version may have changed
                yield [BodyEvent(EventType.MODIFIED, found[0], now)]
            else:
                yield [BodyEvent(EventType.BOOKMARK, None, now)]
            version = now


def _another_way(exc: SourceError) -> bool:
    """Whether the object may yet be readable by its name."""
    return exc.problem.kind in _NOT_THIS_WAY or exc.problem.status == 405


def _own(event: BodyEvent, name: str) -> BodyEvent:
    """An event of another object, which a server that knows no field selectors sends, only moves the version on."""
    if event.body is None or name_of(event.body) == name:
        return event
    return BodyEvent(EventType.BOOKMARK, None, event.version)


def reading_one(
    connect: Callable[[], Awaitable[KubePort]], ref: ObjectRef, runtime: Runtime
) -> Callable[[], Awaitable[OneObject]]:
    """`connect`, for `tui.data.reflector.Watcher`. What was learnt of the way to read the object is kept."""
    held: list[tuple[KubePort, OneObject]] = []

    async def connected() -> OneObject:
        port = await connect()
        if not held or held[0][0] is not port:
            held[:] = [(port, OneObject(port, ref, runtime))]
        return held[0][1]

    return connected
