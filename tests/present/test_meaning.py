"""What the texts of a column mean, and how they are compared by it."""

from __future__ import annotations

import pytest

from tui.model.times import age_seconds, least_unit
from tui.present.meaning import Meaning, meaning_of, natural, quantity, ratio, version


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("59s", 59), ("2m5s", 125), ("3h", 10800), ("2d4h", 187200), ("1y20d", 33264000), ("5m ago", 300), ("", None)],
)
def test_ages_are_read_as_they_are_printed(text: str, seconds: float | None) -> None:
    assert age_seconds(text) == seconds


def test_an_age_is_told_to_its_smallest_unit() -> None:
    assert [least_unit(text) for text in ("3d", "3d4h", "59s")] == [86400, 3600, 1]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("500m", 0.5), ("2", 2), ("1Gi", 2**30), ("1.5Ki", 1536), ("12e6", 12e6), ("3E", 3e18), ("1M", 1e6), ("x", None)],
)
def test_quantities(text: str, amount: float | None) -> None:
    assert quantity(text) == amount


def test_ratios_and_versions() -> None:
    assert [ratio(text) for text in ("1/2", "0/0", "2/2", "x")] == [0.5, 1.0, 1.0, None]
    assert version("v1.33.4-gke.1036000") == (1, 33, 4)
    assert version("10.0.0.1") == (10, 0, 0, 1)
    assert version("80/TCP") is None


def test_natural_order_heeds_numbers_and_no_capitals() -> None:
    names = ["web-10", "Web-2", "web-02b", "api", "web-1"]
    assert sorted(names, key=natural) == ["api", "web-1", "Web-2", "web-02b", "web-10"]


@pytest.mark.parametrize(
    ("name", "kind", "texts", "meaning"),
    [
        ("RESTARTS", "string", ["0", "3 (5m ago)"], Meaning.NUMBER),
        ("READY", "string", ["1/1", "0/2"], Meaning.RATIO),
        ("READY", "integer", ["x"], Meaning.NUMBER),
        ("DURATION", "string", ["5m", "<none>"], Meaning.AGE),
        ("CPU(CORES)", "string", ["5m", "2"], Meaning.QUANTITY),
        ("MEMORY%", "string", ["5%", "12%"], Meaning.NUMBER),
        ("CAPACITY", "string", ["10Gi", ""], Meaning.QUANTITY),
        ("VERSION", "string", ["v1.33.4", "v1.32.0-eks-1"], Meaning.VERSION),
        ("CLUSTER-IP", "string", ["10.0.0.1", "None"], Meaning.TEXT),
        ("STATUS", "string", ["Running"], Meaning.TEXT),
        ("STATUS", "string", [], Meaning.TEXT),
    ],
)
def test_a_column_means_what_all_its_texts_can_be(name: str, kind: str, texts: list[str], meaning: Meaning) -> None:
    assert meaning_of(name, kind, texts) is meaning
