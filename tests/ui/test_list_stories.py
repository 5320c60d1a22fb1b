"""Lists of several kinds and clusters, as they are used."""

from __future__ import annotations

from tests.ui import lists, world
from tests.ui.run import running
from tui.model.kube import Pick, ResourceQuery
from tui.model.sorting import SortBy
from tui.model.views import SavedView
from tui.present.resources import kind_of, object_of


async def test_each_row_of_several_kinds_leads_where_its_own_kind_does() -> None:
    async with running(lists.several_kinds()) as story:
        await story.press("colon")
        await story.type("svc,deploy")
        await story.press("enter")
        assert story.shows("KIND", "Deployment", "Service", "svc,deploy")
        pane = story.overview.resources
        view = pane.view
        assert view is not None
        found = [(kind.kind, entry[1]) for entry in pane.listed.rows if (kind := kind_of(entry, view)) is not None]
        assert found == [("Service", "api"), ("Deployment", "api"), ("Service", "front"), ("Deployment", "front")]
        address = object_of(pane.listed.rows[1], view)
        assert address is not None
        assert (address.kind, address.title, address.uid) == (lists.DEPLOYMENTS, "payments/api", "uid-api")
        await story.press("down", "enter")  # the deployment's pods
        assert story.hub.asked[-1].kind == "pods"
        assert story.hub.asked[-1].labels == "app=api"


async def test_marks_of_a_service_and_a_deployment_of_one_name_are_two() -> None:
    async with running(lists.several_kinds()) as story:
        await story.press("colon")
        await story.type("svc,deploy")
        await story.press("enter", "space", "space")
        pane = story.overview.resources
        assert len(pane.marked) == 2
        assert [entry[1] for entry in pane.marked] == ["api", "api"]


async def test_logs_of_a_list_of_several_kinds_are_those_of_the_pods_among_the_marked() -> None:
    async with running(lists.several_kinds()) as story:
        await story.press("colon")
        await story.type("all")
        await story.press("enter")
        pane = story.overview.resources
        assert story.shows("partial: services forbidden")
        pods = [number for number, entry in enumerate(pane.listed.rows) if entry[1] == "api-7c9f6d-x2f1p"]
        await story.press(*["down"] * pods[0], "space", "l")
        assert story.hub.followed[-1].pods == ("api-7c9f6d-x2f1p",)


async def test_a_cluster_that_is_away_is_named_above_the_rows() -> None:
    async with running(lists.twelve()) as story:
        await story.press("colon")
        await story.type("pods @site-*")
        await story.press("enter", "z")
        assert story.shows("site-02 × no answer", "site-05 × net", "site-08 ◐ 3, 1 of 3 namespaces forbidden", "+")
        assert story.shows("partial: 2 of 12 clusters not seen")


async def test_one_cluster_has_no_line_of_clusters() -> None:
    async with running(world.live_hub()) as story:
        await story.press("3", "z")
        assert story.overview.resources._strip_of_clusters.display is False


COLUMNS = (Pick("NAME"), Pick("STATUS"))
HOT = SavedView("hot", "pods", "payments", filter="status:Running", columns=COLUMNS, sort=SortBy("name", True))


async def test_a_saved_view_is_a_command_of_its_own() -> None:
    hub = world.live_hub()
    eu = world.members()[0].cluster
    query = ResourceQuery("pods", (eu,), "payments", columns=HOT.columns, saved="hot")
    lists.put(hub, query, (eu, world.live(world.table(world.PODS_EU)), "pods"))
    async with running(hub, views={"hot": HOT}) as story:
        await story.press("colon")
        await story.type("ho")
        assert story.shows("hot", "view: pods payments")
        await story.press("enter", "z")
        assert hub.asked[-1] == query
        assert story.shows(":hot", "/status:Running", "NAME", "STATUS")
        names = [line.split()[1].strip("▌") for line in story.lines() if "Running" in line and "│" in line][1:]
        assert names == sorted(names, reverse=True)
        await story.press("colon")
        await story.type("pods")
        await story.press("enter")
        assert hub.asked[-1] == ResourceQuery("pods", (eu,), "payments")


async def test_what_is_found_is_as_good_as_any_row() -> None:
    hub = lists.looked_through()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("find api @prod-*")
        await story.press("enter", "z")
        assert story.shows("Find api", "Deployment", "prod-us … 1", "prod-eu ◐ 2, 1 of 3 kinds forbidden")
        pane = story.overview.resources
        view = pane.view
        assert view is not None
        place = next(at for at, entry in enumerate(pane.listed.rows) if entry[1] == "api")
        await story.press(*["down"] * place, "enter")
        assert (hub.asked[-1].labels, hub.asked[-1].find) == ("app=api", "")
        await story.press("escape")
        assert hub.asked[-1].find == "api"


async def test_changes_are_told_newest_first() -> None:
    async with running(lists.looked_through()) as story:
        await story.press("colon")
        await story.type("changes @prod-*")
        await story.press("enter", "z")
        assert story.shows(
            "Changes 15m", "restarted 7×: OOMKilled", "changed", "kubectl-edit", "told by its last event"
        )
        text = story.text()
        order = [text.index(word) for word in ("restarted", "kubectl-edit", "told by", "created")]
        assert order == sorted(order)


async def test_what_cannot_be_compared_is_said() -> None:
    async with running(lists.several_kinds()) as story:
        await story.press("colon")
        await story.type("svc,deploy")
        await story.press("enter", "down")
        await story.press("colon")
        await story.type("compare")
        await story.press("enter")
        assert story.shows("no other cluster to compare with: name one")
