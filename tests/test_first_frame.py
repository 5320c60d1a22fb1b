"""The first frame waits for no SDK, no HTTP stack and no simulator: proven in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {"aiohttp", "kubernetes", "google.auth", "azure", "requests", "cryptography", "tui.sim", "trustme", "pydantic"}

SCRIPT = """
import asyncio, os, sys
from tui.app import ClusterviewApp
from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.wiring import build_hub

hub = build_hub(load_settings(os.environ), os.environ, SystemClock())
app = ClusterviewApp(hub, SystemClock())
frames = []

async def start():
    # Called by the app when its first frame is on screen, in place of the data layer's own start.
    frames.append([strip.text for strip in app.screen._compositor.render_strips()])
    print(" ".join(sys.modules))
    app.exit()

hub.start = start
app.run(headless=True, size=(120, 40))
assert any("Fleets" in line for line in frames[0]), frames
"""


def test_nothing_heavy_is_imported_before_the_first_frame(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    imported = set(ran.stdout.split())
    assert "textual" in imported
    assert not imported & HEAVY


def test_asking_for_help_imports_no_terminal_toolkit(tmp_path: Path) -> None:
    script = "from tui.cli.dispatch import dispatch; dispatch(['--version']); import sys; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", script], env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert not set(ran.stdout.split()) & (HEAVY | {"textual", "rich", "asyncio", "yaml"})
