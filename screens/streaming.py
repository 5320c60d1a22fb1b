"""The way of a stream through its modals: which container, what stands in its way, then the terminal or the port.

Each is one coroutine, so that the way can be read from top to bottom.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from textual.app import App, SuspendNotSupported
from textual.screen import Screen

from screens.copying import Copying
from screens.form import Form
from screens.locked import Locked
from screens.preflight import Lights
from screens.question import Question
from screens.suspended import suspended
from screens.waiting import Unhurried, Waiting
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import at, items, name_of, obj
from tui.model.cluster import Via
from tui.model.datalayer import DataLayer
from tui.model.objects import Body, ObjectRef
from tui.model.preflight import Light, Preflight, Shade
from tui.model.streamrules import CALLED
from tui.model.streams import Copied, ForwardTarget, Queued, StreamPort, Tick
from tui.present.actions import LOCKED
from tui.present.clean import clean
from tui.present.copying import COPY_FIELDS, FROM, check_copy
from tui.present.forms import Field, FieldType
from tui.present.scope import Selection
from tui.present.streams import cut_words, exit_words, near_cut, parse_pairs, queue_line, title_words
from tui.streams.containers import SHELL, container_spec, containers_of, declared_ports, default_container
from tui.streams.copying import download
from tui.streams.finding import pod_of
from tui.streams.gone import if_gone
from tui.streams.nearends import in_terminal
from tui.streams.outlet import Outlet
from tui.streams.paths import Command, Place
from tui.streams.preflight import look
from tui.streams.timed import Timed
from tui.streams.troubles import PASSING
from tui.streams.uploading import upload
from tui.waits import finishing
from tui.wire.status import Ended

AUTO = "bash, else sh"
SHELLS = (AUTO, "bash", "sh")
AGAIN = "enter opens it again · esc leave"
LOCKED_MEANWHILE = "not opened: writing has been locked meanwhile (read-only)"


class Declined(SourceError):
    """A stream's turn has come, and may not be taken any more."""


class Streaming:
    """One for each screen that offers streams. `begin` starts at once and returns. closed: why nothing may be written
    to what is chosen, "" where it may."""

    def __init__(self, screen: Screen[Any], hub: DataLayer, clock: Clock, closed: Callable[[Selection], str]) -> None:
        self._screen = screen
        self._hub = hub
        self._clock = clock
        self._closed = closed
        self._handed = asyncio.Lock()
        """Held while a container has the terminal: nothing is told then, since nobody would see it."""

    @property
    def _app(self) -> App[Any]:
        return self._screen.app  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def begin(self, what: str, target: ObjectRef) -> None:
        """A "shell" in it, one to "choose" (which, or another command), an "attach" to it, a "copy" to or from it, or a
        "forward" to it. All but the last count as writing."""
        if what == "forward":
            self._start(self._forward(target))
            return
        closed = self._closed(Selection((target,)))
        if closed:
            self._say(closed)
        else:
            self._start(self._copy(target) if what == "copy" else self._enter(what, target))

    def _start(self, way: Coroutine[Any, Any, Any]) -> None:
        self._screen.run_worker(way, group="stream", exclusive=True)

    def _say(self, words: str) -> None:
        self._app.notify(words, markup=False)

    # Port-forward --------------------------------------------------------------------------------------------------

    async def _forward(self, target: ObjectRef) -> None:
        title = f"port-forward to {clean(target.title, 60)} in {clean(target.cluster.name, 40)}"
        declared = await self._app.push_screen_wait(
            Waiting(title, "looking which ports it has", lambda: self._ports(target), self._clock)
        )
        if declared is None:
            return

        def check(values: Mapping[str, str]) -> Mapping[str, str]:
            try:
                parse_pairs(values["ports"])
            except ValueError as error:
                return {"ports": str(error)}
            return {}

        known = ", ".join(f"{port} {name}".strip() for port, name in declared)
        first = f"{declared[0][0]}:{declared[0][0]}" if declared else ""
        hint = f"LOCAL:REMOTE, several between commas; 0 is any free one here. It has {known or 'none declared'}"
        values = await self._app.push_screen_wait(
            Form(title, (Field("ports", "ports", first, hint),), check, enter="listens on this machine")
        )
        if values is None or not await self._lit(target, "portforward"):
            return
        pairs = parse_pairs(values["ports"])
        to = ForwardTarget(target.cluster, target.kind, target.namespace, target.name)
        id = self._hub.streams.forward(to, pairs)
        self._say("f shows the port-forwards")
        # Apart from the other streams: one that is begun meanwhile must not end it.
        self._screen.run_worker(self._watch(title, id), group="refusals")

    async def _watch(self, title: str, id: int) -> None:
        """Say so where a port-forward is refused."""
        problem = await self._refusal(id)
        if problem is None:
            return
        async with self._handed:
            pass
        if self._app.screen is self._screen:
            await self._refused(problem)
        else:  # who has gone elsewhere is not stopped there
            self._say(f"{title}: {clean(str(problem), 200)}; f says more")

    async def _refusal(self, id: int) -> Problem | None:
        """Why a port-forward did not open; None once it has, or is waiting for a pod."""
        async with finishing(self._hub.streams.forwards.follow()) as feeds:
            async for feed in feeds:
                entry = next((one for one in feed.value or () if one.id == id), None)
                if entry is not None and entry.state.state not in ("opening", "queued"):
                    return entry.state.problem if entry.state.state == "ended" else None
        return None

    async def _ports(self, target: ObjectRef) -> list[tuple[int, str]]:
        """What can be asked for: the ports of a service, else those that the containers declare."""
        port = await self._hub.streams.road(target.cluster)
        body = await port.body(target.kind, target.namespace, target.name)
        if target.kind.plural == "services":
            return [(port["port"], str(port.get("name", ""))) for port in items(body, "spec", "ports")]
        return declared_ports(obj(body, "spec", "template") or body)

    # Shell and attach ----------------------------------------------------------------------------------------------

    async def _enter(self, what: str, target: ObjectRef) -> None:
        called = "attach" if what == "attach" else "shell"
        title = f"{called} in {clean(target.title, 60)} of {clean(target.cluster.name, 40)}"
        found = await self._app.push_screen_wait(
            Waiting(title, "looking for its containers", lambda: self._inside(target), self._clock)
        )
        if found is None:
            return
        _, pod = found
        command = await self._command(what, title, pod)
        if command is None or not await self._lit(target, command.subresource):
            return
        before: Body | None = None
        while (port := await self._admitted(title, target, again=before is not None)) is not None:
            if isinstance(port, Problem):
                again = await self._offered(_not_again(port))
            else:
                again = await self._terminal(port, command, target, before)
            if not again:
                return
            before = pod

    async def _admitted(self, title: str, target: ObjectRef, *, again: bool = False) -> StreamPort | Problem | None:
        """The road for one opening: writing has locked itself by the time that a session is cut, and while somebody
        thinks. None where it may not be entered, and that was said, or where somebody left. again: it was open before;
        what is in the way and may pass is then not said, but returned."""
        while closed := self._closed(Selection((target,))):
            if closed != LOCKED:
                await self._refused(Problem(ProblemKind.FORBIDDEN, closed))
                return None
            words = f"{title}: {LOCKED_MEANWHILE}"
            if not await self._app.push_screen_wait(Locked(words, self._hub.changes.unlock, self._clock)):
                return None

        async def entering() -> StreamPort | Problem:
            try:
                return await self._hub.streams.enter(target.cluster)
            except SourceError as exc:
                if again and exc.problem.kind in PASSING:
                    return exc.problem
                raise

        waiting = Unhurried[StreamPort | Problem] if again else Waiting[StreamPort | Problem]
        return await self._app.push_screen_wait(
            waiting(title, "looking whether it may be entered", entering, self._clock)
        )

    # Copy ----------------------------------------------------------------------------------------------------------

    async def _copy(self, target: ObjectRef) -> None:
        title = f"copy with {clean(target.title, 60)} of {clean(target.cluster.name, 40)}"
        found = await self._app.push_screen_wait(
            Waiting(title, "looking for its containers", lambda: self._inside(target), self._clock)
        )
        if found is None:
            return
        _, pod = found
        first, *others = _ordered(pod)
        fields = [Field("container", "container", first, "", FieldType.CHOICE, (first, *others))] if others else []
        values = await self._app.push_screen_wait(Form(title, [*fields, *COPY_FIELDS], check_copy, enter="copies it"))
        if values is None or not await self._lit(target, "exec"):
            return
        road = await self._admitted(title, target)
        if road is None or isinstance(road, Problem):
            return
        port, begun = road, False
        place = Place(str(at(pod, "metadata", "namespace") or ""), name_of(pod), values.get("container", first))
        far, near = values["far"], await asyncio.to_thread(os.path.expanduser, values["near"])
        down = values["way"] == FROM

        def told(queued: Queued | None) -> None:
            """Raises Declined where its turn has come and writing was locked while it waited. One that has begun goes
            on after a cut."""
            if queued is None and not begun and (closed := self._closed(Selection((target,)))):
                words = LOCKED_MEANWHILE if closed == LOCKED else closed
                raise Declined(Problem(ProblemKind.FORBIDDEN, words))
            copying.queued(queued)

        async def run(tick: Tick) -> Copied:
            def moved(done: Copied) -> None:
                nonlocal begun
                begun = True
                tick(done)

            through = port.telling(told)
            if down:
                return await download(through, place, far, near, moved, self._clock)
            return await upload(through, place, near, far, moved, self._clock)

        goal = near if down else f"{place.pod}:{far}"
        copying = Copying(title, goal, run, self._clock)
        words = await self._app.push_screen_wait(copying)
        if words:
            self._say(words)

    async def _inside(self, target: ObjectRef) -> tuple[StreamPort, Body]:
        port = await self._hub.streams.enter(target.cluster)
        return port, await pod_of(port, target.kind, target.namespace, target.name)

    async def _command(self, what: str, title: str, pod: Body) -> Command | None:
        """What is to be run, asked for where there are several containers or somebody wants to choose; None where that
        was left."""
        first, *others = ordered = _ordered(pod)
        fields = [Field("container", "container", first, "", FieldType.CHOICE, ordered)] if others else []
        if what == "choose" or (others and what == "shell"):
            fields.append(Field("shell", "shell", AUTO, "", FieldType.CHOICE, SHELLS))
            fields.append(Field("command", "or a command", "", "words as in a shell; empty: the shell"))
        asked = await self._app.push_screen_wait(Form(title, fields, _check, enter="opens it")) if fields else {}
        if asked is None:
            return None
        values = {"container": first, "shell": AUTO, "command": "", **asked}
        place = Place(str(at(pod, "metadata", "namespace") or ""), name_of(pod), values["container"])
        if what == "attach":
            spec = container_spec(pod, place.container)
            return Command(place, (), stdin=at(spec, "stdin") is True, tty=at(spec, "tty") is True)
        typed = shlex.split(values["command"])
        argv = tuple(typed) or (SHELL if values["shell"] == AUTO else (values["shell"],))
        return Command(place, argv, stdin=True, tty=True)

    async def _terminal(self, port: StreamPort, command: Command, target: ObjectRef, before: Body | None) -> bool:
        """Give the terminal to the container; whether to do so again. before: the pod, where that was done before."""

        def told(queued: Queued | None) -> None:
            """Raises Declined where its turn has come and writing was locked while it waited."""
            if queued is None and (closed := self._closed(Selection((target,)))):
                raise Declined(Problem(ProblemKind.FORBIDDEN, closed))
            out.put(queue_line(queued))

        timed = Timed(port.telling(told), self._clock)
        ended: Ended | None = None
        broke: SourceError | None = None
        try:
            async with self._handed:
                with suspended(self._app), Outlet(1) as out:
                    where = clean(f"{target.cluster.name}/{command.place}", 200)
                    way_out = (
                        "Enter ~ . leaves a session that hangs" if command.stdin else "it reads no keys; ctrl-c leaves"
                    )
                    out.put(f"\r\n{where}: {way_out}\r\n".encode())
                    limited = target.cluster.via is Via.GATEWAY
                    ended = await in_terminal(
                        timed,
                        command,
                        0,
                        out,
                        clock=self._clock,
                        title=lambda age: title_words(where, age, limited=limited),
                        warned=lambda age: bool(near_cut(age, limited=limited)),
                    )
        except SuspendNotSupported:
            self._say("this terminal cannot be handed over: clusterview exec does it on the command line")
            return False
        except Declined:
            return True  # who opens it is asked to unlock
        except SourceError as exc:
            broke = exc
        if broke is not None and timed.since is None:
            if before is not None and broke.problem.kind in PASSING:
                return await self._offered(_not_again(broke.problem))
            why = partial(if_gone, port, before, command, target.cluster.name) if before is not None else None
            await self._refused(broke.problem, why)
            return False
        if broke is not None and timed.since is not None:
            return await self._broke(broke.problem, self._clock.monotonic() - timed.since, target)
        if ended is not None:
            words = exit_words(ended.exit_code, ended.words)
            if words:
                self._say(words)
        return False

    async def _broke(self, problem: Problem, lasted: float, target: ObjectRef) -> bool:
        """Say why a session broke after so many seconds, and offer it again with one key, in the same container."""
        return await self._offered(cut_words(problem, lasted, limited=target.cluster.via is Via.GATEWAY))

    async def _offered(self, words: str) -> bool:
        return bool(await self._app.push_screen_wait(Question(words, AGAIN, self._clock)))

    async def _refused(self, problem: Problem, why: Callable[[Problem], Awaitable[Problem]] | None = None) -> None:
        """Show why a stream was not opened, and what cures it. why: asks what the refusal does not tell."""

        async def refused() -> None:
            raise SourceError(problem if why is None else await why(problem))

        await self._app.push_screen_wait(Unhurried("it was refused", "looking why", refused, self._clock))

    async def _lit(self, target: ObjectRef, stream: str) -> bool:
        """Whether nothing stands in the way of a stream through the gateway, or it is to be tried all the same."""
        if target.cluster.via is not Via.GATEWAY:
            return True

        async def find() -> Preflight:
            try:
                facts = await self._hub.streams.facts(target.cluster)
            except SourceError as exc:
                return Preflight(stream, (Light("version", Shade.UNKNOWN, str(exc.problem)),))
            return await look(facts, stream, target.namespace)

        return bool(await self._app.push_screen_wait(Lights(f"{CALLED[stream]} through the gateway", find)))


def _ordered(pod: Body) -> tuple[str, ...]:
    """Its containers, first the one that is meant where none is named."""
    first = default_container(pod)
    return (first, *(name for name in containers_of(pod) if name != first))


def _not_again(problem: Problem) -> str:
    """Why a session that was open before is not yet open again."""
    remedy = f". {clean(problem.remedy, 400)}" if problem.remedy else ""
    return f"not opened again, which may pass: {clean(str(problem), 400)}{remedy}"


def _check(values: Mapping[str, str]) -> Mapping[str, str]:
    try:
        shlex.split(values.get("command", ""))
    except ValueError as error:
        return {"command": f"cannot be split into words: {error}"}
    return {}
