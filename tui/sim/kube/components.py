"""ComponentStatus: the health of the control plane, as the oldest kind of all shows it."""

from __future__ import annotations

from tui.sim.kube.status import Obj


def component_statuses(_namespace: str) -> list[Obj]:
    """All of them healthy, since there is nothing behind them that could be otherwise."""
    return [_healthy(name) for name in ("controller-manager", "etcd-0", "scheduler")]


def _healthy(name: str) -> Obj:
    condition = {"type": "Healthy", "status": "True", "message": "ok"}
    return {"kind": "ComponentStatus", "apiVersion": "v1", "metadata": {"name": name}, "conditions": [condition]}
