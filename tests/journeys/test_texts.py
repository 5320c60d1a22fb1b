"""What is a text: an edit in one's editor, a file that is applied, and what a delete is taken back from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import Sit

SEARCH = ("deploy", "search", "-n", "web")
MADE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, namespace: web}\ndata: {a: b}\n"
OWNED = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker, namespace: jobs}\nspec: {replicas: 8}\n"


async def test_an_edit_that_is_refused_comes_back_with_the_reason_and_is_made_right(
    sit: Sit, editor: Callable[[str], None]
) -> None:
    editor("""
if turn == 1:
    t = t.replace("replicas: 2", "replicsa: 5")
else:
    assert "# × " in t and 'unknown field "spec.replicsa"' in t, t
    t = t.replace("replicsa: 5", "replicas: 5")
""")
    async with sit() as person:
        await person.unlock()
        await person.list("deploy web @prod-eu /search", "search")
        await person.press("e")
        await person.carry_out("edit deployment web/search in prod-eu", "-   replicas: 2", "+   replicas: 5")
        assert (await person.get(*SEARCH))["spec"]["replicas"] == 5
        await person.undo("+   replicas: 2")
        assert (await person.get(*SEARCH))["spec"]["replicas"] == 2


async def test_an_edit_goes_on_top_of_what_others_changed_meanwhile(sit: Sit, editor: Callable[[str], None]) -> None:
    editor('t = t.replace("replicas: 2", "replicas: 4")')
    async with sit() as person:
        await person.unlock()
        await person.list("deploy web @prod-eu /search", "search")
        await person.press("e")
        await person.faces("-   replicas: 2", "▸ Cancel ◂")
        await person.by_hand("label", "deploy/search", "-n", "web", "theirs=1")
        result = await person.confirm()
        assert "× 0 of 1 done, 1 failed" in result, result
        await person.press("o")
        await person.carry_out("! Somebody else has changed it since you opened it", "+   replicas: 4")
        found = await person.get(*SEARCH)
        assert (found["spec"]["replicas"], found["metadata"]["labels"]["theirs"]) == (4, "1")
        await person.undo("+   replicas: 2")
        await person.by_hand("label", "deploy/search", "-n", "web", "theirs-")


async def test_a_file_is_applied_and_what_it_made_is_taken_away_again(sit: Sit, tmp_path: Path) -> None:
    file = tmp_path / "made.yaml"
    file.write_text(MADE)
    async with sit() as person:
        await person.unlock()
        await person.list("cm web @prod-eu", "storefront-settings")
        await person.command("apply")
        await person.fill_in(str(file))
        await person.carry_out("apply configmap web/made in prod-eu", "create")
        assert (await person.get("cm", "made", "-n", "web"))["data"] == {"a": "b"}
        await person.undo("delete configmap web/made in prod-eu")
        assert "NotFound" in await person.fails("get", "cm", "made", "-n", "web")


async def test_an_apply_that_meets_another_owner_names_it_and_can_take_over(sit: Sit, tmp_path: Path) -> None:
    file = tmp_path / "owned.yaml"
    file.write_text(OWNED)
    async with sit() as person:
        await person.unlock()
        await person.list("deploy jobs @prod-eu", "worker")
        await person.command("apply")
        await person.fill_in(str(file))
        await person.faces(".spec.replicas (conflict with", "o arguments")
        await person.press("o")
        await person.fill_in("", "tab", "tab", "right", "shift+tab", "shift+tab")
        await person.carry_out("apply deployment jobs/worker in prod-eu", "+   replicas: 8")
        assert (await person.get("deploy", "worker", "-n", "jobs"))["spec"]["replicas"] == 8
        await person.undo("+   replicas: 3")
        assert (await person.get("deploy", "worker", "-n", "jobs"))["spec"]["replicas"] == 3


@pytest.mark.parametrize("way", ["key", "menu"])
async def test_what_was_deleted_is_made_anew(sit: Sit, way: str) -> None:
    get = ("cm", "storefront-settings", "-n", "web")
    async with sit() as person:
        await person.unlock()
        await person.list("cm web @prod-eu /storefront-settings", "storefront-settings")
        before = await person.get(*get)
        if way == "key":
            await person.press("ctrl+d")
        else:
            await person.choose("delete")
        await person.carry_out("delete configmap web/storefront-settings in prod-eu")
        assert "NotFound" in await person.fails(*("get", *get))
        await person.undo("create configmap web/storefront-settings again")
        after = await person.get(*get)
        assert after["data"] == before["data"]
        assert after["metadata"]["uid"] != before["metadata"]["uid"]
