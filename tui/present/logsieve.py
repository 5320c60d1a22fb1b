"""Looking through many log lines at once for words that what is looked for must have in it.

Parting lines from their stamps, decoding and cleaning them takes five times as long as looking for words in them, and
mostly few of them have these. What is found is looked at line by line all the same: a stamp may have the words, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from tui.present.column_words import REGEX_CHARACTERS
from tui.present.guarded import Needle

_SPECIAL = REGEX_CHARACTERS | {"."}


def plain_words(needle: Needle) -> str:
    """What every text has in it in which a pattern is found, in small letters; "" where that cannot be said."""
    words = cast("re.Pattern[str]", needle).pattern if isinstance(needle, re.Pattern) else ""
    return "" if _SPECIAL.intersection(words) else words.lower()


def sifted(lines: Sequence[bytes], words: Sequence[str]) -> Sequence[int]:
    """The places of raw lines that may have all of `words` (small letters) in their cleaned texts, whatever the case:
    all places where only a look at each line can tell."""
    places: Sequence[int] = range(len(lines))
    joined = b"\n".join(lines) if words else b""
    if not joined.isascii():
        return places
    whole = joined.decode("ascii").lower()
    tabs = "\t" in whole  # which become spaces
    sought = [word for word in words if word.isascii() and word.isprintable() and not (tabs and " " in word)]
    if not all(word in whole for word in sought):
        return []
    each = whole.split("\n") if sought else []
    for word in sought:
        places = [place for place in places if word in each[place]]
    return places
