"""What log views are tested over: two clusters, and the clock that both go by."""

from __future__ import annotations

import pytest

from tests.data.fakekube import FakeKube
from tui.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def one(clock: ManualClock) -> FakeKube:
    return FakeKube(clock)


@pytest.fixture
def two(clock: ManualClock) -> FakeKube:
    return FakeKube(clock)
