"""A CustomResourceDefinition and an object of its kind, for the tests of both."""

from __future__ import annotations

from typing import Any

Obj = dict[str, Any]


def definition(properties: Obj | None = None, **version: Any) -> Obj:
    """A CRD of one version whose spec has these properties."""
    spec = {"type": "object", "properties": properties or {}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "gadgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"plural": "gadgets", "kind": "Gadget"},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
                    **version,
                }
            ],
        },
    }


def gadget(**spec: Any) -> Obj:
    return {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": spec}
