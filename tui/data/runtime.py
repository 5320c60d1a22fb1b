"""What all jobs of one hub share, handed to each as one argument."""

from __future__ import annotations

import random

from tui.clock import Clock
from tui.data.backoff import Backoff
from tui.data.checks import Checks
from tui.data.tasks import Tasks
from tui.waits import RightOfWay

TRY_TIMEOUT = 20.0
LINGER = 15.0


class Runtime:
    """clock: the only time there is. rng: the only chance there is; seeded in tests. timeout: seconds for one try.
    linger: seconds that work goes on after its last reader left. strict: a bug ends its job instead of becoming a
    problem beside old rows (tests)."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random | None = None,
        *,
        timeout: float = TRY_TIMEOUT,
        linger: float = LINGER,
        strict: bool = False,
    ) -> None:
        self.clock = clock
        self.rng = rng or random.Random()
        self.timeout = timeout
        self.linger = linger
        self.strict = strict
        self.tasks = Tasks()
        self.checks = Checks(clock)
        self.way = RightOfWay(clock)

    def backoff(self) -> Backoff:
        """Fresh waits for one job."""
        return Backoff(self.clock, self.rng)
