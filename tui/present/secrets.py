"""Values of Secrets: masked until somebody asks for them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tui.model.bodies import group_of, text

MASK = "••••"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""What `kubectl apply` was given: of a Secret, the values once more."""


class Hidden(Struct, frozen=True):
    """In place of a value: what may be said of it."""

    words: str


def is_secret(body: Mapping[str, Any]) -> bool:
    """Whether it is the core kind; another group's "Secret" is something else."""
    return text(body, "kind") == "Secret" and group_of(text(body, "apiVersion")) == ""


def secret(value: object, field: str, shown: bool) -> str | Hidden:
    """A value of a Secret, masked, or as the text it stands for. field: "data" holds base64, "stringData" text."""
    octets = decoded(value) if field == "data" else str(value).encode("utf-8", "replace")
    if octets is None:
        return str(value) if shown else Hidden(f"{MASK} not base64")
    if not shown:
        return Hidden(f"{MASK} {octets_words(len(octets))}")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        begin = octets[:32].hex(" ") + (" …" if len(octets) > 32 else "")
        return Hidden(f"no text, {octets_words(len(octets))}: {begin}")


def decoded(value: object) -> bytes | None:
    """The bytes of a base64 text; None where it is none."""
    try:
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        return None


def octets_words(number: int) -> str:
    return f"{number:,} byte{'' if number == 1 else 's'}"
