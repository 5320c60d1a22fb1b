"""The way of a shell, an attach or a copy through its modals: which container, what stands in its way, the terminal.

Each is one coroutine, so that the way can be read from top to bottom.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

from textual.app import SuspendNotSupported

from screens.copying import Copying
from screens.form import Form
from screens.forwarding import Forwarding
from screens.locked import Locked
from screens.question import Question
from screens.suspended import suspended
from screens.waiting import Unhurried, Waiting
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import at, name_of
from tui.model.objects import Body, ObjectRef
from tui.model.streams import Copied, Queued, StreamPort, Tick
from tui.present.actions import LOCKED
from tui.present.clean import clean
from tui.present.copying import COPY_FIELDS, FROM, check_copy
from tui.present.forms import Field, FieldType
from tui.present.scope import Selection
from tui.present.streams import cut_words, exit_words, killed_words, near_cut, queue_line, title_words
from tui.streams.containers import SHELL, container_spec, containers_of, default_container
from tui.streams.copying import download
from tui.streams.finding import pod_of
from tui.streams.gone import if_gone
from tui.streams.nearends import in_terminal
from tui.streams.outlet import Outlet
from tui.streams.paths import Command, Place
from tui.streams.timed import Timed
from tui.streams.troubles import PASSING
from tui.streams.uploading import upload
from tui.wire.status import Ended

AUTO = "bash, else sh"
SHELLS = (AUTO, "bash", "sh")
AGAIN = "enter opens it again · esc leave"
LOCKED_MEANWHILE = "not opened: writing has been locked meanwhile (read-only)"


class Declined(SourceError):
    """A stream's turn has come, and may not be taken any more."""


class Streaming(Forwarding):
    """One for each screen that offers streams. `begin` starts at once and returns."""

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
                    limited = target.cluster.limited
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
        if ended is not None and ended.killed and timed.since is not None:
            lasted = self._clock.monotonic() - timed.since
            return await self._offered(killed_words(ended.exit_code, ended.words, lasted))
        if ended is not None:
            words = exit_words(ended.exit_code, ended.words)
            if words:
                self._say(words)
        return False

    async def _broke(self, problem: Problem, lasted: float, target: ObjectRef) -> bool:
        """Say why a session broke after so many seconds, and offer it again with one key, in the same container."""
        return await self._offered(cut_words(problem, lasted, limited=target.cluster.limited))

    async def _offered(self, words: str) -> bool:
        return bool(await self._app.push_screen_wait(Question(words, AGAIN, self._clock)))


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
