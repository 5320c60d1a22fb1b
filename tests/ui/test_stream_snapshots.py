"""How streams look: the form, the five lights, the list of port-forwards; at both sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui import streams_world as sw
from tests.ui.run import BIG, SMALL, keys
from tui.app import ClusterviewApp

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])

STATES = {
    "shell": (("3", "s"), sw.FakeFacts(), ("api", "proxy")),
    "form": (("3", "F"), sw.FakeFacts(), ("api",)),
    "looking": (("3", "F", "enter"), sw.FakeFacts(hangs=True), ("api",)),
    "refused": (("3", "F", "enter"), sw.FakeFacts(granted=False, create=False), ("api",)),
    "waits": (("3", "F", "enter"), sw.FakeFacts(slots=(0, 5)), ("api",)),
}


@SIZES
@pytest.mark.parametrize("state", STATES)
def test_before_a_stream(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    pressed, facts, containers = STATES[state]
    hub = sw.hub(*containers, facts=facts)
    app = ClusterviewApp(hub, hub.clock)
    assert snap_compare(app, terminal_size=size, run_before=keys(hub, *pressed))


@SIZES
@pytest.mark.parametrize("state", ["some", "failing", "none"])
def test_the_port_forwards(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = sw.hub()
    if state != "none":
        hub.streams.forwards.put(sw.forwards(), sw.NOW)
    app = ClusterviewApp(hub, hub.clock)
    pressed = ("f", "down") if state == "failing" else ("f",)
    assert snap_compare(app, terminal_size=size, run_before=keys(hub, *pressed))
