"""The terminal UI: first bytes at once, then Textual, then (in the running app) everything heavy."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from tui.cli import splash
from tui.errors import SourceError, UsageError

if TYPE_CHECKING:
    import argparse

    from tui.config.settings import Settings
    from tui.model.cluster import ClusterRef


_COLLECT_EVERY = (2_000, 20, 10)
"""New objects, net, between two looks for garbage among them; how many of these come before one among those that have
lived through one, and of these before one among all. What is painted refers to itself, and a screen of new lines is
thousands of objects: at Python's usual pace all that lives is looked through every few seconds, and a key waits for
it."""


def run(arguments: argparse.Namespace) -> int:
    """Open the overview. Raises UsageError without a terminal or with wrong settings."""
    if not splash.in_terminal():
        raise UsageError("the terminal UI needs a terminal; for pipes there are `fleet list`, `get`, `logs` … (--help)")
    splash.paint()
    # Imports make tens of thousands of objects that live for ever: looking through them for garbage costs a tenth
    # of the time to the first frame, and a pause every now and then afterwards.
    gc.disable()
    # Textual paints what was typed at once and what it led to with its next frame: at its own 60 a second an answer to
    # a key would mostly be waiting for that, for up to two of them.
    os.environ.setdefault("TEXTUAL_FPS", "250")
    from tui.app import ClusterviewApp, run_app
    from tui.cli.flags import settings_of
    from tui.cli.hangup import Watch
    from tui.clock import SystemClock
    from tui.present.navigation import View
    from tui.wiring import build_hub

    gc.freeze()
    gc.set_threshold(*_COLLECT_EVERY)
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
