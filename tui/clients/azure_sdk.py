"""Imports of Azure's SDK, which take some hundred milliseconds: in a thread, so that keys are answered, and one after
the other. Its packages import each other in circles; two threads in them at once end in a deadlock, which Python breaks
by an error in one of them."""

from __future__ import annotations

import asyncio
import importlib
import threading
from types import ModuleType

_TURN = threading.Lock()


async def load(*modules: str) -> ModuleType:
    """Import these; the last of them. Each may be imported in the usual way from then on."""
    return await asyncio.to_thread(_in_turn, modules)


def _in_turn(modules: tuple[str, ...]) -> ModuleType:
    with _TURN:
        return [importlib.import_module(name) for name in modules][-1]
