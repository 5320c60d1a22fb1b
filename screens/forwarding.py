"""The way of a port-forward: which ports, what stands in its way, and whether it was refused."""

from __future__ import annotations

from collections.abc import Mapping

from screens.form import Form
from screens.stream_way import StreamWay
from screens.waiting import Waiting
from tui.errors import Problem
from tui.model.bodies import items, obj
from tui.model.objects import ObjectRef
from tui.model.streams import ForwardTarget
from tui.present.clean import clean
from tui.present.forms import Field
from tui.present.streams import parse_pairs
from tui.streams.containers import declared_ports
from tui.waits import finishing


class Forwarding(StreamWay):
    """A stream that a person does not watch: it goes on in the list of port-forwards."""

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
