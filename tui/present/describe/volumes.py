"""Volumes of pods and PersistentVolumes, each in one line: what it is and what it comes from."""

from __future__ import annotations

from collections.abc import Callable

from tui.model.bodies import at, items, obj, scalar, text, texts
from tui.model.objects import Body

_DETAILS: dict[str, tuple[str, ...]] = {
    "hostPath": ("path", "type"),
    "nfs": ("server", "path"),
    "local": ("path",),
    "csi": ("driver", "volumeHandle", "fsType"),
    "image": ("reference", "pullPolicy"),
    "awsElasticBlockStore": ("volumeID",),
    "azureDisk": ("diskName", "diskURI"),
    "azureFile": ("secretName", "shareName"),
    "gcePersistentDisk": ("pdName",),
    "iscsi": ("targetPortal", "iqn"),
}
_NOT_A_SOURCE = frozenset({"name"})


def volume(one: Body) -> str:
    """A pod's volume: "ConfigMap web-config", "Projected: token for 3607s, ConfigMap kube-root-ca.crt"."""
    for key, value in one.items():
        if key not in _NOT_A_SOURCE and isinstance(value, dict):
            return source(key, obj(one, key))
    return "EmptyDir"


def source(key: str, held: Body) -> str:
    """A volume source in words."""
    said = _SAID.get(key)
    if said is not None:
        return said(held)
    names = _DETAILS.get(key) or tuple(name for name, value in held.items() if scalar(value))
    details = " ".join(f"{name} {text(held, name)}" for name in names if text(held, name))
    return f"{key[:1].upper()}{key[1:]} {details}{_read_only(held)}".strip()


def _config_map(held: Body) -> str:
    return f"ConfigMap {text(held, 'name')}{_keys(held)}{_optional(held)}"


def _secret(held: Body) -> str:
    return f"Secret {text(held, 'secretName')}{_keys(held)}{_optional(held)}"


def _claim(held: Body) -> str:
    return f"PersistentVolumeClaim {text(held, 'claimName')}{_read_only(held)}"


def _empty(held: Body) -> str:
    medium, limit = text(held, "medium"), text(held, "sizeLimit")
    return "EmptyDir" + (f" in {medium}" if medium else "") + (f" of at most {limit}" if limit else "")


def _downward(held: Body) -> str:
    fields = [
        f"{text(one, 'path')} from {text(one, 'fieldRef', 'fieldPath') or text(one, 'resourceFieldRef', 'resource')}"
        for one in items(held, "items")
    ]
    return f"DownwardAPI {', '.join(fields)}".strip()


def _ephemeral(held: Body) -> str:
    spec = obj(held, "volumeClaimTemplate", "spec")
    wanted = text(spec, "resources", "requests", "storage")
    return f"a claim of its own: {wanted} of class {text(spec, 'storageClassName') or 'default'}, {modes(spec)}"


def _projected(held: Body) -> str:
    said: list[str] = []
    for one in items(held, "sources"):
        if "serviceAccountToken" in one:
            token = obj(one, "serviceAccountToken")
            audience = text(token, "audience")
            said.append(f"token for {text(token, 'expirationSeconds')}s" + (f" to {audience}" if audience else ""))
        elif "configMap" in one:
            said.append(f"ConfigMap {text(one, 'configMap', 'name')}{_optional(obj(one, 'configMap'))}")
        elif "secret" in one:
            said.append(f"Secret {text(one, 'secret', 'name')}{_optional(obj(one, 'secret'))}")
        elif "downwardAPI" in one:
            said.append("DownwardAPI")
        else:
            said.append(" ".join(one))
    return f"Projected: {', '.join(said)}"


_SAID: dict[str, Callable[[Body], str]] = {
    "configMap": _config_map,
    "secret": _secret,
    "persistentVolumeClaim": _claim,
    "emptyDir": _empty,
    "downwardAPI": _downward,
    "ephemeral": _ephemeral,
    "projected": _projected,
}


def _keys(held: Body) -> str:
    keys = [text(one, "key") for one in items(held, "items")]
    return f" (keys {', '.join(keys)})" if keys else ""


def _optional(held: Body) -> str:
    return " (optional)" if at(held, "optional") else ""


def _read_only(held: Body) -> str:
    return " (ro)" if at(held, "readOnly") else ""


_SHORT = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def modes(spec: Body) -> str:
    """Access modes as kubectl shortens them: "RWO,ROX"."""
    return ",".join(_SHORT.get(mode, mode) for mode in texts(spec, "accessModes"))
