"""What is said of sources that fail, fall silent or are missing; nothing stale looks alive."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.strip import Strip

from tests.ui import states, world
from tests.ui.run import running
from tui.model.cluster import ClusterRef, Via
from widgets.row_table import RowTable


async def test_without_any_cluster_both_panes_name_the_commands_that_bring_some() -> None:
    async with running(states.failed()) as story:
        for key, what in (("3", "so there are no resources"), ("4", "so there are no logs")):
            await story.press(key, "z")
            assert story.shows(
                what, "gcloud auth application-default login", "az login", "clusterview --kubeconfig FILE"
            )
            await story.press("z")


async def test_ages_go_on_with_the_ticker_and_nothing_else() -> None:
    async with running(states.live()) as story:
        await story.press("down")
        assert story.shows(" 40s")
        await story.advance(10)
        assert story.shows(" 50s")


async def test_the_ticker_paints_the_rows_whose_ages_went_on_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a slow line each line costs."""
    painted, paint = set[tuple[str, int]](), RowTable.render_line

    def noted(self: RowTable, y: int) -> Strip:
        painted.add((str(self.parent), y))
        return paint(self, y)

    async with running(states.live()) as story:
        fleets = story.overview.fleets
        monkeypatch.setattr(RowTable, "render_line", noted)
        before = story.lines()
        await story.advance(10)
        ours = {y for pane, y in painted if pane == str(fleets)}
        top = fleets.table.region.y
        differ = [y for y, (was, now) in enumerate(zip(before, story.lines(), strict=True)) if was[:50] != now[:50]]
        assert ours == {y - top for y in differ if 0 <= y - top < fleets.table.size.height}
        assert 0 < len(ours) < len(fleets.table.rows)


async def test_a_source_that_fails_keeps_its_rows_and_tells_since_when() -> None:
    hub = states.live()
    async with running(hub) as story:
        hub.fleet.fail(replace(world.THROTTLED, summary="GKE Hub throttles"), hub.clock.now() + 30)
        await story.settle()
        assert story.shows("prod-eu", "○ stale since 14:02:00", "GKE Hub throttles")
        assert story.overview.fleets.has_class("-stale")
        hub.fleet.put(world.members(), hub.clock.now(), fresh_for=90)
        await story.settle()
        assert not story.shows("stale")
        assert not story.overview.fleets.has_class("-stale")


async def test_a_source_that_falls_silent_turns_stale_by_itself() -> None:
    async with running(states.live()) as story:
        await story.advance(120)
        assert story.shows("○ stale since 14:02:00 · no news since")


async def test_one_dead_cluster_of_three_leaves_the_others_alone() -> None:
    async with running(states.partial()) as story:
        await story.press("space", "space", "down", "space", "3", "z")
        assert story.shows("◐ partial: prod-us forbidden", "○ prod-us", "pods is forbidden", "Running")


async def test_details_explain_a_failure_in_the_servers_words_with_its_cure() -> None:
    hub = states.loading()
    hub.fleet.fail(world.FORBIDDEN, world.NOW + 30)
    async with running(hub) as story:
        await story.press("d")
        assert story.shows("Permission 'gkehub.memberships.list' denied on", "gcloud projects add-iam-policy-binding")
        await story.press("c")
        assert story.app.clipboard == world.FORBIDDEN.remedy
        await story.press("escape")
        assert not story.shows("to fix  gcloud projects") or story.shows("1 Fleets")


async def test_details_of_a_connection_name_the_extensions_error() -> None:
    async with running(states.live()) as story:
        await story.press("2", "d")
        assert story.shows("InstallationFailed", "Helm installation failed", "× missing")
        await story.press("end")
        assert story.shows("az aks connection show --connection orders-blob -g rg-shop -n aks-1")


async def test_clusters_of_a_kubeconfig_alone_are_enough() -> None:
    hub = states.failed()
    kind = ClusterRef("context:kind", "kind", Via.CONTEXT)
    query = world.pods_query(kind)
    hub.resources(query).put(world.view_of(query, world.live(world.table(world.PODS_US))), world.NOW)
    hub.clusters.put((kind,), world.NOW)
    async with running(hub) as story:
        assert story.shows("▌ kind ", "context", "3 Pods  kind", "api-7c9f6d-kk0d2", "1 context")
        await story.press("d")
        assert story.shows("gcloud auth application-default login")


async def test_without_any_account_every_pane_says_what_is_missing() -> None:
    async with running(states.failed()) as story:
        assert story.shows("gcloud auth application-default login", "az login", "× not signed in", "--kubeconfig")
