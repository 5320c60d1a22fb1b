"""Lists over several clusters and kinds, at both sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui import lists
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, SMALL
from tests.ui.test_screen_snapshots import app_of, typed

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])


def entered(hub: FakeHub, line: str, *then: str) -> Callable[..., object]:
    """A `:` line, and keys."""
    from tests.ui.run import keys

    pressed = ["space" if char == " " else "at" if char == "@" else char for char in line]
    return keys(hub, "colon", *pressed, "enter", *then)


@SIZES
def test_several_kinds(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = lists.several_kinds()
    assert snap_compare(app_of(hub), run_before=entered(hub, "all", "z"), terminal_size=size)


@SIZES
def test_several_kinds_are_typed(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = lists.several_kinds()
    from tests.ui import world

    hub.kinds(world.members()[0].cluster).put((lists.DEPLOYMENTS, lists.SERVICES, world.PODS), world.NOW)
    assert snap_compare(app_of(hub), run_before=typed(hub, "colon", text="svc,d"), terminal_size=size)


@SIZES
def test_some_namespaces(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = lists.some_namespaces()
    assert snap_compare(app_of(hub), run_before=entered(hub, "pods", "z"), terminal_size=size)


@SIZES
def test_twelve_clusters(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = lists.twelve()
    assert snap_compare(app_of(hub), run_before=entered(hub, "pods @site-*", "z"), terminal_size=size)


@SIZES
@pytest.mark.parametrize("line", ["pods", "pods @prod-*"], ids=["one", "several"])
@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_metrics(snap_compare: Compare, size: tuple[int, int], line: str, wide: bool) -> None:
    hub = lists.measured_pods()
    then = ("z", "w") if wide else ("z",)
    assert snap_compare(app_of(hub), run_before=entered(hub, line, *then), terminal_size=size)


@SIZES
def test_find(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = lists.looked_through()
    assert snap_compare(app_of(hub), run_before=entered(hub, "find api @prod-*", "z"), terminal_size=size)


@SIZES
def test_changes(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = lists.looked_through()
    assert snap_compare(app_of(hub), run_before=entered(hub, "changes 15m @prod-*", "z"), terminal_size=size)
