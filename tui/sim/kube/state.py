"""What one simulated cluster consists of; handlers are given this and never the cluster that owns them."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

from tui.sim.kube.kinds import Registry
from tui.sim.kube.printed import PrintedRows
from tui.sim.kube.rbac import Rbac
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store
from tui.sim.kube.tokens import Tokens

PodStream: TypeAlias = Callable[[web.Request, Obj], Awaitable[web.StreamResponse]]
"""Serves a streaming subresource of a pod (log, exec, attach, portforward), once it is authorised."""

Virtual: TypeAlias = Callable[[str], list[Obj]]
"""The objects of a read-only kind in a namespace ("" = all), computed when asked for, in key order."""


@dataclass
class ClusterState:
    """version: as /version shows it ("v1.36.2"). now: wall-clock seconds. virtual: by (group, plural)."""

    name: str
    version: str
    now: Callable[[], float]
    rng: random.Random
    store: Store
    registry: Registry
    rbac: Rbac
    token_review: Tokens
    virtual: dict[tuple[str, str], Virtual] = field(default_factory=dict[tuple[str, str], Virtual])
    pod_streams: dict[str, PodStream] = field(default_factory=dict[str, PodStream])
    printed: PrintedRows = field(default_factory=PrintedRows)
