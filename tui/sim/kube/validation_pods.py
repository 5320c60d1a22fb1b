"""Pods, and the pod templates of everything that makes pods: pkg/apis/core/validation/validation.go."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.fielderrors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_negative,
    required,
    unsupported,
)
from tui.sim.kube.namerules import dns_label, environment_name, port_name, port_number
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.quantities import total
from tui.sim.kube.status import Obj
from tui.sim.kube.typed import same
from tui.sim.kube.validation_meta import annotation_errors, label_errors

PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_RESTART_POLICIES = ("Always", "Never", "OnFailure")
_DNS_POLICIES = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
_TERMINATION_POLICIES = ("FallbackToLogsOnError", "File")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")

_CHANGEABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def template_errors(template: Obj, path: str) -> Iterator[FieldError]:
    metadata = mapping(template.get("metadata"))
    yield from label_errors(metadata.get("labels"), f"{path}.labels")
    yield from annotation_errors(metadata.get("annotations"), f"{path}.annotations")
    yield from spec_errors(mapping(template.get("spec")), f"{path}.spec")


def spec_errors(spec: Obj, path: str) -> Iterator[FieldError]:
    volumes = [mapping(volume) for volume in items(spec.get("volumes"))]
    yield from _volume_errors(volumes, f"{path}.volumes")
    known = {text(volume.get("name")) for volume in volumes}
    names: set[str] = set()
    containers = items(spec.get("containers"))
    if not containers:
        yield required(f"{path}.containers")
    for index, container in enumerate(containers):
        yield from _container_errors(mapping(container), f"{path}.containers[{index}]", names, known)
    for index, container in enumerate(items(spec.get("initContainers"))):
        yield from _container_errors(mapping(container), f"{path}.initContainers[{index}]", names, known)
    yield from _one_of(spec, "restartPolicy", _RESTART_POLICIES, path)
    yield from _one_of(spec, "dnsPolicy", _DNS_POLICIES, path)
    yield from not_negative(f"{path}.terminationGracePeriodSeconds", spec.get("terminationGracePeriodSeconds"))
    deadline = spec.get("activeDeadlineSeconds")
    if isinstance(deadline, int) and not 1 <= deadline < 2**31:
        yield invalid(f"{path}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive")
    if spec.get("serviceAccountName") and dns_label(text(spec["serviceAccountName"]).replace(".", "-")):
        yield invalid(
            f"{path}.serviceAccountName", spec["serviceAccountName"], dns_label(text(spec["serviceAccountName"]))
        )


def _volume_errors(volumes: list[Obj], path: str) -> Iterator[FieldError]:
    names: set[str] = set()
    for index, volume in enumerate(volumes):
        name, where = text(volume.get("name")), f"{path}[{index}]"
        if not name:
            yield required(f"{where}.name")
        elif dns_label(name):
            yield invalid(f"{where}.name", name, dns_label(name))
        elif name in names:
            yield duplicate(f"{where}.name", name)
        names.add(name)
        sources = [field for field, value in volume.items() if field != "name" and value is not None]
        for extra in sources[1:]:
            yield forbidden(f"{where}.{extra}", "may not specify more than 1 volume type")


def _container_errors(container: Obj, path: str, names: set[str], volumes: set[str]) -> Iterator[FieldError]:
    name = text(container.get("name"))
    if not name:
        yield required(f"{path}.name")
    elif dns_label(name):
        yield invalid(f"{path}.name", name, dns_label(name))
    elif name in names:
        yield duplicate(f"{path}.name", name)
    names.add(name)
    image = text(container.get("image"))
    if not image:
        yield required(f"{path}.image")
    elif image != image.strip():
        yield invalid(f"{path}.image", image, "must not have leading or trailing whitespace")
    yield from _probe_errors(container, path)
    yield from _port_errors(container, f"{path}.ports")
    yield from _variable_errors(container, f"{path}.env")
    yield from _mount_errors(container, f"{path}.volumeMounts", volumes)
    yield from _one_of(container, "imagePullPolicy", _PULL_POLICIES, path)
    yield from _one_of(container, "terminationMessagePolicy", _TERMINATION_POLICIES, path)
    yield from _resource_errors(mapping(container.get("resources")), f"{path}.resources")


def _one_of(node: Obj, field: str, supported: tuple[str, ...], path: str) -> Iterator[FieldError]:
    value = text(node.get(field))
    if value and value not in supported:
        yield unsupported(f"{path}.{field}", value, supported)


def _probe_errors(container: Obj, path: str) -> Iterator[FieldError]:
    for field in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(field) is None:
            continue
        probe = mapping(container[field])
        given = [handler for handler in _HANDLERS if probe.get(handler) is not None]
        if not given:
            yield required(f"{path}.{field}", "must specify a handler type")
        for extra in given[1:]:
            yield forbidden(f"{path}.{field}.{extra}", "may not specify more than 1 handler type")
        for number in (
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold",
        ):
            yield from not_negative(f"{path}.{field}.{number}", probe.get(number))
        success = probe.get("successThreshold")
        if field != "readinessProbe" and isinstance(success, int) and success > 1:
            yield invalid(f"{path}.{field}.successThreshold", success, "must be 1")


def _port_errors(container: Obj, path: str) -> Iterator[FieldError]:
    names: set[str] = set()
    for index, entry in enumerate(items(container.get("ports"))):
        port, where = mapping(entry), f"{path}[{index}]"
        name = text(port.get("name"))
        if name and port_name(name):
            yield invalid(f"{where}.name", name, port_name(name))
        elif name in names:
            yield duplicate(f"{where}.name", name)
        names.update([name] if name else [])
        number, on_host = port.get("containerPort"), port.get("hostPort")
        if not number:
            yield required(f"{where}.containerPort")
        elif port_number(number):
            yield invalid(f"{where}.containerPort", number, port_number(number))
        if on_host and port_number(on_host):
            yield invalid(f"{where}.hostPort", on_host, port_number(on_host))
        yield from _one_of(port, "protocol", PROTOCOLS, where)


def _variable_errors(container: Obj, path: str) -> Iterator[FieldError]:
    for index, entry in enumerate(items(container.get("env"))):
        variable, where = mapping(entry), f"{path}[{index}]"
        name = text(variable.get("name"))
        if not name:
            yield required(f"{where}.name")
        elif environment_name(name):
            yield invalid(f"{where}.name", name, environment_name(name))
        source = variable.get("valueFrom")
        if source is None:
            continue
        if variable.get("value"):
            yield invalid(f"{where}.valueFrom", "", "may not be specified when `value` is not empty")
        if not mapping(source):
            yield invalid(
                f"{where}.valueFrom",
                "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                "`fileKeyRef`",
            )


def _mount_errors(container: Obj, path: str, volumes: set[str]) -> Iterator[FieldError]:
    places: set[str] = set()
    for index, entry in enumerate(items(container.get("volumeMounts"))):
        mount, where = mapping(entry), f"{path}[{index}]"
        name, place = text(mount.get("name")), text(mount.get("mountPath"))
        if not name:
            yield required(f"{where}.name")
        elif name not in volumes:
            yield not_found(f"{where}.name", name)
        if not place:
            yield required(f"{where}.mountPath")
        elif place in places:
            yield invalid(f"{where}.mountPath", place, "must be unique")
        places.add(place)


def _resource_errors(resources: Obj, path: str) -> Iterator[FieldError]:
    limits, requests = mapping(resources.get("limits")), mapping(resources.get("requests"))
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            if _more("0", str(amount)):
                yield invalid(f"{path}.{field}[{name}]", amount, "must be greater than or equal to 0")
    for name, amount in requests.items():
        if name in limits and _more(str(amount), str(limits[name])):
            yield invalid(f"{path}.requests", amount, f"must be less than or equal to {name} limit of {limits[name]}")


def _more(one: str, other: str) -> bool:
    """Whether a quantity is more than another: their difference is neither negative nor nothing."""
    negated = other[1:] if other.startswith("-") else f"-{other.removeprefix('+')}"
    return not total([one, negated]).startswith(("-", "0"))


def update_errors(new: Obj, old: Obj, subresource: str | None) -> Iterator[FieldError]:
    """What an update of a pod may not change. subresource: the door it came through; None where that is not known,
    which allows what any door does."""
    before, after = mapping(old.get("spec")), mapping(new.get("spec"))
    if len(items(before.get("containers"))) != len(items(after.get("containers"))):
        yield forbidden("spec.containers", "pod updates may not add or remove containers")
        return
    if len(items(before.get("initContainers"))) != len(items(after.get("initContainers"))):
        yield forbidden("spec.initContainers", "pod updates may not add or remove containers")
        return
    kept = items(before.get("tolerations"))
    added = items(after.get("tolerations"))
    if not all(any(same(held, other) for other in added) for held in kept):
        yield forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")
    yield from _kept_ephemeral(items(before.get("ephemeralContainers")), items(after.get("ephemeralContainers")))
    if not same(_settled(before, before, subresource), _settled(after, before, subresource)):
        yield forbidden("spec", f"{_CHANGEABLE}\n")


def _kept_ephemeral(before: list[Obj], after: list[Obj]) -> Iterator[FieldError]:
    """Ephemeral containers may only be added (ValidatePodEphemeralContainersUpdate)."""
    now = {text(one.get("name")): one for one in after}
    for one in before:
        name = text(one.get("name"))
        if name not in now:
            yield forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be removed\n')
        elif not same(one, now[name]):
            yield forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be changed\n')


def _settled(spec: Obj, before: Obj, subresource: str | None) -> Obj:
    """A spec less what may change."""
    loose = {"activeDeadlineSeconds", "tolerations"}
    inside = {"image"}
    if subresource in (None, "ephemeralcontainers"):
        loose.add("ephemeralContainers")
    if subresource in (None, "resize"):
        inside.add("resources")
    if subresource in (None, "binding"):
        loose.add("nodeName")
    if spec.get("terminationGracePeriodSeconds") == 1 and int(before.get("terminationGracePeriodSeconds") or 0) < 0:
        loose.add("terminationGracePeriodSeconds")
    settled = {field: value for field, value in spec.items() if field not in loose}
    for field in ("containers", "initContainers"):
        if field in settled:
            settled[field] = [
                {name: value for name, value in mapping(container).items() if name not in inside}
                for container in items(settled[field])
            ]
    return settled
