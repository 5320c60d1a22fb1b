"""Answers of a real Kubernetes 1.36 API server, kept beside the project and not in it.

Tests that hold the simulator, or our own decoders, against them skip where they are absent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "recordings" / "kubernetes-1.36"

needed = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recordings of a real API server in {FOLDER}")
"""Marks a test, or with `pytestmark` a module, that reads recordings."""


@dataclass(frozen=True)
class Recording:
    """One exchange. request: method, path, accept, body, content_type, as (whose credentials). body: the answer's JSON,
    or `_text` or `_lines` (a stream of JSON) where it was neither an object nor one."""

    name: str
    request: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The objects of a stream; a stream of one object was recorded as that object."""
        return self.body.get("_lines", [self.body])


@lru_cache(maxsize=256)
def load(name: str) -> Recording:
    """The recording `name` ("table-pods")."""
    raw = json.loads((FOLDER / f"{name}.json").read_text())
    return Recording(name, raw["request"], raw["status"], raw["headers"], raw["body"])


@lru_cache(maxsize=64)
def stream(name: str) -> dict[str, Any]:
    """The recorded stream `name` ("ws-exec-v5-exit7"): request, and frames or the handshake that was refused."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def frames(name: str) -> list[dict[str, Any]]:
    """The frames of the recorded stream `name` ("ws-exec-v5-exit7"), in order."""
    return list(stream(name)["frames"])


def request(name: str) -> dict[str, Any]:
    """What the recorded stream `name` was asked for with: path, protocols, headers."""
    return dict(stream(name)["request"])


def names(pattern: str) -> list[str]:
    """The names of the recordings that match a glob pattern, sorted; [] where the folder is absent."""
    return sorted(path.stem for path in FOLDER.glob(f"{pattern}.json"))
