"""Kinds whose use a server warns of, with every answer about them (recorded: table-endpoints)."""

from __future__ import annotations

import re

from tui.sim.kube.kinds import Kind

_ENDPOINTS_SINCE = 33  # the minor version whose server began to warn


def deprecation(kind: Kind, version: str) -> list[str]:
    """version: the cluster's ("v1.36.2")."""
    if kind.storage == ("", "componentstatuses"):
        return ["v1 ComponentStatus is deprecated in v1.19+"]
    if kind.storage == ("", "endpoints") and minor_of(version) >= _ENDPOINTS_SINCE:
        return ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    return []


def minor_of(version: str) -> int:
    """33 of "v1.33.4-gke.100"; 0 where it says none."""
    found = re.match(r"v?\d+\.(\d+)", version)
    return int(found.group(1)) if found else 0
