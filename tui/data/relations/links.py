"""Which other objects an object names by itself: what it uses, whom it belongs to. Pure, from its body alone."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tui.model.bodies import group_of, items, name_of, namespace_of, obj, text
from tui.model.objects import Body, Relation


class Link(Struct, frozen=True):
    """An object that is named. group and kind as in its apiVersion; namespace: "" for kinds of the whole cluster.
    note: how it is used ("env DB", "volume data")."""

    relation: Relation
    group: str
    kind: str
    namespace: str
    name: str
    note: str = ""


_RBAC = "rbac.authorization.k8s.io"
_NETWORKING = "networking.k8s.io"


def owners(body: Body) -> list[Link]:
    """Its ownerReferences."""
    here = namespace_of(body)
    return [
        Link(
            Relation.OWNED_BY,
            group_of(text(one, "apiVersion")),
            text(one, "kind"),
            here,
            text(one, "name"),
            "controller" if one.get("controller") else "",
        )
        for one in items(body, "metadata", "ownerReferences")
    ]


def uses(body: Body) -> list[Link]:
    """What it needs of other objects, each once, in the order in which it is named."""
    here = namespace_of(body)
    spec = pod_spec(body)
    found: dict[tuple[str, str, str, str], Link] = {}
    links = [*_by_pods(spec, here, name_of(body))] if spec else []
    links += _by_kind(body, here)
    for link in links:
        if link.name:
            found.setdefault((link.group, link.kind, link.namespace, link.name), link)
    return list(found.values())


def pod_spec(body: Body) -> Body:
    """The pod's own, or that of the template of a workload; {} for what makes no pods."""
    match text(body, "kind"):
        case "Pod":
            return obj(body, "spec")
        case "CronJob":
            return obj(body, "spec", "jobTemplate", "spec", "template", "spec")
        case _:
            return obj(body, "spec", "template", "spec")


def _by_pods(spec: Body, here: str, name: str) -> Iterator[Link]:
    use = Relation.USES
    yield Link(use, "", "ServiceAccount", here, text(spec, "serviceAccountName"))
    yield Link(use, "", "Node", "", text(spec, "nodeName"), "runs on")
    yield Link(use, "scheduling.k8s.io", "PriorityClass", "", text(spec, "priorityClassName"))
    for one in items(spec, "imagePullSecrets"):
        yield Link(use, "", "Secret", here, text(one, "name"), "pulls images")
    for one in items(spec, "volumes"):
        yield from _by_volume(one, here, name)
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in items(spec, field):
            yield from _by_container(container, here)


def _by_volume(one: Body, here: str, name: str) -> Iterator[Link]:
    use, note = Relation.USES, f"volume {text(one, 'name')}"
    yield Link(use, "", "ConfigMap", here, text(one, "configMap", "name"), note)
    yield Link(use, "", "Secret", here, text(one, "secret", "secretName"), note)
    yield Link(use, "", "PersistentVolumeClaim", here, text(one, "persistentVolumeClaim", "claimName"), note)
    yield Link(use, "", "Secret", here, text(one, "csi", "nodePublishSecretRef", "name"), note)
    if "ephemeral" in one:
        yield Link(use, "", "PersistentVolumeClaim", here, f"{name}-{text(one, 'name')}", note)
    for source in items(one, "projected", "sources"):
        yield Link(use, "", "ConfigMap", here, text(source, "configMap", "name"), note)
        yield Link(use, "", "Secret", here, text(source, "secret", "name"), note)


def _by_container(container: Body, here: str) -> Iterator[Link]:
    use = Relation.USES
    for one in items(container, "env"):
        note = f"env {text(one, 'name')}"
        yield Link(use, "", "Secret", here, text(one, "valueFrom", "secretKeyRef", "name"), note)
        yield Link(use, "", "ConfigMap", here, text(one, "valueFrom", "configMapKeyRef", "name"), note)
    for one in items(container, "envFrom"):
        yield Link(use, "", "Secret", here, text(one, "secretRef", "name"), "env")
        yield Link(use, "", "ConfigMap", here, text(one, "configMapRef", "name"), "env")


def _by_kind(body: Body, here: str) -> Iterator[Link]:
    use, spec = Relation.USES, obj(body, "spec")
    match group_of(text(body, "apiVersion")), text(body, "kind"):
        case "", "PersistentVolumeClaim":
            yield Link(use, "", "PersistentVolume", "", text(spec, "volumeName"), "bound to")
            yield Link(use, "storage.k8s.io", "StorageClass", "", text(spec, "storageClassName"))
        case "", "PersistentVolume":
            claim = obj(spec, "claimRef")
            namespace = text(claim, "namespace")
            yield Link(Relation.USED_BY, "", "PersistentVolumeClaim", namespace, text(claim, "name"), "bound")
            yield Link(use, "storage.k8s.io", "StorageClass", "", text(spec, "storageClassName"))
        case "", "ServiceAccount":
            for field in ("secrets", "imagePullSecrets"):
                for one in items(body, field):
                    yield Link(use, "", "Secret", here, text(one, "name"), "pulls images" if field != "secrets" else "")
        case "autoscaling", "HorizontalPodAutoscaler":
            target = obj(spec, "scaleTargetRef")
            group = group_of(text(target, "apiVersion"))
            yield Link(Relation.SELECTS, group, text(target, "kind"), here, text(target, "name"), "scales")
        case "apps", "StatefulSet":
            yield Link(use, "", "Service", here, text(spec, "serviceName"), "names its pods")
        case "networking.k8s.io", "Ingress":
            yield from _by_ingress(spec, here)
        case "rbac.authorization.k8s.io", ("RoleBinding" | "ClusterRoleBinding"):
            yield from _by_binding(body, here)
        case "discovery.k8s.io", "EndpointSlice":
            for one in items(body, "endpoints"):
                target = obj(one, "targetRef")
                yield Link(Relation.SELECTS, "", text(target, "kind"), here, text(target, "name"), "endpoint")
        case _:
            return


def _by_ingress(spec: Body, here: str) -> Iterator[Link]:
    use = Relation.USES
    yield Link(use, _NETWORKING, "IngressClass", "", text(spec, "ingressClassName"))
    yield Link(Relation.SELECTS, "", "Service", here, text(spec, "defaultBackend", "service", "name"), "by default")
    for rule in items(spec, "rules"):
        for path in items(rule, "http", "paths"):
            note = f"{text(rule, 'host') or '*'}{text(path, 'path') or '/'}"
            yield Link(Relation.SELECTS, "", "Service", here, text(path, "backend", "service", "name"), note)
    for one in items(spec, "tls"):
        yield Link(use, "", "Secret", here, text(one, "secretName"), "TLS")


def _by_binding(body: Body, here: str) -> Iterator[Link]:
    role = obj(body, "roleRef")
    kind = text(role, "kind")
    yield Link(Relation.USES, _RBAC, kind, here if kind == "Role" else "", text(role, "name"), "gives")
    for one in items(body, "subjects"):
        namespace = text(one, "namespace") or here if text(one, "kind") == "ServiceAccount" else ""
        yield Link(Relation.SELECTS, text(one, "apiGroup"), text(one, "kind"), namespace, text(one, "name"), "to")
