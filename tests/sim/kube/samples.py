"""Kinds and small objects that many tests of the API server's parts begin with."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.status import Obj

_REGISTRY = Registry()


def kind_of(name: str, api_version: str = "v1") -> Kind:
    """A built-in kind, by what its objects say of themselves."""
    kind = _REGISTRY.for_object(api_version, name)
    assert kind is not None
    return kind


PODS = kind_of("Pod")
CONFIG_MAPS = kind_of("ConfigMap")
DEPLOYMENTS = kind_of("Deployment", "apps/v1")
GADGETS = Kind("example.com", "v1", "gadgets", "Gadget")
"""A custom kind."""


def pod(**spec: Any) -> Obj:
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i:1"}], **spec}}


def container(**fields: Any) -> Obj:
    """A pod whose one container has these fields."""
    return pod(containers=[{"name": "c", "image": "i:1", **fields}])


def deployment(name: str = "web", **spec: Any) -> Obj:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod()["spec"]}
    return {
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }
