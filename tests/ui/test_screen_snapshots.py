"""What else there is to see: prompts, details, help, zoom, the light theme, and everything without colour."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, SMALL, Story, keys
from tui.app import ClusterviewApp
from tui.model.kube import KindRef
from tui.model.logs import LogQuery, LogStatus

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])
MARKED = ("space", "space", "down", "space")


def app_of(hub: FakeHub, theme: str = "dark") -> ClusterviewApp:
    return ClusterviewApp(hub, hub.clock, theme=theme)


def typed(hub: FakeHub, *pressed: str, text: str) -> Callable[[Pilot[None]], object]:
    async def press(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ClusterviewApp)
        story = Story(pilot.app, hub, pilot)
        await story.settle()
        await story.press(*pressed)
        await story.type(text)
        pilot.app.screen.query("Input").first().cursor_blink = False  # type: ignore[attr-defined]

    return press


def served() -> FakeHub:
    hub = states.live()
    kinds = (
        world.PODS,
        KindRef("apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",)),
        KindRef("apps", "v1", "daemonsets", "DaemonSet", "daemonset", True, ("ds",)),
        KindRef("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb", True, ("pdb",)),
        KindRef("", "v1", "podtemplates", "PodTemplate", "podtemplate"),
        KindRef("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", "pod"),
    )
    hub.kinds(world.members()[0].cluster).put(kinds, world.NOW)
    return hub


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
def test_zoomed(snap_compare: Compare, pane: str) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, *MARKED, pane, "z"), terminal_size=BIG)


@SIZES
def test_wide_columns(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, *MARKED, "3", "z", "w"), terminal_size=size)


@SIZES
@pytest.mark.parametrize(
    "pressed", [("less_than_sign", "i"), ("less_than_sign", "less_than_sign", "i")], ids=["age", "restarts"]
)
def test_sorted(snap_compare: Compare, pressed: tuple[str, ...], size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, *MARKED, "3", "z", *pressed), terminal_size=size)


@SIZES
def test_filter_is_typed(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=typed(hub, *MARKED, "3", "slash", text="!Running"), terminal_size=size)


@SIZES
@pytest.mark.parametrize(
    "text", ["status:Running re", "ns:web status:", "restarts:>", "?"], ids=["column", "value", "operator", "help"]
)
def test_filter_completes(snap_compare: Compare, text: str, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=typed(hub, *MARKED, "3", "slash", text=text), terminal_size=size)


@SIZES
def test_wrong_filter_is_explained(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=typed(hub, *MARKED, "3", "slash", text="api("), terminal_size=size)


@SIZES
def test_command_with_completions(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = served()
    assert snap_compare(app_of(hub), run_before=typed(hub, "colon", text="po"), terminal_size=size)


@SIZES
def test_command_completes_clusters(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = served()
    assert snap_compare(app_of(hub), run_before=typed(hub, "colon", text="po web @"), terminal_size=size)


@SIZES
def test_faults_only(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, *MARKED, "ctrl+z", "3", "ctrl+z"), terminal_size=size)


@SIZES
def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, "question_mark"), terminal_size=size)


@SIZES
def test_details_of_an_unreachable_member(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, "down", "down", "d"), terminal_size=size)


@SIZES
def test_details_of_a_failed_connection(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, "2", "d"), terminal_size=size)


@SIZES
def test_details_of_a_refused_list(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.loading()
    hub.fleet.fail(world.FORBIDDEN, world.NOW + 30)
    assert snap_compare(app_of(hub), run_before=keys(hub, "d"), terminal_size=size)


@SIZES
def test_details_of_the_streams(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.partial()
    assert snap_compare(app_of(hub), run_before=keys(hub, "down", "down", "4", "d"), terminal_size=size)


@SIZES
def test_logs_of_three_agents_are_merged(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    marks = ("down", "down", "space", "space", "space", "4")
    assert snap_compare(app_of(hub), run_before=keys(hub, *marks), terminal_size=size)


@SIZES
def test_logs_of_which_streams_are_away(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.partial()
    marks = ("down", "down", "space", "space", "space", "4")
    assert snap_compare(app_of(hub), run_before=keys(hub, *marks), terminal_size=size)


@SIZES
def test_logs_of_service_connector_that_rests(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    aks = world.connections()[0].cluster
    hub.logs(LogQuery((aks,), agents=True)).cell.put(LogStatus(), world.NOW)
    assert snap_compare(app_of(hub), run_before=keys(hub, "2", "4"), terminal_size=size)


@SIZES
def test_paused_logs(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, "down", "down", "4", "p"), terminal_size=size)


@SIZES
def test_notice_answers_a_key(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    assert snap_compare(app_of(hub), run_before=keys(hub, "4", "enter"), terminal_size=size)


@SIZES
def test_logs_of_marked_pods_of_several_namespaces(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = states.live()
    run = keys(hub, "3", "home", "space", "space", "l", "z")
    assert snap_compare(app_of(hub), run_before=run, terminal_size=size)


@SIZES
@pytest.mark.parametrize("state", ["live", "partial", "stale", "failed"])
def test_light_theme(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = states.STATES[state]()
    assert snap_compare(app_of(hub, "light"), run_before=keys(hub, *MARKED), terminal_size=size)


@SIZES
@pytest.mark.parametrize("state", ["live", "partial", "stale", "failed"])
def test_without_colour(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], state: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    hub = states.STATES[state]()
    assert snap_compare(app_of(hub), run_before=keys(hub, *MARKED), terminal_size=size)
