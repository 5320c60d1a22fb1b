"""UI tests run at one place and time, and keep their snapshots in the top-level folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.location import PyTestLocation

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"


def _dirname(*, test_location: PyTestLocation) -> str:
    """`snapshots/test_NAME/` for `tests/ui/test_NAME.py`."""
    return str(SNAPSHOTS / Path(test_location.filepath).stem)


SVGImageExtension.dirname = staticmethod(_dirname)  # the plugin has no setting for it


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are shown in the machine's zone; here that is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    assert os.environ.get("NO_COLOR") is None
