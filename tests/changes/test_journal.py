"""The journal: appended, shared, torn, bounded, and never a reason to change something that is not written down."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.data.helpers import Reader
from tui.changes.journal import LOOK_EVERY, Journal
from tui.changes.records import BEGUN, DIFF_LINES, bounded, decoded, encoded, new_id, newest_first
from tui.clock import ManualClock, settle
from tui.data.runtime import Runtime
from tui.errors import SourceError
from tui.model.changes import Action, DiffLine, Entry, Wish
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS
from tui.model.objects import ObjectRef

ONE = ClusterRef("context:one", "one", Via.CONTEXT)
UNDO = Wish(Action.SCALE, (ObjectRef(ONE, PODS, "web", "a", "u"),), {"replicas": "3"})


def entry(id: str = "1", at: float = 1.0, **more: object) -> Entry:
    return replace(Entry(id, at, "ana", Action.SCALE, "one", "Pod", "web", "a", "replicas 3 → 5"), **more)


def test_an_entry_comes_back_as_it_was() -> None:
    made = entry(undo=UNDO, diff=(DiffLine("+", "\x1b[31m\u202e🙂\n"),), args={"replicas": "5"})
    line = encoded(made)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decoded(line.split(b"\n")) == [made]


def test_what_can_be_large_or_secret_is_not_kept() -> None:
    diff = tuple(DiffLine("+", str(n)) for n in range(1_000))
    kept = bounded(entry(args={"manifest": "key: s3cret", "patch": "{}", "force": "true"}, diff=diff))
    assert kept.args == {"force": "true"}
    assert len(kept.diff) == DIFF_LINES + 1
    assert kept.diff[-1].text == "… 800 more lines"


def test_lines_that_are_no_entries_are_left_out() -> None:
    lines = [encoded(entry("1")), b'{"id": "2", "at"', b"\xff\xfe", b"[]", b"", b'{"hello": 1}', encoded(entry("3"))]
    assert [one.id for one in decoded(lines)] == ["1", "3"]


def test_what_was_undone_says_by_what() -> None:
    made = [entry("a", 1.0), entry("b", 2.0, args={"undoes": "a"}), entry("c", 3.0, args={"undoes": "b"}, problem="no")]
    newest = newest_first(made, 10)
    assert [(one.id, one.undone_by) for one in newest] == [("c", ""), ("b", ""), ("a", "b")]
    assert [one.id for one in newest_first(made, 2)] == ["c", "b"]


def test_ids_sort_by_time() -> None:
    assert new_id(1.0) < new_id(2.0) < new_id(1_800_000_000.0)
    assert new_id(1.0) != new_id(1.0)


async def until(true: Callable[[], object]) -> None:
    """Return when `true` holds; files are read in threads, which no clock of ours moves."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.to_thread(int)


def journal(path: Path | None) -> Journal:
    return Journal(path, Runtime(ManualClock(), strict=True))


async def test_a_torn_line_is_ended_before_the_next_begins(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.jsonl"
    book = journal(path)
    await book.add(entry("1"))
    with path.open("ab") as stream:
        stream.write(b'{"id": "torn", "at": 2.0, "who"')
    await book.add(entry("3", 3.0))
    assert [one.id for one in await book.entries()] == ["3", "1"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.changes.test_journal import entry, journal
async def main():
    book = journal(Path(sys.argv[1]))
    for n in range(100):
        await book.add(entry(f"{sys.argv[2]}-{n}", float(n), summary="x" * 20_000))
asyncio.run(main())
"""


def test_two_processes_write_one_journal_and_no_line_is_lost_or_mixed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], env=environ) for name in ("one", "two")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    found = [json.loads(line)["id"] for line in path.read_text().splitlines()]
    assert sorted(found) == sorted(f"{name}-{n}" for name in ("one", "two") for n in range(100))


async def test_who_follows_sees_what_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    clock = ManualClock()
    rt = Runtime(clock, strict=True)
    book = Journal(path, rt)
    reader = Reader(book.topic)
    following = asyncio.create_task(reader.run())
    await until(lambda: reader.feeds and reader.last.value is not None)
    assert reader.value == ()
    path.write_bytes(encoded(entry("theirs")))
    seen = len(reader.feeds)
    await clock.advance(LOOK_EVERY)
    await until(lambda: len(reader.feeds) > seen)
    assert [one.id for one in reader.value] == ["theirs"]
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await settle()
    await rt.tasks.close()


async def test_a_journal_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    book = journal(tmp_path / "file" / "journal.jsonl")
    with pytest.raises(SourceError) as refused:
        await book.ready()
    assert "nothing is changed that is not written down" in refused.value.problem.summary


async def test_only_the_end_of_a_long_journal_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.changes.journal.READ_AT_MOST", 2_000)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(encoded(entry(str(n), float(n))) for n in range(100)))
    entries = await journal(path).entries()
    assert 2 < len(entries) < 20
    assert entries[0].id == "99"


async def test_a_journal_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    book = journal(path)
    await book.add(entry("1"))
    path.rename(tmp_path / "old.jsonl")
    assert await book.entries() == ()
    await book.add(entry("2", 2.0))
    assert [one.id for one in await book.entries()] == ["2"]


async def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    book = journal(path)
    line = encoded(entry("1"))
    path.write_bytes(line[:20])
    assert await book.entries() == ()
    with path.open("ab") as stream:
        stream.write(line[20:])
    assert [one.id for one in await book.entries()] == ["1"]


async def test_what_comes_while_the_disk_is_busy_goes_out_together_and_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("tui.changes.journal.os.fsync", synced.append)
    book = journal(tmp_path / "journal.jsonl")
    await asyncio.gather(*(book.add(entry(str(n), float(n))) for n in range(50)))
    assert len(synced) <= 2, "the first, and the others while it was written"
    assert [one.id for one in await book.entries()] == [str(n) for n in reversed(range(50))]
    await book.add(entry("50", 50.0))
    assert (await book.entries())[0].id == "50"


async def test_an_entry_is_on_the_disk_when_adding_it_returns(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    book = journal(path)

    async def add(number: int) -> bool:
        await book.add(entry(str(number)))
        return any(one.id == str(number) for one in decoded(path.read_bytes().split(b"\n")))

    assert all(await asyncio.gather(*map(add, range(20))))


async def test_everybody_in_a_batch_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    book = journal(tmp_path / "file" / "journal.jsonl")
    said = await asyncio.gather(*(book.add(entry(str(n))) for n in range(3)), return_exceptions=True)
    assert [type(one) for one in said] == [SourceError] * 3


async def test_who_gives_up_waiting_takes_nothing_from_the_journal(tmp_path: Path) -> None:
    book = journal(tmp_path / "journal.jsonl")
    adding = asyncio.create_task(book.add(entry("1")))
    await asyncio.sleep(0)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    await book.add(entry("2", 2.0))
    assert [one.id for one in await book.entries()] == ["2", "1"]


def test_of_two_lines_with_one_id_the_later_one_counts() -> None:
    lines = [entry("a", problem=BEGUN), entry("b", 2.0, problem=BEGUN), entry("a", undo=UNDO)]
    b, a = newest_first(lines, 10)
    assert (b.problem, a.problem, a.undo) == (BEGUN, "", UNDO)
