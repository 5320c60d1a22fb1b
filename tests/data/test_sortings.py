"""What a kind was sorted by is remembered in one private file, and never in the way."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Coroutine
from pathlib import Path

from tui.data.sortings import MOST, KeptSortings
from tui.model.sorting import BY_NAME, SortBy


class Spawned:
    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    def __call__(self, work: Coroutine[object, object, None], name: str) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    async def done(self) -> None:
        await asyncio.gather(*self.tasks)


async def test_another_run_sorts_as_the_last_one_did(tmp_path: Path) -> None:
    spawned = Spawned()
    one, two = KeptSortings(tmp_path, spawned), KeptSortings(tmp_path, spawned)
    one.remember("pods", SortBy("restarts", True))
    await spawned.done()
    two.remember("nodes", SortBy("age"))
    await spawned.done()
    three = KeptSortings(tmp_path, spawned)
    assert three.of("pods") == BY_NAME
    three.remember("pods", SortBy("age"))
    await three.load()
    assert three.of("pods") == SortBy("age"), "what was chosen in this run stands"
    assert three.of("nodes") == SortBy("age")
    await spawned.done()
    assert stat.S_IMODE((tmp_path / "sorting.json").stat().st_mode) == 0o600


async def test_the_plain_order_is_forgotten_and_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    spawned = Spawned()
    kept = KeptSortings(tmp_path, spawned)
    for number in range(MOST + 5):
        kept.remember(f"kind-{number}", SortBy("age"))
        await spawned.done()
    kept.remember("kind-100", BY_NAME)
    await spawned.done()
    again = KeptSortings(tmp_path, spawned)
    await again.load()
    assert again.of("kind-4") == BY_NAME
    assert again.of("kind-5") == SortBy("age")
    assert b"kind-100" not in (tmp_path / "sorting.json").read_bytes()


async def test_a_file_that_is_none_of_ours_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "sorting.json").write_bytes(b'{"pods": 7')
    kept = KeptSortings(tmp_path, Spawned())
    await kept.load()
    assert kept.of("pods") == BY_NAME
    nowhere = KeptSortings(None, Spawned())
    await nowhere.load()
    nowhere.remember("pods", SortBy("age"))
    assert nowhere.of("pods") == SortBy("age")
