"""Defaults, unknown fields and validation of an object of any kind: built-in ones by their Go types, custom ones by
the schema of their CRD."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from tui.sim.kube import admission, crd, schema
from tui.sim.kube.customs import definition
from tui.sim.kube.kinds import Kind
from tui.sim.kube.schema import StructType
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store


def decoded(store: Store, kind: Kind, obj: Obj) -> Obj:
    """As the server reads it: with its defaults, without fields the kind does not have. Raises ApiError 400."""
    custom = definition(store, kind)
    if custom is None:
        return admission.decoded(obj, kind)
    return crd.default(custom, kind.version, crd.prune(custom, kind.version, obj))


def completed(kind: Kind, obj: Obj) -> Obj:
    """A decoded object with what admission adds to it, which nobody owns."""
    return admission.completed(obj, kind)


def unknown_fields(store: Store, kind: Kind, obj: Obj) -> list[str]:
    """What field validation says of it, ready to print."""
    return admission.unknown_fields(obj, kind, custom_type(store, kind))


def validate(store: Store, kind: Kind, obj: Obj, old: Obj | None, subresource: str | None = None) -> None:
    """subresource: the door it came through, "" for the object's own. Raises ApiError 422."""
    admission.validate(obj, kind, old, subresource)
    custom = definition(store, kind)
    if custom is not None:
        crd.validate(custom, kind.version, obj)


def custom_type(store: Store, kind: Kind) -> StructType | None:
    """The type of a custom kind, for managed fields and apply; None for a built-in one."""
    if definition(store, kind) is None:
        return None
    openapi = crd.schema_of(definition(store, kind) or {}, kind.version)
    return _parsed(msgspec.json.encode(openapi, order="sorted"))


@lru_cache(maxsize=256)
def _parsed(openapi: bytes) -> StructType:
    return schema.of_crd(msgspec.json.decode(openapi, type=dict[str, object]))
