"""What befalls log files: rotation, restarts, lines put in from outside; and lines that can be counted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sim.kube.logreader import Reader, reading
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.logfiles import ContainerLog, NumberedLog
from tui.sim.kube.logkeeping import NotedLog, RotatedLog
from tui.sim.kube.logstyles import HTTP, Voice

BEGUN = 1_790_000_000.0


@pytest.fixture
async def reader(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reader]:
    monkeypatch.setattr(NumberedLog, "look_every", 0.005)
    async with reading() as reader:
        yield reader


def counting(reader: Reader, seconds: float = 100.0, lines: str = "0") -> None:
    """A pod "one" that has written two numbered lines a second for a while."""
    reader.town.behave("one", log="numbered", log_rate=2.0, facts={"lines": lines})
    reader.town.pod()
    reader.town.until(lambda: reader.town.get(PODS, "one")["status"]["phase"] == "Running")
    reader.town.live(seconds)


def numbers(lines: list[str]) -> list[int]:
    """The numbers of numbered lines, without timestamps."""
    return [int(line.split()[1]) for line in lines]


def everything(namespace: str, pod: str, container: str) -> bool:
    return True


async def test_numbered_lines_can_be_counted(reader: Reader) -> None:
    counting(reader, 50)
    lines = await reader.lines("one")
    assert numbers(lines) == list(range(1, len(lines) + 1))
    assert 100 <= len(lines) <= 104
    assert numbers(await reader.lines("one", "tailLines=3")) == [len(lines) - 2, len(lines) - 1, len(lines)]
    reader.town.live(10)
    assert (await reader.lines("one"))[: len(lines)] == lines


async def test_they_end_with_the_last_and_the_container_lives(reader: Reader) -> None:
    counting(reader, 100, lines="70")
    lines = await reader.lines("one", "timestamps=true")
    assert len(lines) == 70
    assert lines[-1].split(" ", 1)[1].startswith("line 0000070 of 70 one/app ")
    assert [line[:30] for line in lines] == sorted({line[:30] for line in lines})


async def test_a_rotated_log_begins_with_what_was_kept(reader: Reader) -> None:
    counting(reader)
    count = len(await reader.lines("one"))
    reader.logs.rotate(everything, keep=5)
    assert numbers(await reader.lines("one")) == list(range(count - 4, count + 1))
    reader.logs.rotate(everything)
    assert await reader.lines("one") == []
    assert await reader.lines("one", "sinceSeconds=3600") == []
    reader.town.live(5)
    assert numbers(await reader.lines("one")) == list(range(count + 1, count + 11))


async def test_only_the_containers_that_are_meant_are_rotated(reader: Reader) -> None:
    counting(reader)
    reader.logs.rotate(lambda namespace, pod, container: (namespace, pod, container) != ("default", "one", "app"))
    assert len(await reader.lines("one")) >= 200


@pytest.mark.parametrize("unread", [False, True])
async def test_who_follows_loses_only_what_he_is_said_to(reader: Reader, unread: bool) -> None:
    counting(reader)
    count = len(await reader.lines("one"))
    async with reader.open("one", "follow=true&tailLines=1") as response:
        assert numbers([(await response.content.readline()).decode()]) == [count]
        reader.town.time += 10  # twenty more lines, of which the last two are kept
        reader.logs.rotate(everything, keep=2, unread=unread)
        following = numbers([(await response.content.readline()).decode()])
        assert following == [count + 19 if unread else count + 1]


async def test_a_container_that_is_restarted_counts_anew_and_keeps_its_last_log(reader: Reader) -> None:
    counting(reader)
    before = await reader.lines("one")
    reader.town.crew.end_containers(lambda namespace, pod, container: pod == "one", 137)
    reader.town.live(1)
    state = reader.town.get(PODS, "one")["status"]["containerStatuses"][0]
    assert (state["restartCount"], state["lastState"]["terminated"]["exitCode"]) == (1, 137)
    assert (await reader.lines("one", "previous=true"))[: len(before)] == before
    reader.town.live(5)
    lines = await reader.lines("one")
    assert numbers(lines) == list(range(1, len(lines) + 1))
    assert lines[0].split()[-1] != before[0].split()[-1], "each run names itself"


async def test_nothing_is_written_after_the_end_though_nobody_has_noticed_it_yet(reader: Reader) -> None:
    counting(reader)
    reader.town.time = int(reader.town.time) + 0.6
    reader.town.crew.end_containers(everything, 137)
    reader.town.time += 1.1  # it ended at the full second; its kubelet has not looked yet
    unnoticed = await reader.lines("one")
    reader.town.live(1)
    assert await reader.lines("one", "previous=true") == unnoticed


async def test_a_follow_is_told_what_is_put_in_from_outside(reader: Reader) -> None:
    counting(reader)
    count = len(await reader.lines("one"))
    async with reader.open("one", "follow=true&tailLines=1") as response:
        await response.content.readline()
        reader.logs.note(reader.town.get(PODS, "one"), "app", "from outside")
        reader.town.live(1)
        lines = [(await response.content.readline()).decode() for _ in range(3)]
    assert lines[0] == "from outside\n"
    assert numbers(lines[1:]) == [count + 1, count + 2]
    assert (await reader.lines("one"))[count] == "from outside"


def noted() -> tuple[ContainerLog, NotedLog]:
    own = ContainerLog(HTTP, Voice(), started=BEGUN, ended=None, rate=1.0, seed=3)
    return own, NotedLog(own, [(BEGUN + 30.5, "first"), (BEGUN + 30.5, "second"), (BEGUN + 50.2, "third")])


def test_notes_stand_where_their_time_has_them() -> None:
    own, log = noted()
    now = BEGUN + 100
    plain = own.render(0, own.span(now).stop, True).decode().splitlines()
    lines = log.render(0, log.span(now).stop, True).decode().splitlines()
    assert [line[:30] for line in lines] == sorted(line[:30] for line in [*lines])
    assert [line for line in lines if not line.endswith(("first", "second", "third"))] == plain
    assert [line.split(" ", 1)[1] for line in lines if line not in plain] == ["first", "second", "third"]
    assert log.span(now).stop == own.span(now).stop + 3
    assert log.span(BEGUN + 40).stop == own.span(BEGUN + 40).stop + 2


def test_any_part_of_a_noted_log_is_that_part_of_the_whole() -> None:
    _, log = noted()
    stop = log.span(BEGUN + 100).stop
    whole = [log.render(index, index + 1, False) for index in range(stop)]
    assert sum(log.line_count(index) for index in range(stop)) == b"".join(whole).count(b"\n")
    for first in range(stop):
        for last in (first, min(first + 3, stop), stop):
            assert log.render(first, last, False) == b"".join(whole[first:last])
    times = [log.time_of(index) for index in range(stop)]
    assert times == sorted(times)


def test_a_rotated_log_never_has_less_than_nothing() -> None:
    own, _ = noted()
    log = RotatedLog(own, 10_000)
    assert len(log.span(BEGUN + 100)) == 0
    assert log.span(BEGUN + 15_000) == range(10_000, own.span(BEGUN + 15_000).stop)


def test_a_million_lines_are_in_order_each_with_its_time() -> None:
    log = NumberedLog(started=BEGUN, ended=None, rate=100_000.0, lines=1_000_000, said="x")
    assert log.span(BEGUN + 60) == range(1_000_000)
    last = log.render(999_998, 1_000_000, True).decode().splitlines()
    assert last == [
        "2026-09-21T14:13:29.999990000Z line 0999999 of 1000000 x",
        "2026-09-21T14:13:30.000000000Z line 1000000 of 1000000 x",
    ]
    for now in (BEGUN, BEGUN + 0.5, BEGUN + 3.21):
        stop = log.span(now).stop
        assert stop == 0 or log.time_of(stop - 1) <= now
        assert log.time_of(stop) > now


async def test_what_is_written_while_nobody_reads_is_there_later(reader: Reader) -> None:
    counting(reader)
    first = numbers(await reader.lines("one"))
    reader.town.live(3600)
    second = numbers(await reader.lines("one", f"tailLines={7200 + len(first)}"))
    assert second[: len(first)] == first
    assert second == list(range(1, len(second) + 1))
