"""Columns of the user's own, over the real client and the simulated server."""

from __future__ import annotations

from tests.main_job.conftest import Watched, until
from tui.data.measured import USED
from tui.model.kube import Pick, ResourceQuery

PICKS = (Pick("NAME"), Pick("IMAGES", ".spec.containers[*].image"), Pick("READY"), Pick("NOSUCH"), Pick("AGE"))


async def test_a_list_has_the_columns_that_were_chosen_and_stays_live(watched: Watched) -> None:
    ref = await watched.cluster("prod-eu")
    images = Pick("IMAGES", ".spec.template.spec.containers[*].image")
    deployments = ResourceQuery("deploy", (ref,), "payments", columns=(Pick("NAME"), images))
    feed = await until(watched.hub.resources(deployments), lambda feed: _rows(feed.value) > 0)
    assert feed.value is not None
    assert [column.name for column in feed.value.columns] == ["NAME", "IMAGES"]
    cells = [row.cells for part in feed.value.parts if part.feed.value for row in part.feed.value.rows.values()]
    assert all(":" in str(image) for _, image in cells)
    pods = await until(
        watched.hub.resources(ResourceQuery("pods", (ref,), "payments", columns=PICKS)),
        lambda feed: _rows(feed.value) > 0,
    )
    assert pods.value is not None
    assert [column.name for column in pods.value.columns] == ["NAME", "IMAGES", "READY", "NOSUCH", "AGE"]
    assert not {column.name for column in USED} & {column.name for column in pods.value.columns}
    held = pods.value.parts[0].feed.value
    assert held is not None
    row = next(iter(held.rows.values()))
    assert (row.cells[0], row.cells[3]) == (row.name, None)


def _rows(view: object) -> int:
    parts = getattr(view, "parts", ())
    return sum(len(part.feed.value.rows) for part in parts if part.feed.value is not None)
