"""The defaults that decoding fills in: SetDefaults_* of the built-in types (pkg/apis/*/v1/defaults.go).

One function a type, which is given the node as it came and fills what is missing; it is called wherever the type
occurs, so a Deployment's template gets what a pod gets. What admission and storage add besides is in `completion`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tui.sim.kube.defaults_other import BY_TYPE as OTHER
from tui.sim.kube.defaults_pods import BY_TYPE as PODS
from tui.sim.kube.defaults_workloads import BY_TYPE as WORKLOADS
from tui.sim.kube.schema import ListType, MapType, StructType, Type
from tui.sim.kube.status import Obj

_BY_TYPE: dict[str, Callable[[Obj], None]] = {**PODS, **WORKLOADS, **OTHER}


def filled(value: Any, kind: Type) -> Any:
    """A copy of `value` with the defaults of its type, and of the types below it."""
    if isinstance(kind, StructType) and isinstance(value, dict):
        node = dict(cast("Obj", value))
        fill = _BY_TYPE.get(kind.name)
        if fill is not None:
            fill(node)
        for name, below in node.items():
            field = kind.fields.get(name)
            if field is not None and isinstance(below, dict | list):
                node[name] = filled(below, field.type)
        return node
    if isinstance(kind, ListType) and isinstance(value, list):
        if isinstance(kind.element, StructType):
            return [filled(item, kind.element) for item in cast("list[Any]", value)]
        return cast("list[Any]", value)
    if isinstance(kind, MapType) and isinstance(value, dict) and isinstance(kind.element, StructType):
        return {name: filled(below, kind.element) for name, below in cast("Obj", value).items()}
    return cast("Any", value)
