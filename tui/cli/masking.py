"""Values of Secrets are masked in whatever is printed, until somebody asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tui.present.secrets import LAST_APPLIED, MASK, decoded


def masked(document: Mapping[str, object]) -> dict[str, object]:
    """A v1 Secret with every value replaced by its size. It is no base64, so that applying it is refused."""
    made = dict(document)
    for section in ("data", "stringData"):
        held = document.get(section)
        if isinstance(held, dict):
            values = cast("dict[str, object]", held).items()
            made[section] = {key: _mask(str(value), encoded=section == "data") for key, value in values}
    metadata = document.get("metadata")
    if isinstance(metadata, dict):
        notes = cast("dict[str, object]", metadata).get("annotations")
        if isinstance(notes, dict) and LAST_APPLIED in notes:
            made["metadata"] = {**metadata, "annotations": {**notes, LAST_APPLIED: MASK}}
    return made


def _mask(value: str, *, encoded: bool) -> str:
    if not encoded:
        return f"{MASK} ({len(value.encode('utf-8', 'replace'))} bytes)"
    octets = decoded(value)
    return MASK if octets is None else f"{MASK} ({len(octets)} bytes)"
