"""Whole numbers in a query, as Go reads them (strconv.ParseInt): its grammar, its range, its words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tui.sim.kube.refusals import bad_request

_INTEGER = re.compile(r"[+-]?[0-9]+")
_INT64 = 2**63


def parse_int(written: str) -> int:
    """Raises ApiError 400."""
    if not _INTEGER.fullmatch(written):
        raise bad_request(f'strconv.ParseInt: parsing "{written}": invalid syntax')
    value = int(written) if len(written) < 40 else _INT64  # more digits than any int64, or than int() takes
    if not -_INT64 <= value < _INT64:
        raise bad_request(f'strconv.ParseInt: parsing "{written}": value out of range')
    return value


def query_int(query: Mapping[str, str], name: str) -> int | None:
    """A parameter, None where it is absent or empty. Raises ApiError 400."""
    written = query.get(name, "")
    return parse_int(written) if written else None
