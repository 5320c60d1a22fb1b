"""The claims of a JWT, unverified: they are shown, and decide nothing but when to ask again."""

from __future__ import annotations

import base64

from tui.clients.json_fields import JsonObject, parse_object


def claims_of(token: object) -> JsonObject:
    """The payload; {} where `token` is no JWT."""
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError:
        return {}
    return parse_object(payload) or {}
