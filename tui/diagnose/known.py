"""Lines that are known: what they say, why, and what helps; each under a code that stays the same for ever.

Patterns are searched for whatever the case, and are parts of lines, since wordings drift and every program puts its own
words around them. Where several fit, the first of the table is meant: it is the most particular.
"""

from __future__ import annotations

import re

from tui.diagnose.entries import Known
from tui.diagnose.known_azure import AZURE
from tui.diagnose.known_gateway import GATEWAY
from tui.diagnose.known_kubernetes import KUBERNETES
from tui.diagnose.known_programs import GOOGLE, NETWORK, PROGRAMS
from tui.diagnose.landmarks import has_any, landmarks

TABLE: tuple[Known, ...] = (*GATEWAY, *NETWORK, *AZURE, *KUBERNETES, *GOOGLE, *PROGRAMS)

BY_CODE = {one.code: one for one in TABLE}
_COMPILED = tuple((one, re.compile(one.pattern, re.IGNORECASE)) for one in TABLE)
_LANDMARKS = tuple({words for one in TABLE for words in landmarks(one.pattern)})


def known(text: str) -> Known | None:
    """What is known of a line; None where nothing is."""
    if not has_any(text.lower(), _LANDMARKS):
        return None
    return next((one for one, pattern in _COMPILED if pattern.search(text)), None)
