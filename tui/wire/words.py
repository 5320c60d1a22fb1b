"""Words that may be bytes which are no text: arguments of commands, names of files."""

from __future__ import annotations

import re

SURROGATES = re.compile("[\\ud800-\\udfff]")
"""How Python holds bytes that are no UTF-8, and what no encoder takes."""


def is_text(word: str) -> bool:
    """Whether a word can be given to a command in a container: kubelets pass them on as strings of protobuf, which are
    UTF-8, while a name of a file may be any bytes."""
    return word.isascii() or not SURROGATES.search(word)
