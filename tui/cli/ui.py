"""The terminal UI: first bytes at once, then Textual, then (in the running app) everything heavy."""

from __future__ import annotations

import argparse
import gc
import os
import sys

from tui.errors import UsageError


def run(arguments: argparse.Namespace) -> int:
    """Open the overview. Raises UsageError without a terminal or with wrong settings."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the terminal UI needs a terminal; for pipes there are `fleet list`, `get`, `logs` … (--help)")
    from tui.cli import splash

    splash.paint()
    try:
        open_screen = _prepare(arguments)
    except BaseException:
        splash.wipe()
        raise
    return open_screen()


def _prepare(arguments: argparse.Namespace):
    from tui.cli.session import settings_of
    from tui.clock import SystemClock

    settings = settings_of(arguments)
    # Imports make tens of thousands of objects that live for ever: looking through them for garbage costs a tenth
    # of the time to the first frame, and a pause every now and then afterwards.
    gc.disable()
    from tui.app import ClusterviewApp, run_app
    from tui.wiring import build_hub

    gc.freeze()
    gc.enable()
    clock = SystemClock()
    app = ClusterviewApp(
        build_hub(settings, os.environ, clock),
        clock,
        theme=settings.theme,
        keymap=settings.keymap,
        aliases=settings.aliases,
    )

    def open_screen() -> int:
        run_app(app)
        return 0

    return open_screen
