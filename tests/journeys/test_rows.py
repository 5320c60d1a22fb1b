"""Several rows at once: marked ones, of two clusters, and with some that a filter hides."""

from __future__ import annotations

from tests.journeys.conftest import CLUSTERS, Sit


def tier(found: dict[str, dict[str, dict[str, str]]]) -> str:
    return found["metadata"]["labels"].get("tier", "")


async def test_marked_rows_are_changed_together_and_taken_back_one_by_one(sit: Sit) -> None:
    names = ("search", "storefront")
    async with sit() as person:
        await person.unlock()
        await person.list("deploy web @prod-eu", *names)
        await person.press("space", "space")
        await person.choose("label")
        await person.fill_in("tier=gold")
        await person.carry_out("label 2 deployments in prod-eu", "web/search", "web/storefront")
        for name in names:
            assert tier(await person.get("deploy", name, "-n", "web")) == "gold"
        await person.undo("-     tier: gold", changes=2)
        for name in names:
            assert tier(await person.get("deploy", name, "-n", "web")) == ""


async def test_the_same_object_of_two_clusters_is_one_change(sit: Sit) -> None:
    get = ("deploy", "api", "-n", "payments")
    async with sit() as person:
        await person.unlock()
        await person.list("deploy payments @prod-* /^api", "prod-eu", "prod-us")
        await person.press("space", "space")
        await person.choose("scale")
        await person.fill_in("4", "backspace")
        await person.carry_out(
            "scale 2 deployments in prod-eu, prod-us", "prod-eu  payments/api", "prod-us  payments/api"
        )
        assert [(await person.get(*get, cluster=name))["spec"]["replicas"] for name in CLUSTERS] == [4, 4]
        await person.undo("replicas 4 → 2", changes=2)
        assert [(await person.get(*get, cluster=name))["spec"]["replicas"] for name in CLUSTERS] == [2, 2]


async def test_what_a_filter_hides_is_changed_too_and_that_is_said(sit: Sit) -> None:
    async with sit() as person:
        await person.unlock()
        await person.list("deploy web @prod-eu", "search", "storefront")
        await person.press("space", "space", "slash")
        await person.type("storefront")
        await person.press("enter")
        await person.sees("1 of 2")
        await person.choose("annotate")
        await person.fill_in("seen=yes")
        await person.carry_out("annotate 2 deployments in prod-eu", "! 1 of these rows is hidden by the filter")
        assert (await person.get("deploy", "search", "-n", "web"))["metadata"]["annotations"]["seen"] == "yes"
        await person.undo(changes=2)


async def test_one_that_the_server_refuses_is_left_out_and_keeps_its_mark(sit: Sit) -> None:
    """Somebody paused one of them: it cannot be restarted."""
    async with sit() as person:
        await person.by_hand("rollout", "pause", "deploy/search", "-n", "web", cluster="prod-us")
        await person.unlock()
        await person.list("deploy web @prod-us", "search", "storefront")
        await person.press("space", "space")
        await person.choose("restart")
        await person.carry_out("× 1 of 2 refused", "its rollout is paused: resume it first")
        await person.press("m")
        await person.faces("deployment web/search in prod-us")
        await person.press("escape")
        await person.by_hand("rollout", "resume", "deploy/search", "-n", "web", cluster="prod-us")
