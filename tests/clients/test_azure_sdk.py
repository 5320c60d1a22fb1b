"""Azure's SDK is imported by one thread at a time: two deadlock in its circles."""

from __future__ import annotations

import asyncio
import importlib
import threading
from types import ModuleType

import pytest

from tui.clients.azure_sdk import load


async def test_imports_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=0.2)
    seen: list[str] = []
    met: list[str] = []

    def imported(name: str) -> ModuleType:
        seen.append(name)
        try:
            both.wait()
        except threading.BrokenBarrierError:  # nobody else came in
            return ModuleType(name)
        met.append(name)
        return ModuleType(name)

    monkeypatch.setattr(importlib, "import_module", imported)
    found = await asyncio.gather(load("a", "b"), load("c"), load("d"))
    assert [module.__name__ for module in found] == ["b", "c", "d"]
    assert sorted(seen) == ["a", "b", "c", "d"]
    assert met == []
