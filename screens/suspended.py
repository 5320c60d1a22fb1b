"""The terminal in somebody else's hands: a shell in a container, an editor.

Textual's own `App.suspend` takes the screen back only where nothing was raised meanwhile. A session that broke would
leave an app that paints to nobody and hears no key.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from textual.app import App


@contextmanager
def suspended(app: App[Any]) -> Generator[None]:
    """Whatever happens inside, the screen is back afterwards. Raises SuspendNotSupported where it cannot be given."""
    handing = app.suspend()
    handing.__enter__()
    try:
        with app.batch_update():
            yield
    finally:
        handing.__exit__(None, None, None)
