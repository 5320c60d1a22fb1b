"""The environment that a container's commands find: the runtime's, the cluster's and the container's own.

Source: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables); of field references, those that a scenario can mean.
"""

from __future__ import annotations

import base64
import binascii
import re

from tui.sim.kube.kinds import Kind, builtin
from tui.sim.kube.objects import items, mapping, name_of, namespace_of, nested, text, uid_of
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CONFIG_MAPS, _SECRETS = builtin("", "configmaps"), builtin("", "secrets")
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


def environment(store: Store, pod: Obj, container: Obj, *, tty: bool) -> dict[str, str]:
    """For one command. What refers to an object or key that is missing is left out."""
    made = {
        "PATH": _PATH,
        "HOSTNAME": name_of(pod),
        "HOME": "/",
        "PS1": f"{name_of(pod)} # ",
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
        "LANG": "C.UTF-8",
        # What is unpacked belongs to whoever runs this: it is the only user that a namespace of ours knows.
        "TAR_OPTIONS": "--no-same-owner",
    }
    if tty:
        made["TERM"] = "xterm"
    for source in map(mapping, items(container.get("envFrom"))):
        prefix = text(source.get("prefix"))
        for kind, field in ((_CONFIG_MAPS, "configMapRef"), (_SECRETS, "secretRef")):
            if source.get(field):
                values = _values(store, kind, namespace_of(pod), text(mapping(source[field]).get("name")))
                made |= {prefix + key: value for key, value in values.items()}
    for one in map(mapping, items(container.get("env"))):
        value = _value(store, pod, container, one, made)
        if value is not None:
            made[text(one.get("name"))] = value
    return {name: value for name, value in made.items() if name and "=" not in name and "\0" not in name + value}


def _value(store: Store, pod: Obj, container: Obj, one: Obj, made: dict[str, str]) -> str | None:
    source = mapping(one.get("valueFrom"))
    if not source:
        return _REFERENCE.sub(
            lambda found: "$" if found[1] is None else made.get(found[1], found[0]), text(one.get("value"))
        )
    if path := text(mapping(source.get("fieldRef")).get("fieldPath")):
        return _field(pod, path)
    for kind, field in ((_CONFIG_MAPS, "configMapKeyRef"), (_SECRETS, "secretKeyRef")):
        reference = mapping(source.get(field))
        if reference:
            values = _values(store, kind, namespace_of(pod), text(reference.get("name")))
            return values.get(text(reference.get("key")))
    resource = text(mapping(source.get("resourceFieldRef")).get("resource"))
    found = nested(container, ("resources", *resource.split(".")))
    return None if found is None else str(found)


def _field(pod: Obj, path: str) -> str | None:
    match path:
        case "metadata.uid":
            return uid_of(pod)
        case _:
            keyed = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
            found = nested(pod, ("metadata", keyed[1], keyed[2]) if keyed else path.split("."))
            return None if found is None else str(found)


def _values(store: Store, kind: Kind, namespace: str, name: str) -> dict[str, str]:
    found = mapping(store.get(kind, namespace, name))
    values = {key: text(value) for key, value in mapping(found.get("data")).items()}
    if kind is not _SECRETS:
        return values
    decoded: dict[str, str] = {}
    for key, value in values.items():
        try:
            decoded[key] = base64.b64decode(value).decode("utf-8", "replace")
        except binascii.Error:
            pass  # nothing that a container could be given
    return decoded
