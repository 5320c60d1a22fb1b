"""The README's picture, made from the app itself over simulated clouds: `make picture`."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from tui.app import ClusterviewApp
from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.sim.server import SimServer
from tui.wiring import build_hub

PICTURE = Path(__file__).parent.parent / "docs" / "overview.svg"
SIZE = (132, 38)
KEYS = ("down", "down", "down", "down", "space", "down", "space", "up", "3")
"""Marks two on-prem clusters, so that their pods and their agents' logs are merged."""


def without_fonts(svg: str) -> str:
    """A picture that fetches nothing: the reader's own monospace font does."""
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


async def draw() -> None:
    with tempfile.TemporaryDirectory() as home:
        async with SimServer.start(seed=7) as sim:
            environ = {"HOME": home, "PATH": "", **sim.environment()}
            os.environ.update(environ)
            clock = SystemClock()
            app = ClusterviewApp(build_hub(load_settings(environ), environ, clock), clock)
            async with app.run_test(size=SIZE) as pilot:
                await asyncio.sleep(4)
                await pilot.press(*KEYS)
                await asyncio.sleep(6)
                PICTURE.parent.mkdir(exist_ok=True)
                PICTURE.write_text(without_fonts(app.export_screenshot(title="clusterview")))


if __name__ == "__main__":
    asyncio.run(draw())
