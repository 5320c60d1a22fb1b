"""ConfigMaps and Secrets: pkg/apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.fielderrors import FieldError, forbidden, invalid, required, too_long
from tui.sim.kube.namerules import config_key
from tui.sim.kube.objects import mapping, metadata_of, text
from tui.sim.kube.status import Obj
from tui.sim.kube.typed import same

_MOST_DATA = 1024 * 1024

_REQUIRED_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


def config_map_errors(obj: Obj) -> Iterator[FieldError]:
    data, binary = mapping(obj.get("data")), mapping(obj.get("binaryData"))
    for field, held in (("data", data), ("binaryData", binary)):
        for key in held:
            if config_key(key):
                yield invalid(f"{field}[{key}]", key, config_key(key))
    for key in data:
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    size = sum(len(text(value).encode()) for value in data.values())
    size += sum(len(text(value)) * 3 // 4 for value in binary.values())
    if size > _MOST_DATA:
        yield too_long("[]", _MOST_DATA)  # so a path without a name prints itself


def secret_errors(obj: Obj) -> Iterator[FieldError]:
    data = mapping(obj.get("data"))
    for key in data:
        if config_key(key):
            yield invalid(f"data[{key}]", key, config_key(key))
    if sum(len(text(value)) * 3 // 4 for value in data.values()) > _MOST_DATA:
        yield too_long("data", _MOST_DATA)
    kind = text(obj.get("type"))
    for key in _REQUIRED_KEYS.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")
    if kind == "kubernetes.io/service-account-token":
        annotation = "kubernetes.io/service-account.name"
        if not mapping(metadata_of(obj).get("annotations")).get(annotation):
            yield required(f"metadata.annotations[{annotation}]")


def sealed_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    """A ConfigMap or Secret marked immutable stays as it is; a Secret keeps its type in any case."""
    if old.get("type") and new.get("type") != old["type"]:
        yield invalid("type", new.get("type"), "field is immutable")
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", "field is immutable when `immutable` is set")
    for field in ("data", "binaryData"):
        if not same(new.get(field) or {}, old.get(field) or {}):
            yield forbidden(field, "field is immutable when `immutable` is set")
