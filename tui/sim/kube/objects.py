"""Small accessors for Kubernetes objects as plain JSON, and copies with a change: a stored object is never mutated.

Everything here is shallow on purpose: a change copies the dictionaries on its way and shares the rest, so that
50,000 pods cost what their own JSON costs.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tui.sim.kube.status import Obj

# The order in which the real server writes ObjectMeta (k8s.io/apimachinery meta/v1 types.go, by protobuf number).
_METADATA_ORDER = (
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
)


_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery util/rand: no vowels, no lookalikes


def metadata_of(obj: Obj) -> Obj:
    """`metadata`, or an empty one where the object has none (or null)."""
    found = obj.get("metadata")
    return found if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def name_of(obj: Obj) -> str:
    return text(metadata_of(obj).get("name"))


def namespace_of(obj: Obj) -> str:
    return text(metadata_of(obj).get("namespace"))


def uid_of(obj: Obj) -> str:
    return text(metadata_of(obj).get("uid"))


def labels_of(obj: Obj) -> Mapping[str, str]:
    return metadata_of(obj).get("labels") or {}


def finalizers_of(obj: Obj) -> list[str]:
    return list(metadata_of(obj).get("finalizers") or ())


def owners_of(obj: Obj) -> list[Obj]:
    return list(metadata_of(obj).get("ownerReferences") or ())


def is_terminating(obj: Obj) -> bool:
    return bool(metadata_of(obj).get("deletionTimestamp"))


def resource_version(obj: Obj) -> str:
    return text(metadata_of(obj).get("resourceVersion"))


def text(value: object) -> str:
    """A string field that may be absent, null or of the wrong type."""
    return value if isinstance(value, str) else ""


def number(value: object, default: int = 0) -> int:
    """An integer field that may be absent, null or of the wrong type."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def mapping(value: object) -> Obj:
    """An object field that may be absent, null or of the wrong type."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def items(value: object) -> list[Any]:
    """A list field that may be absent, null or of the wrong type."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def random_letters(rng: random.Random, count: int) -> str:
    """A suffix as the real server makes it for generateName."""
    return "".join(rng.choice(_NAME_LETTERS) for _ in range(count))


def object_key(namespace: str, name: str) -> str:
    """The key by which lists are ordered; the same order as etcd's ("a-b/c" before "a/b")."""
    return f"{namespace}/{name}" if namespace else name


def with_metadata(obj: Obj, changes: Mapping[str, Any]) -> Obj:
    """A copy with these metadata fields set; a field given as None is dropped."""
    merged = {**metadata_of(obj), **changes}
    return {**obj, "metadata": ordered_metadata({k: v for k, v in merged.items() if v is not None})}


def ordered_metadata(metadata: Obj) -> Obj:
    """The same fields in the order in which the real server writes them."""
    ordered = {field: metadata[field] for field in _METADATA_ORDER if field in metadata}
    ordered.update((field, value) for field, value in metadata.items() if field not in ordered)
    return ordered


def without(obj: Mapping[str, Any], fields: Iterable[str]) -> Obj:
    """A copy without these top-level fields."""
    dropped = frozenset(fields)
    return {field: value for field, value in obj.items() if field not in dropped}


def nested(obj: object, path: Iterable[str]) -> Any:
    """The value at a path of fields, or None where any step is missing."""
    value: Any = obj
    for step in path:
        value = mapping(value).get(step)
    return value


def timestamp(seconds: float) -> str:
    """metav1.Time: RFC 3339, whole seconds, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(value: str) -> float | None:
    """Seconds since the epoch of a metav1.Time or MicroTime; None where it is neither."""
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None
