"""Containers, volumes and placement: of a pod as it runs, and of the template in whatever makes pods."""

from __future__ import annotations

from tui.model.bodies import at, items, number, obj, scalar, selector, strings, text, texts
from tui.model.objects import Body
from tui.present.describe.common import clipped, joined, labels, lasted, when, words
from tui.present.describe.page import Block, Head, Pair, listed, pairs
from tui.present.describe.volumes import volume
from tui.present.parts import Cell

_GROUPS = (
    ("initContainers", "initContainerStatuses", "Init container"),
    ("containers", "containerStatuses", "Container"),
    ("ephemeralContainers", "ephemeralContainerStatuses", "Ephemeral container"),
)


def containers(spec: Body, status: Body, now: float, depth: int = 0) -> list[Block]:
    """Each container with its state. status: a pod's; {} for a template."""
    blocks: list[Block] = []
    for field, told, title in _GROUPS:
        states = {text(one, "name"): one for one in items(status, told)}
        for one in items(spec, field):
            always = field == "initContainers" and text(one, "restartPolicy") == "Always"
            name = "Sidecar container" if always else title
            blocks.append(Head(f"{name} {text(one, 'name')}", depth=depth))
            blocks += _container(one, states.get(text(one, "name")), now, depth)
    return blocks


def _container(one: Body, status: Body | None, now: float, depth: int) -> list[Block]:
    return [
        *(_state(status, now, depth) if status is not None else []),
        *pairs(
            ("image", text(one, "image")),
            ("image id", text(status, "imageID")),
            ("container id", text(status, "containerID")),
            ("restart policy", text(one, "restartPolicy")),
            ("target", text(one, "targetContainerName")),
            ("ports", words(_port(port) for port in items(one, "ports"))),
            ("host ports", words(_host_port(port) for port in items(one, "ports") if number(port, "hostPort"))),
            depth=depth,
        ),
        *_words("command", texts(one, "command"), depth),
        *_words("args", texts(one, "args"), depth),
        *pairs(
            ("requests", _resources(one, "requests")),
            ("limits", _resources(one, "limits")),
            *((field, probe(obj(one, key))) for field, key in _PROBES if at(one, key)),
            *((field, handler(obj(one, "lifecycle", key))) for field, key in _HOOKS if at(one, "lifecycle", key)),
            ("security", _security(obj(one, "securityContext"))),
            depth=depth,
        ),
        *listed("environment", [*map(_from, items(one, "envFrom")), *map(_variable, items(one, "env"))], depth),
        *listed("mounts", map(_mount, items(one, "volumeMounts")), depth),
        *listed("devices", map(_device, items(one, "volumeDevices")), depth),
    ]


_PROBES = (("liveness", "livenessProbe"), ("readiness", "readinessProbe"), ("startup", "startupProbe"))
_HOOKS = (("after start", "postStart"), ("before stop", "preStop"))


def _words(label: str, given: list[str], depth: int) -> list[Pair]:
    """A command, a word a line as it is run; a short one on one line."""
    line = " ".join(given)
    if len(line) <= 60 and not any(word == "" or any(char in word for char in " \n\t\"'") for word in given):
        return pairs((label, line), depth=depth)
    lines = [piece for word in given for piece in word.split("\n")]
    return listed(label, [clipped(piece, 1_000) for piece in lines], depth)


def state_words(state: Body, now: float) -> tuple[str, str]:
    """A container's state in words, and its style."""
    if "running" in state:
        since = text(state, "running", "startedAt")
        return f"Running since {when(since, now)}" if since else "Running", "good"
    if "terminated" in state:
        over = obj(state, "terminated")
        code, signal = number(over, "exitCode"), number(over, "signal")
        said = words(
            (
                f"Terminated: {text(over, 'reason') or 'no reason given'}",
                f"exit code {code}",
                f"signal {signal}" if signal else "",
                f"ran {lasted(text(over, 'startedAt'), text(over, 'finishedAt'))}"
                if text(over, "startedAt") and text(over, "finishedAt")
                else "",
            )
        )
        return said, "bad" if code or signal else "dim"
    waiting = obj(state, "waiting")
    reason = text(waiting, "reason")
    calm = reason in {"", "ContainerCreating", "PodInitializing"}
    return f"Waiting: {reason}" if reason else "Waiting", "warn" if calm else "bad"


def _state(status: Body, now: float, depth: int) -> list[Pair]:
    blocks: list[Pair] = []
    for label, key in (("state", "state"), ("last state", "lastState")):
        state = obj(status, key)
        if not state and key == "lastState":
            continue
        said, style = state_words(state, now)
        over = obj(state, "terminated")
        blocks += pairs(
            (label, (("× " if style == "bad" else "") + said, style)),
            ("", (text(state, "waiting", "message") or text(over, "message"), style)),
            ("started", when(text(over, "startedAt"), now)),
            ("finished", when(text(over, "finishedAt"), now)),
            depth=depth,
        )
    ready = bool(at(status, "ready"))
    restarts = number(status, "restartCount")
    return [
        *blocks,
        *pairs(
            ("ready", ("True", "") if ready else ("False", "warn")),
            ("restarts", (str(restarts), "warn" if restarts else "")),
            depth=depth,
        ),
    ]


def _port(port: Body) -> str:
    name = text(port, "name")
    return f"{text(port, 'containerPort')}/{text(port, 'protocol') or 'TCP'}" + (f" ({name})" if name else "")


def _host_port(port: Body) -> str:
    return f"{text(port, 'hostPort')}/{text(port, 'protocol') or 'TCP'}"


def _resources(one: Body, which: str) -> str:
    return words(f"{key} {value}" for key, value in sorted(strings(one, "resources", which).items()))


def probe(one: Body) -> str:
    """As kubectl says it: "http-get http://:8080/ delay=0s timeout=1s period=2s #success=1 #failure=3"."""
    numbers = (
        f"delay={number(one, 'initialDelaySeconds')}s timeout={number(one, 'timeoutSeconds')}s "
        f"period={number(one, 'periodSeconds')}s #success={number(one, 'successThreshold')} "
        f"#failure={number(one, 'failureThreshold')}"
    )
    return f"{handler(one)} {numbers}"


def handler(one: Body) -> str:
    """What a probe or a hook does."""
    if "exec" in one:
        return f"exec [{' '.join(texts(one, 'exec', 'command'))}]"
    if "httpGet" in one:
        get = obj(one, "httpGet")
        scheme, path = (text(get, "scheme") or "HTTP").lower(), text(get, "path")
        port = text(get, "port")
        return f"http-get {scheme}://{text(get, 'host')}{f':{port}' if port else ''}{path}"
    if "tcpSocket" in one:
        return f"tcp-socket {text(one, 'tcpSocket', 'host')}:{text(one, 'tcpSocket', 'port')}"
    if "grpc" in one:
        service = text(one, "grpc", "service")
        return f"grpc <pod>:{text(one, 'grpc', 'port')} {service}".rstrip()
    if "sleep" in one:
        return f"sleep {text(one, 'sleep', 'seconds')}s"
    return "unknown"


def _security(context: Body) -> str:
    said = [f"{key} {scalar(value)}" for key, value in sorted(context.items()) if scalar(value)]
    for verb in ("add", "drop"):
        held = texts(context, "capabilities", verb)
        said += [f"{verb} {' '.join(held)}"] if held else []
    profile = text(context, "seccompProfile", "type")
    return words([*said, f"seccomp {profile}" if profile else ""])


def _from(source: Body) -> Cell:
    prefix = text(source, "prefix")
    for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        if key in source:
            optional = " (optional)" if at(source, key, "optional") else ""
            with_prefix = f" with prefix {prefix}" if prefix else ""
            return f"everything of {kind} {text(source, key, 'name')}{with_prefix}{optional}"
    return "from an unknown source"


def _variable(one: Body) -> Cell:
    name, source = text(one, "name"), obj(one, "valueFrom")
    if not source:
        return f"{name}={clipped(text(one, 'value'))}"
    for key, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        if key in source:
            optional = " (optional)" if at(source, key, "optional") else ""
            return f"{name} from key {text(source, key, 'key')} of {kind} {text(source, key, 'name')}{optional}"
    if "fieldRef" in source:
        return f"{name} from field {text(source, 'fieldRef', 'fieldPath')}"
    if "resourceFieldRef" in source:
        return f"{name} from resource {text(source, 'resourceFieldRef', 'resource')}"
    return f"{name} from {', '.join(source)}"


def _mount(one: Body) -> Cell:
    mode = "ro" if at(one, "readOnly") else "rw"
    sub = text(one, "subPath") or text(one, "subPathExpr")
    inside = f',path="{sub}"' if sub else ""
    return f"{text(one, 'mountPath')} from {text(one, 'name')} ({mode}{inside})"


def _device(one: Body) -> Cell:
    return f"{text(one, 'devicePath')} from {text(one, 'name')}"


def volumes(spec: Body, depth: int = 0) -> list[Block]:
    """The volumes, a line each."""
    found = items(spec, "volumes")
    if not found:
        return []
    return [Head("Volumes", depth=depth), *(Pair(text(one, "name"), volume(one), depth) for one in found)]


def placement(spec: Body, depth: int = 0) -> list[Block]:
    """Where pods may run."""
    return [
        *pairs(("node selector", joined(strings(spec, "nodeSelector"))), depth=depth),
        *listed("tolerations", map(toleration, items(spec, "tolerations")), depth),
        *listed("spread", map(_spread, items(spec, "topologySpreadConstraints")), depth),
        *pairs(("affinity", words(sorted(obj(spec, "affinity")))), depth=depth),
    ]


def toleration(one: Body) -> str:
    """As kubectl says it: "node.kubernetes.io/not-ready:NoExecute op=Exists for 300s"."""
    key, value, effect = text(one, "key"), text(one, "value"), text(one, "effect")
    said = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    if text(one, "operator") == "Exists" and not value:
        said += " op=Exists" if said else "op=Exists"
    if at(one, "tolerationSeconds") is not None:
        said += f" for {text(one, 'tolerationSeconds')}s"
    return said


def _spread(one: Body) -> str:
    chosen = selector(obj(one, "labelSelector"))
    return (
        f"{text(one, 'topologyKey')}:{text(one, 'whenUnsatisfiable')} when max skew {text(one, 'maxSkew')} is exceeded"
        + (f" for selector {chosen}" if chosen else "")
    )


def template(holder: Body, now: float, *path: str) -> list[Block]:
    """The pod template of a workload."""
    held = obj(holder, *(path or ("spec", "template")))
    spec = obj(held, "spec")
    return [
        Head("Pod template"),
        *labels(obj(held, "metadata")),
        *pairs(
            ("service account", text(spec, "serviceAccountName")),
            ("priority class", text(spec, "priorityClassName")),
            ("restart policy", text(spec, "restartPolicy") if text(spec, "restartPolicy") != "Always" else ""),
        ),
        *placement(spec),
        *containers(spec, {}, now, 1),
        *volumes(spec, 1),
    ]
