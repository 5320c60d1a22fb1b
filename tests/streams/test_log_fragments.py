"""What is no whole line with a time: torn in the middle, without an end, or said by the kubelet itself."""

from __future__ import annotations

from tests.streams.fakelog import raw
from tests.streams.logbench import following


async def test_lines_without_a_time_are_kept_and_do_not_confuse_the_resumption() -> None:
    async with following("1") as bench:
        bench.log.raw(b"unable to retrieve container logs\n")
        await bench.clock.advance(10)
        bench.log.end_streams()
        await bench.clock.advance(0)
        bench.log.write("2")
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "unable to retrieve container logs", "2"]
        assert bench.sink.gaps == 0


async def test_a_line_cut_in_the_middle_comes_whole_and_once() -> None:
    async with following("1") as bench:
        bench.log.raw(b"2025-11-22T01:04:20.000000000Z half a li")
        await bench.clock.advance(10)
        bench.log.end_streams()
        bench.log.file.append((1_763_773_460 * 10**9, b"half a line"))
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "half a line"]


async def test_a_last_line_without_a_newline_is_shown_when_the_container_has_ended() -> None:
    async with following("1") as bench:
        bench.log.raw(b"2025-11-22T01:04:20.000000000Z no newline")
        bench.sink.is_now = "stopped"
        bench.log.stop()
        await bench.clock.advance(0)
        assert bench.sink.texts == ["1", "no newline"]


async def test_a_line_that_is_torn_as_it_is_sent_again_is_no_line() -> None:
    async with following() as bench:
        at = 1_763_773_460
        bench.log.write("first line", "second line", at=at + 0.5)
        await bench.clock.advance(0)
        bench.log.torn = [31 + len("first line") + 1 + 31 + 5]  # cut in the middle of what is sent again
        bench.log.break_streams()
        await bench.clock.advance(3)
        bench.log.write("third line", at=at + 0.6)
        bench.sink.is_now = "gone"
        bench.log.stop()
        await bench.clock.advance(3)
        assert bench.sink.texts == ["first line", "second line", "third line"]
        assert bench.log.torn == []


async def test_a_torn_line_before_a_gap_is_shown_as_far_as_it_is_known() -> None:
    async with following("1") as bench:
        bench.log.raw(raw(1_763_773_450 * 10**9, b"half a li"))
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.rotate()
        bench.log.write("after")
        await bench.clock.advance(3)
        assert (bench.sink.texts, bench.sink.gaps) == (["1", "half a li", "after"], 1)


async def test_what_a_kubelet_says_itself_is_shown_once_and_is_no_progress() -> None:
    async with following("1") as bench:
        for _ in range(5):
            bench.log.raw(b"unable to retrieve container logs for containerd://abc\n")
            bench.log.end_streams()
            await bench.clock.advance(2)
        assert bench.sink.texts == ["1", "unable to retrieve container logs for containerd://abc"]
        assert bench.requests <= 8
