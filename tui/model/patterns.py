"""Choosing clusters by name: `--cluster PATTERN` and `@PATTERN`, repeatable, as kubectl-foreach's users know it.

prod-*      glob over the whole name
/eu|us/     regular expression, found anywhere
^PATTERN    leaves out what PATTERN (glob or /regex/) matches
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

from tui.errors import UsageError


def cluster_filter(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A predicate over cluster names: matches any positive pattern (all, when there is none) and no negated one.

    Raises UsageError naming the pattern that is not valid.
    """
    wanted: list[re.Pattern[str]] = []
    unwanted: list[re.Pattern[str]] = []
    for pattern in patterns:
        negated = pattern.startswith("^")
        (unwanted if negated else wanted).append(_compiled(pattern[1:] if negated else pattern))

    def chosen(name: str) -> bool:
        if any(pattern.search(name) for pattern in unwanted):
            return False
        return not wanted or any(pattern.search(name) for pattern in wanted)

    return chosen


def is_plain_name(pattern: str) -> bool:
    """Whether `pattern` can match no other name than itself."""
    return bool(pattern) and pattern[0] not in "^/" and not any(character in pattern for character in "*?[")


def _compiled(pattern: str) -> re.Pattern[str]:
    if not pattern:
        raise UsageError("an empty cluster pattern matches nothing: give a name, a glob or a /regex/")
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.compile(pattern[1:-1])
        except re.error as error:
            raise UsageError(f"cluster pattern {pattern}: not a valid regular expression: {error}") from error
    return re.compile(r"\A" + fnmatch.translate(pattern))
