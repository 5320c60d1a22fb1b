"""A stream makes way for who answers a key, and comes to no harm by it."""

from __future__ import annotations

import asyncio

from tui.clock import ManualClock
from tui.data.pressure import Pressure
from tui.data.ring import Ring
from tui.waits import RightOfWay


async def test_it_reads_on_when_the_way_is_free_and_nobody_is_said_to_hold_it_up() -> None:
    clock = ManualClock()
    way = RightOfWay(clock)
    told: list[str] = []
    pressure = Pressure(Ring(10), clock, lambda: told.append(pressure.held), way)
    way.give(0.05)
    reading = asyncio.create_task(pressure.ease(lambda: False, lambda: 0))
    await clock.advance(0.04)
    assert not reading.done()
    await clock.advance(0.02)
    assert reading.done()
    assert (told, pressure.held) == ([], "")


async def test_who_waited_for_a_reader_makes_way_when_he_has_read() -> None:
    clock = ManualClock()
    way = RightOfWay(clock)
    ring = Ring(10)
    pressure = Pressure(ring, clock, lambda: None, way)
    reader = pressure.reader("somebody")
    ring.append([b"line"] * 10, [0] * 10)
    reading = asyncio.create_task(pressure.ease(lambda: False, lambda: 0))
    await clock.advance(1)
    assert pressure.held == "somebody"
    way.give(0.02)
    reader.reached(10)
    await clock.advance(0.01)
    assert not reading.done()
    await clock.advance(0.02)
    assert reading.done()
