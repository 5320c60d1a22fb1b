"""What the first frame waits for: Textual and our own modules, and nothing else."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "aiohttp",
    "kubernetes",
    "google",
    "azure",
    "trustme",
    "cryptography",
    "requests",
    "yaml",
    "http.client",
    "textual.widgets._data_table",
    "textual.widgets._markdown",
    "textual.widgets._rich_log",
    "tree_sitter",
    "markdown_it",
    "tui.clients",
    "tui.sim",
    "tui.data.hub",
    "tui.wiring",
    "tui.present.commands",
    "tui.present.details",
    "screens.reader",
)


def test_the_app_imports_no_sdk_no_http_and_no_widget_it_does_not_show() -> None:
    code = f"import sys, tui.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
