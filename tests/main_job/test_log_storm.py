"""Every line of a log once and in order, whatever befalls the way, the file and the container; and the counters say
what happened. `CLUSTERVIEW_TESTS=full` runs it with a million lines and fifty breaks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.main_job.logstorm import Bench, QuickClock, Storm, behind_the_gateway, bench
from tests.sizes import FULL
from tui.model.logs import LogGap

LINES = 1_000_000 if FULL else 60_000
BREAKS = 50 if FULL else 14
RATE = 70.0 if FULL else 12.0
"""Lines a second: an hour of them is a quarter of all, or most."""
BESIDES = (
    {"rotated": 8, "restarted": 5, "disconnected": 4, "asleep": 1}
    if FULL
    else {"rotated": 2, "restarted": 2, "disconnected": 1, "asleep": 1}
)
"""What befalls the one source, beside the breaks of its streams."""
HOUR = 3600.0
SEEDS = (1, 2, 3) if FULL else (1,)
COUNTER = {"pod": "counter-*"}

pytestmark = pytest.mark.timeout(600 if FULL else 120)


def consecutive(numbers: list[int], last: int) -> bool:
    return numbers == list(range(1, last + 1))


async def caught_up(it: Bench, cluster: str, pod: str) -> tuple[str, int]:
    """Wait until all that a container has written is there; its run and how many lines."""
    run, last = await it.truth(cluster, pod)
    index = next(one.index for one in it.status.sources if (one.cluster.name, one.pod) == (cluster, pod))
    await it.until(lambda: it.got[index].get(run, [0])[-1] >= last)
    return run, last


@pytest.mark.parametrize("seed", SEEDS)
async def test_one_source_broken_in_every_way(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the gateway, whose link to the cluster's agent is lost now and then."""
    chance = random.Random(seed)
    async with bench(tmp_path, monkeypatch, clusters=1, pods=1, rate=RATE, gateway=True) as it:
        # Each break comes after more than the second or two that are sent again.
        storm = Storm(it.sim, chance, COUNTER, BREAKS, share=int(max(3 * RATE, LINES // BREAKS)))
        besides = chance.sample(list(BESIDES), sum(BESIDES.values()), counts=list(BESIDES.values()))
        ends: dict[str, int] = {}
        async with it.viewing(tail=None):
            await it.until(lambda: it.status.sources and it.status.sources[0].pod)
            pod = it.status.sources[0].pod
            ends |= [await caught_up(it, "c00", pod)]
            while sum(ends.values()) < LINES or besides or not storm.over:
                await it.step(chance.uniform(0.1, 0.3) * LINES / BREAKS / RATE)
                if besides and chance.random() < 0.3:
                    ends |= await befall(it, besides.pop(), pod)
                ends |= [await caught_up(it, "c00", pod)]
            total = sum(ends.values())
            await it.until(lambda: it.status.received == total)
        status = it.status
        broken = sum(storm.met.values())
        print(f"\nseed {seed}: {total:,} lines in {len(ends)} runs, {broken} breaks {dict(storm.met)}, "
              f"besides {BESIDES}; {status.received:,} received, {status.repeated:,} repeated, {status.gaps} gaps, "
              f"opened {status.sources[0].opened} times, {it.ledger.wire['lines']:,} lines on the wire")  # fmt: skip
        assert broken == BREAKS
        assert len(ends) == 1 + BESIDES["restarted"]
        assert list(it.got) == [0]
        assert list(it.got[0]) == list(ends)
        assert all(consecutive(it.got[0][run], last) for run, last in ends.items())
        assert status.received + status.repeated == it.ledger.wire["lines"]
        assert (status.gaps, status.late, it.position) == (0, 0, total)
        assert status.sources[0].opened >= storm.met["cut-stream"] + storm.met["end-stream"]


async def befall(it: Bench, what: str, pod: str) -> list[tuple[str, int]]:
    """Something happens to a container, its file, the road or the reader; the run that ended of it and how many lines
    it wrote."""
    if what == "rotated":  # under the stream; what was not read yet is still sent
        await caught_up(it, "c00", pod)
        it.sim.faults.add("rotate", COUNTER, keep=int(3 * RATE))
    elif what == "restarted":
        return [await restart(it, "c00", pod)]
    elif what == "disconnected":
        lost = it.sim.faults.add("disconnect", {"membership": "c00"})
        await it.until(lambda: it.status.sources[0].problem is not None)
        await it.step(10)
        it.sim.faults.remove(lost)
    else:
        await it.sleep(HOUR)
    return []


async def test_a_hundred_sources_over_twelve_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clouds' time jumps here and the client's runs fifty times as fast, so what is late is only printed: how late
    lines may be where time is one is held down in `test_log_weather`."""
    clusters, pods = (12, 9) if FULL else (12, 3)
    lines = 10_000 if FULL else 600
    rate = 100.0 if FULL else 10.0
    besides_of = (24, 24) if FULL else (4, 4)
    chance = random.Random(11)
    async with bench(tmp_path, monkeypatch, clusters=clusters, pods=pods, rate=rate) as it:
        storms = [
            Storm(it.sim, chance, {"cluster": f"c{number:02d}", **COUNTER}, BREAKS, share=int(4 * rate))
            for number in range(clusters)
        ]
        async with it.viewing(tail=None):
            await it.until(lambda: len(it.status.sources) == clusters * pods)
            besides = chance.sample(["rotated", "restarted"], sum(besides_of), counts=besides_of)
            ended: dict[int, tuple[str, int]] = {}  # of each source that was restarted, the run before
            done = 0
            while done < lines or besides or not all(storm.over for storm in storms):
                await it.step(chance.uniform(2, 8))
                if besides:
                    one = chance.choice([one for one in it.status.sources if one.index not in ended])
                    place = (one.cluster.name, one.pod)
                    await caught_up(it, *place)
                    if besides.pop() == "restarted":
                        ended[one.index] = await restart(it, *place, each=1.0)
                    else:
                        it.sim.faults.add("rotate", {"cluster": place[0], "pod": place[1]}, keep=int(3 * rate))
                looked_at = [one for one in it.status.sources if chance.random() < 0.2]
                done = max([done, *[(await caught_up(it, one.cluster.name, one.pod))[1] for one in looked_at]])
            truths = {
                one.index: dict([*filter(None, [ended.get(one.index)]), await caught_up(it, one.cluster.name, one.pod)])
                for one in it.status.sources
            }
            total = sum(sum(runs.values()) for runs in truths.values())
            await it.until(lambda: it.status.received == total)
        status = it.status
        breaks = sum(sum(storm.met.values()) for storm in storms)
        print(f"\n{len(status.sources)} sources: {total:,} lines, {breaks} breaks, {besides_of[0]} rotations, "
              f"{len(ended)} restarts, {status.repeated:,} repeated, "
              f"{status.gaps} gaps, {status.late} late, {it.ledger.wire['lines']:,} lines on the wire")  # fmt: skip
        for index, runs in truths.items():
            assert list(it.got[index]) == list(runs)
            assert all(consecutive(it.got[index][run], last) for run, last in runs.items()), index
        assert len(ended) == besides_of[1]
        assert status.received + status.repeated == it.ledger.wire["lines"]
        assert [one.received for one in status.sources] == [sum(truths[one.index].values()) for one in status.sources]
        assert status.gaps == 0
        assert breaks == clusters * BREAKS
        await read_in_order(it, clusters * pods)


async def read_in_order(it: Bench, sources: int) -> None:
    """What is there now, read to its end, is in order from its first line to its last."""
    it.begin_anew()
    async with it.viewing(tail=None, follow=False):
        await it.until(lambda: len(it.status.sources) == sources and all(one.over for one in it.status.sources))
        await it.until(lambda: it.position == it.status.received)
        assert it.status.late == 0
        assert set(it.got) == set(range(sources))
        for runs in it.got.values():
            assert all(numbers == sorted(set(numbers)) for numbers in runs.values())


async def test_a_gateway_that_cuts_every_five_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = 200 if FULL else 20
    async with behind_the_gateway(tmp_path, monkeypatch) as it:
        seconds = 5 / QuickClock.SPEED  # of the client's time
        cut = it.sim.faults.add("cut-stream", {"path": "*/log", **COUNTER}, seconds=seconds)
        async with it.viewing(tail=0, labels="app=counter"):
            await it.until(lambda: cut.met >= cuts)
            it.sim.faults.remove(cut)
            await it.until(lambda: it.got[0])
            (numbers,) = it.got[0].values()
            reached = len(numbers)
            await it.until(lambda: len(numbers) > reached)
        status = it.status
        print(f"\n{len(numbers):,} lines, {cut.met} cuts, {status.repeated:,} repeated, {status.gaps} gaps, "
              f"opened {status.sources[0].opened} times")  # fmt: skip
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert (it.position, status.gaps) == (len(numbers), 0)
        assert status.sources[0].opened > cuts // 2  # some of the cuts met the first look at the last line


async def test_what_is_lost_is_said_and_nothing_else_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rotations that take what was unread with them, restarts that do not, and two restarts at once, which do."""
    chance = random.Random(5)
    async with bench(tmp_path, monkeypatch, clusters=1, pods=1, rate=50.0) as it, it.viewing(tail=None):
        await it.until(lambda: it.status.sources and it.status.sources[0].pod)
        pod, losses = it.status.sources[0].pod, 0
        ends: dict[str, int] = {}
        kinds = ["rotated", "rotated", "kept", "restart", "restart", "restart twice"] * (2 if FULL else 1)
        for what in chance.sample(kinds, len(kinds)):
            await it.step(20)
            await caught_up(it, "c00", pod)
            refusal = it.sim.faults.add("answer", {"path": "*/log", **COUNTER, "query": "*follow=true*"}, status=503)
            await it.sim.unplug()
            await it.sim.plug()
            await it.step(10)  # five hundred lines that nobody hears
            if what in ("rotated", "kept"):
                it.sim.faults.add("rotate", COUNTER, keep=100 if what == "rotated" else 2000)
                losses += what == "rotated"
            else:
                ends |= [await restart(it, "c00", pod)]
                if what == "restart twice":
                    ends |= [await restart(it, "c00", pod)]
                    losses += 1
            it.sim.faults.remove(refusal)
            await it.step(3)
            run, last = await caught_up(it, "c00", pod)
            ends[run] = last
        await it.until(lambda: it.status.gaps == losses)
        assert losses == len(kinds) // 2
        missing = 0
        for run, last in ends.items():
            numbers = it.got[0].get(run, [])
            assert numbers == sorted(set(numbers))
            lost = sorted(set(range(1, last + 1)) - set(numbers))
            missing += len(lost)
            known = [(number, it.times[0, run, number]) for number in numbers]
            for number in lost:
                before = [at for known_number, at in known if known_number < number]
                after = [at for known_number, at in known if known_number > number]
                assert any(spans(gap, before, after) for gap in it.status.lately), (run, number)
        assert missing > 0
        assert it.status.received == sum(map(len, it.got[0].values()))


async def restart(it: Bench, cluster: str, pod: str, *, each: float = 10) -> tuple[str, int]:
    """The container ends and runs again, looked for after so many seconds each; the run that ended and how many lines
    it wrote."""
    before, _ = await it.truth(cluster, pod)
    it.sim.faults.add("restart-container", {"cluster": cluster, "pod": pod})
    for _ in range(100):
        await it.step(each)
        if (await it.truth(cluster, pod))[0] not in ("", before):
            return await it.truth(cluster, pod, previous=True)
    raise AssertionError("it does not run again")


def spans(gap: LogGap, before: list[int], after: list[int]) -> bool:
    """Whether a gap reaches from the last line before to the first line after."""
    return (not before or gap.after >= max(before)) and (not after or gap.before <= min(after))
