"""Quantities in canonical form, as k8s.io/apimachinery pkg/api/resource writes them back."""

import pytest

from tui.sim.kube.quantities import canonical, total


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0", "0"),
        ("0Ki", "0"),
        ("1", "1"),
        ("0.5", "500m"),
        ("1.5", "1500m"),
        (".25", "250m"),
        ("1000m", "1"),
        ("1000", "1k"),
        ("1024", "1024"),
        ("1500k", "1500k"),
        ("1000k", "1M"),
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),  # too small for its family: decimal
        ("1025", "1025"),
        ("0.3Ki", "307200m"),  # not whole: decimal keeps the precision
        ("3810310n", "3810310n"),
        ("1000000n", "1m"),
        ("0.1n", "1n"),  # nothing is finer than a nano: rounded up
        ("1e3", "1e3"),
        ("12e6", "12e6"),
        ("100Ei", "100Ei"),
        ("-1Gi", "-1Gi"),
        ("-500m", "-500m"),
        ("nonsense", "nonsense"),
        ("1Gib", "1Gib"),
    ],
)
def test_canonical_form(given: str, expected: str) -> None:
    assert canonical(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), "0"),
        (("316774n", "3493536n"), "3810310n"),  # recorded: metrics-pods, metrics-pods-table
        (("240Ki", "432Ki"), "672Ki"),
        (("0", "512Mi", "512Mi"), "1Gi"),
        (("500m", "0.5"), "1"),
        (("1", "nonsense"), "1"),
    ],
)
def test_sums_keep_the_family_of_the_first(given: tuple[str, ...], expected: str) -> None:
    assert total(given) == expected
