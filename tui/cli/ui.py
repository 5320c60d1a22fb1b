"""The terminal UI: first bytes at once, then Textual, then (in the running app) everything heavy."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from tui.cli import splash
from tui.errors import UsageError

if TYPE_CHECKING:
    import argparse


def run(arguments: argparse.Namespace) -> int:
    """Open the overview. Raises UsageError without a terminal or with wrong settings."""
    if not splash.in_terminal():
        raise UsageError("the terminal UI needs a terminal; for pipes there are `fleet list`, `get`, `logs` … (--help)")
    splash.paint()
    # Imports make tens of thousands of objects that live for ever: looking through them for garbage costs a tenth
    # of the time to the first frame, and a pause every now and then afterwards.
    gc.disable()
    # Textual paints what was typed at once and what it led to with its next frame: at its own 60 a second an answer to
    # a key would mostly be waiting for that.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from tui.app import ClusterviewApp, run_app
    from tui.cli.flags import settings_of
    from tui.cli.hangup import Watch
    from tui.clock import SystemClock
    from tui.data.clusters import context_ref
    from tui.present.navigation import View
    from tui.wiring import build_hub

    gc.freeze()
    gc.enable()
    settings, clock = settings_of(arguments), SystemClock()
    app = ClusterviewApp(
        build_hub(settings, os.environ, clock),
        clock,
        theme=settings.theme,
        keymap=settings.keymap,
        aliases=settings.aliases,
        views=settings.views,
        flash=settings.flash,
        first=View(pinned=(context_ref(settings.context),)) if settings.context else View(),
    )
    splash.hand_over()
    with Watch(app.end_soon) as watch:
        run_app(app)
    return watch.code
