"""The terminal in somebody else's hands: a shell in a container, an editor.

Textual's own `App.suspend` takes the screen back only where nothing was raised meanwhile. A session that broke would
leave an app that paints to nobody and hears no key. It also takes the terminal's modes as it finds them; an editor that
crashed has not put them back, and they would be what is left behind in the end.
"""

from __future__ import annotations

import termios
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from textual.app import App


@contextmanager
def suspended(app: App[Any]) -> Generator[None]:
    """Whatever happens inside, the screen is back afterwards. Raises SuspendNotSupported where it cannot be given."""
    handing = app.suspend()
    handing.__enter__()
    modes = _modes()
    try:
        with app.batch_update():
            yield
    finally:
        if modes is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, modes)
        handing.__exit__(None, None, None)


def _modes() -> list[Any] | None:
    """Those of the terminal; None where there is none."""
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None
