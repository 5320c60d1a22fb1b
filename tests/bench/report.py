"""Medians of interleaved runs, and the table they are printed in."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, ours and theirs (same unit), their ratio, and what we aim at."""

    what: str
    ours: str
    theirs: str
    ratio: str
    goal: str


def interleaved(*measures: Callable[[], float], rounds: int = 5) -> list[float]:
    """The median of each measure, taken A B A B … so that a busy neighbour hurts all alike."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for index, measure in enumerate(measures):
            taken[index].append(measure())
    return [statistics.median(values) for values in taken]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def print_figures(title: str, figures: list[Figure]) -> None:
    rows = [("measure", "clusterview", "other", "ratio", "goal")]
    rows += [(figure.what, figure.ours, figure.theirs, figure.ratio, figure.goal) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    print(f"\n{title}")
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
