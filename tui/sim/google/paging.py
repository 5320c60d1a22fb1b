"""Lists in pages, as Google's APIs give them: pageSize and an opaque pageToken."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from tui.sim.google.errors import GoogleError


def page(items: Sequence[object], query: Mapping[str, str], name: str) -> dict[str, object]:
    """The page a query asks for, under `name`; `nextPageToken` where there are more. Without pageSize: all.

    Raises GoogleError 400 for a page size or token that makes no sense.
    """
    try:
        size = int(query.get("pageSize") or 0)
        start = _offset(query.get("pageToken", ""))
    except ValueError as error:
        raise GoogleError(400, "Request contains an invalid argument.") from error
    if size < 0:
        raise GoogleError(400, "page_size must not be negative")
    end = start + size if size else len(items)
    body: dict[str, object] = {name: list(items[start:end])} if items else {}
    if end < len(items):
        body["nextPageToken"] = base64.urlsafe_b64encode(f"offset:{end}".encode()).decode()
    return body


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
    except binascii.Error as error:
        raise ValueError(token) from error
    if word != "offset":
        raise ValueError(token)
    return int(number)
