"""Shared by the tests of the printers: the cells of an object of which only a few fields matter."""

from __future__ import annotations

from typing import Any

from tui.sim.kube import tables
from tui.sim.kube.durations import epoch
from tui.sim.kube.kinds import Kind, builtin

Obj = dict[str, Any]

BORN = "2026-11-22T01:00:00Z"
NOW = (epoch(BORN) or 0.0) + 300  # five minutes old


def kind_of(resource: str) -> Kind:
    """By "plural", or "plural.group"; any version."""
    plural, _, group = resource.partition(".")
    return builtin(group, plural)


def cells(resource: str, **fields: Any) -> list[Any]:
    """The cells of an object named x, five minutes old."""
    metadata = {"name": "x", "creationTimestamp": BORN, **fields.pop("metadata", {})}
    return tables.row(kind_of(resource), {"metadata": metadata, **fields}, now=NOW)["cells"]


def condition(condition_type: str, status: str = "True") -> list[Obj]:
    return [{"type": condition_type, "status": status}]
