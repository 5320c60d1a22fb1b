"""Stands in for the parts of the server that are still being written; goes away with the last of them."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any


def part(name: str) -> Any:
    """A module of this package, or one whose functions change and refuse nothing."""
    try:
        return importlib.import_module(f"tui.sim.kube.{name}")
    except ModuleNotFoundError:
        return _Absent(name)


class _Absent(ModuleType):
    def default(self, obj: object, kind: object) -> object:
        return obj

    def validate(self, *args: object) -> None:
        return None

    def unknown_fields(self, *args: object) -> list[str]:
        return []

    def v3_index(self, *args: object) -> dict[str, object]:
        return {"paths": {}}

    def v3_document(self, *args: object) -> None:
        return None

    def v2_document(self, *args: object) -> dict[str, object]:
        return {}
