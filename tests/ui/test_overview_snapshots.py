"""What the overview looks like: every pane in every state, at both sizes. Look at each changed SVG before approving."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.run import BIG, SMALL, keys
from tests.ui.states import STATES
from tui.app import ClusterviewApp

Compare = Callable[..., bool]
MARKED = ("space", "space", "down", "space")
"""prod-eu, prod-us and plant-9: two without an agent, one with."""
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])


def app_of(state: str, **settings: object) -> tuple[ClusterviewApp, Callable[..., object]]:
    hub = STATES[state]()
    return ClusterviewApp(hub, hub.clock, **settings), lambda *pressed: keys(hub, *pressed)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", STATES)
def test_overview(snap_compare: Compare, state: str) -> None:
    app, press = app_of(state)
    assert snap_compare(app, run_before=press(*MARKED), terminal_size=BIG)


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
@pytest.mark.parametrize("state", STATES)
def test_small_screen_shows_one_pane_with_tabs(snap_compare: Compare, state: str, pane: str) -> None:
    app, press = app_of(state)
    assert snap_compare(app, run_before=press(*MARKED, pane), terminal_size=SMALL)
