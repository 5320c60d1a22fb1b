"""What a person types after `:`, and where it leads."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ui import states, world
from tests.ui.run import running
from tests.ui.story_parts import DEPLOYMENTS, NAMESPACES, ref
from tui.model.feed import Feed
from tui.model.kube import ResourceQuery


async def test_a_command_shows_a_kind_with_namespace_labels_and_clusters() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("po payments app=api @prod-* /kk0d2")
        await story.press("enter")
        assert hub.asked[-1] == ResourceQuery("po", (ref("prod-eu"), ref("prod-us")), "payments", "app=api")
        assert story.overview.resources.filter_text == "kk0d2"


async def test_a_command_for_clusters_that_do_not_exist_is_refused() -> None:
    async with running(states.live()) as story:
        await story.press("colon")
        await story.type("pods @mars")
        await story.press("enter")
        assert story.shows(": pods @mars", "no cluster matches @mars", "3 Pods  prod-eu")


async def test_tab_completes_kinds_that_the_cluster_serves() -> None:
    hub = states.live()
    hub.kinds(ref("prod-eu")).put((world.PODS, DEPLOYMENTS, NAMESPACES), world.NOW)
    async with running(hub) as story:
        await story.press("colon")
        await story.type("dep")
        assert story.shows("deployments", "deploy apps/v1")
        await story.press("tab")
        await story.type("web")
        await story.press("tab", "enter")
        assert hub.asked[-1].kind == "deployments"
        assert hub.asked[-1].namespace == "web"


async def test_completions_come_when_discovery_answers() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("dep")
        assert not story.shows("apps/v1")
        hub.kinds(ref("prod-eu")).put((DEPLOYMENTS,), world.NOW)
        await story.settle()
        assert story.shows("deploy apps/v1")


async def test_esc_closes_the_command_line_and_gives_the_focus_back() -> None:
    async with running(states.live()) as story:
        await story.press("3", "colon")
        await story.type("pods")
        await story.press("escape")
        assert story.overview.focused is story.overview.resources.table
        assert story.shows("? help")


async def test_an_unknown_kind_is_named_once_every_cluster_has_answered() -> None:
    hub = states.live()
    query = ResourceQuery("gizmos", (ref("prod-eu"),))
    view = replace(world.view_of(query, Feed()), kind=None)
    async with running(hub) as story:
        await story.press("colon")
        await story.type("gizmos")
        await story.press("enter")
        hub.resources(query).put(view, world.NOW)
        await story.settle()
        assert story.shows("Reading gizmos of prod-eu")
        empty = world.live(world.table(()))
        hub.resources(query).put(replace(world.view_of(query, empty), kind=None), world.NOW)
        await story.settle()
        assert story.shows("No kind is called “gizmos” in prod-eu")


async def test_zero_shows_all_namespaces_again() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("pods web")
        await story.press("enter")
        assert story.shows("0 all namespaces")
        await story.press("0")
        assert hub.asked[-1].namespace == ""
