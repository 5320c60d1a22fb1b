"""Where nothing is changed: locked, read-only by configuration; and production, whose name must be typed."""

from __future__ import annotations

from tests.journeys.conftest import Sit

SEARCH = ("deploy", "search", "-n", "web")


async def test_locked_nothing_is_offered_and_unlocked_it_is(sit: Sit) -> None:
    async with sit() as person:
        await person.list("deploy web @prod-eu /search", "search")
        await person.press("ctrl+d")
        await person.sees("read-only: W unlocks")
        await person.press("m")
        await person.faces("read-only: W unlocks", "Unlock writing for a while")
        await person.type("unlock")
        await person.press("enter")
        await person.sees("WRITE ")
        await person.until(lambda: "read-only: W" not in person.front(), "what can be done")
        await person.press("escape", "W")
        await person.sees("READ-ONLY")
        assert (await person.get(*SEARCH))["spec"]["replicas"] == 2


async def test_a_read_only_cluster_stays_as_it_is_even_unlocked(sit: Sit) -> None:
    async with sit(read_only=["prod-us"]) as person:
        before = (await person.get(*SEARCH, cluster="prod-us"))["metadata"]["resourceVersion"]
        await person.unlock()
        await person.list("deploy web @prod-us /search", "search")
        await person.press("ctrl+d")
        await person.sees("prod-us is read-only")
        await person.press("m")
        await person.type("scale")
        await person.faces("prod-us is read-only")
        await person.press("enter")
        await person.faces("prod-us is read-only")
        await person.press("escape")
        await person.command("journal")
        await person.sees("No change has been made yet.")
        after = (await person.get(*SEARCH, cluster="prod-us"))["metadata"]["resourceVersion"]
        assert after == before


async def test_two_clusters_of_which_one_is_read_only_are_not_changed_together(sit: Sit) -> None:
    async with sit(read_only=["prod-us"]) as person:
        await person.unlock()
        await person.list("deploy payments @prod-* /^api", "prod-eu", "prod-us")
        await person.press("space", "space", "ctrl+d")
        await person.sees("prod-us is read-only")
        assert person.front() == ""
        assert (await person.get("deploy", "api", "-n", "payments"))["spec"]["replicas"] == 2


async def test_production_is_changed_only_by_who_types_its_name(sit: Sit) -> None:
    async with sit(production=["prod-eu"]) as person:
        await person.unlock()
        await person.list("deploy web @prod-eu /search", "search")
        await person.choose("scale")
        await person.fill_in("3", "backspace")
        await person.faces("! To scale deployment web/search in prod-eu, type prod-eu", "▸ Cancel ◂")
        await person.press("y")
        await person.type("prod-us")
        await person.press("enter")
        await person.faces("× That is not it")
        assert (await person.get(*SEARCH))["spec"]["replicas"] == 2
        await person.press("backspace", "backspace")
        await person.type("eu")
        await person.press("enter")
        await person.faces("✓ 1 of 1 done", "▸ Close ◂")
        await person.press("enter")
        assert (await person.get(*SEARCH))["spec"]["replicas"] == 3
        await person.undo("replicas 3 → 2", typed="prod-eu")
        assert (await person.get(*SEARCH))["spec"]["replicas"] == 2
