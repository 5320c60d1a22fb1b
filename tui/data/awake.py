"""Notices that the machine has slept: every open connection is then suspect, and every row old.

While a laptop sleeps its monotonic clock stands still and the wall clock goes on. Nothing else would tell: the watches
of before look open until the kernel has given up asking after their peers, which takes most of a minute.
"""

from __future__ import annotations

import logging

from tui.clock import Clock
from tui.data.checks import Checks

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
ASLEEP = 10.0
"""Seconds by which the clocks must have come apart at once; a clock that is being corrected drifts by less."""


async def stay_awake(clock: Clock, checks: Checks) -> None:
    """Have everything checked after each sleep of the machine, until cancelled."""
    apart = clock.now() - clock.monotonic()
    while True:
        await clock.sleep(LOOK_EVERY)
        now_apart = clock.now() - clock.monotonic()
        if abs(now_apart - apart) >= ASLEEP:
            log.info("the clocks came apart by %.0f s: the machine has slept, or its time was set", now_apart - apart)
            checks.doubt()
        apart = now_apart
