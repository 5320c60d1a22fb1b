"""The clock of a test, and two clusters that go by it."""

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
