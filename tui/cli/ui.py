"""The terminal UI: first bytes at once, then Textual, then (in the running app) everything heavy."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui import garbage
from tui.cli import splash
from tui.errors import SourceError, UsageError

if TYPE_CHECKING:
    import argparse

    from tui.config.settings import Settings
    from tui.model.cluster import ClusterRef


_SWITCH_EVERY = 0.0003
"""Seconds after which a thread that wants to run may: those of the terminal have little to do, but a key waits for it,
and at Python's usual pace for up to 5 ms, several times."""


def run(arguments: argparse.Namespace) -> int:
    """Open the overview. Raises UsageError without a terminal or with wrong settings."""
    if not splash.in_terminal():
        raise UsageError("the terminal UI needs a terminal; for pipes there are `fleet list`, `get`, `logs` … (--help)")
    splash.paint()
    garbage.hold()  # a tenth of the time to the first frame
    sys.setswitchinterval(_SWITCH_EVERY)
    # Textual paints what was typed at once and what it led to with its next frame: at its own 60 a second an answer to
    # a key would mostly be waiting for that, for up to two of them. What is told within 2 ms is still painted at once.
    os.environ.setdefault("TEXTUAL_FPS", "500")
    from tui.app import ClusterviewApp, run_app
    from tui.cli.flags import settings_of
    from tui.cli.hangup import Watch
    from tui.clock import SystemClock
    from tui.present.navigation import View
    from tui.wiring import build_hub

    garbage.release()
    settings, clock = settings_of(arguments), SystemClock()
    app = ClusterviewApp(
        build_hub(settings, os.environ, clock),
        clock,
        theme=settings.theme,
        keymap=settings.keymap,
        aliases=settings.aliases,
        views=settings.views,
        flash=settings.flash,
        collector=garbage.Collector(),
        first=View(pinned=(meant_context(settings),)) if settings.context else View(),
    )
    splash.hand_over()
    with Watch(app.end_soon) as watch:
        run_app(app)
    return watch.code


def meant_context(settings: Settings) -> ClusterRef:
    """The cluster that `--context` is, as the directory of clusters will have it: what counts on the quotas of a fleet
    does so from the first question on."""
    from tui.clients.kubeconfig_files import contexts
    from tui.data.clusters import context_ref

    try:
        quotas = contexts(settings.kubeconfig).quotas
    except SourceError:  # which the panes say
        quotas = {}
    return context_ref(settings.context, quotas.get(settings.context, ""))
