"""`--cluster PATTERN`."""

from __future__ import annotations

import pytest

from tui.errors import UsageError
from tui.model.patterns import cluster_filter

NAMES = ["prod-eu", "prod-us", "staging", "plant-7"]


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        ([], NAMES),
        (["prod-*"], ["prod-eu", "prod-us"]),
        (["prod"], []),
        (["prod-eu", "plant-7"], ["prod-eu", "plant-7"]),
        (["/eu|7/"], ["prod-eu", "plant-7"]),
        (["^prod-*"], ["staging", "plant-7"]),
        (["prod-*", "^/us$/"], ["prod-eu"]),
    ],
)
def test_chooses_by_name(patterns: list[str], chosen: list[str]) -> None:
    assert list(filter(cluster_filter(patterns), NAMES)) == chosen


@pytest.mark.parametrize("pattern", ["/(/", "", "^"])
def test_names_a_bad_pattern(pattern: str) -> None:
    with pytest.raises(UsageError):
        cluster_filter([pattern])
