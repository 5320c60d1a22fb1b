"""IAM conditions, as far as access that ends by itself needs them: comparisons of `request.time`, joined by `&&`.

The real language is CEL. An expression outside this corner of it never holds: access is refused rather than guessed.
"""

from __future__ import annotations

import re
from datetime import datetime

_TERM = re.compile(r"""^\s*request\.time\s*(<=|>=|<|>)\s*timestamp\(\s*["']([^"']+)["']\s*\)\s*$""")


def holds(expression: str, now: float) -> bool:
    """Whether a condition is true at `now` (seconds since the epoch)."""
    return all(_term_holds(term, now) for term in expression.split("&&"))


def valid(expression: str) -> bool:
    """Whether the expression is one that can be evaluated here."""
    return all(_term(term) is not None for term in expression.split("&&"))


def _term_holds(term: str, now: float) -> bool:
    parsed = _term(term)
    if parsed is None:
        return False
    sign, moment = parsed
    match sign:
        case "<":
            return now < moment
        case "<=":
            return now <= moment
        case ">":
            return now > moment
        case _:
            return now >= moment


def _term(term: str) -> tuple[str, float] | None:
    matched = _TERM.match(term)
    if matched is None:
        return None
    try:
        moment = datetime.fromisoformat(matched[2])
    except ValueError:
        return None
    return (matched[1], moment.timestamp()) if moment.tzinfo else None
