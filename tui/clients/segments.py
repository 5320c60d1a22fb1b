"""Names in paths."""

from __future__ import annotations

from urllib.parse import quote


def segment(name: str) -> str:
    """A name as one segment of a path. RBAC names have colons, and so has a project id of the old kind
    (`example.com:acme`); a name that comes from elsewhere (a linker's scope) may have anything."""
    return quote(name, safe=":")
