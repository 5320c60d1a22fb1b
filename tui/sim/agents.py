"""What a fleet puts into a cluster: the connect agent, and the access of the scenario's people.

Names and fields are those of Google's published agent chart and of `gcloud container fleet memberships
generate-gateway-rbac`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.sim.kube.actors.behaviours import Behaviour
from tui.sim.kube.status import Obj
from tui.sim.scenario import MembershipSpec, PersonSpec, ProjectSpec

NAMESPACE = "gke-connect"
VERSION = "20261001-03-00"
DEPLOYMENT = f"gke-connect-agent-{VERSION}"
IMAGE = f"gcr.io/gkeconnect/gkeconnect-gce:{VERSION}"
ACCOUNT = "connect-agent-sa"
_FEATURE = {"connect.gke.io/owner-feature": "connect-gateway"}
_RBAC = "rbac.authorization.k8s.io"


def endpoint_resource(membership: MembershipSpec, project: ProjectSpec) -> str:
    """How an agent names the membership it serves."""
    place = f"projects/{project.number}/locations/{membership.location}"
    return f"//gkehub.googleapis.com/{place}/memberships/{membership.id}"


def agent_behaviour(state: str, membership: MembershipSpec, project: ProjectSpec) -> Behaviour:
    """state: "healthy", "degraded" (its second pod cannot reach Google), "down" (none can, and they give up)."""
    facts = {"endpoint": endpoint_resource(membership, project)}
    if state == "down":
        return Behaviour("crash", 75.0, 1, ready=False, log="connect-agent-cut-off", log_rate=0.4, facts=facts)
    kind = "degraded" if state == "degraded" else "steady"
    return Behaviour(kind, log="connect-agent", log_rate=0.3, facts=facts)


def agent(membership: MembershipSpec, project: ProjectSpec) -> Iterator[Obj]:
    """The objects of the agent, in the order in which they are applied."""
    label = {"hub.gke.io/project": project.id}
    security = "pod-security.kubernetes.io"
    yield {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": NAMESPACE,
            "labels": {**label, f"{security}/enforce": "restricted", f"{security}/enforce-version": "latest"},
        },
    }
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _named(ACCOUNT, label)}
    yield {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": _named("gke-connect-pods", label),
        "spec": {"hard": {"pods": "4"}},
    }
    rules = [
        {"apiGroups": [""], "resources": ["secrets", "namespaces", "configmaps"], "verbs": ["get", "watch", "list"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
    ]
    yield {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": _named(DEPLOYMENT, label), "rules": rules}
    yield {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": _named(DEPLOYMENT, label),
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": DEPLOYMENT},
        "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE}],
    }
    yield _deployment(membership, project, label)


def _named(name: str, labels: dict[str, str]) -> Obj:
    return {"name": name, "namespace": NAMESPACE, "labels": labels}


def _deployment(membership: MembershipSpec, project: ProjectSpec, label: dict[str, str]) -> Obj:
    pool = f"{project.id}.svc.id.goog"
    environment = {
        "PROJECT_NUMBER": project.number,
        "ENDPOINT_RESOURCE": endpoint_resource(membership, project),
        "GKECONNECT_API_ENDPOINT": "gkeconnect.googleapis.com:443",
        "CONNECTION_CLASS": "DEFAULT",
        "ENABLE_BIDIRECTIONAL_STREAM": "true",
        "ENABLE_EXTENDED_EGRESS": "true",
        "USE_WORKLOAD_IDENTITY": "true",
        "GCP_IDENTITY_NAMESPACE": pool,
        "GCP_IDENTITY_PROVIDER": f"https:{endpoint_resource(membership, project)}",
        "KSA_TOKEN_FILE": "/var/run/secrets/tokens/gcp-ksa/token",
    }
    container = {
        "name": DEPLOYMENT,
        "image": IMAGE,
        "command": ["gkeconnect_bin/bin/gkeconnect_agent"],
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "resources": {"requests": {"cpu": "10m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}, "periodSeconds": 10},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsUser": 10001},
    }
    labels = {"app": "gke-connect-agent", **label, "version": VERSION}
    pod = {
        "serviceAccountName": ACCOUNT,
        "priorityClassName": "system-cluster-critical",
        "containers": [container],
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _named(DEPLOYMENT, labels),
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def access(people: Sequence[PersonSpec], membership: MembershipSpec | None) -> Iterator[Obj]:
    """The rights of those who have any: a role for each, and, where an agent stands between, that it may act as them.

    membership: by which the cluster is reached; None = not by a fleet (AKS).
    """
    for person in people:
        if not person.kube:
            continue
        name = person.email.partition("@")[0]
        suffix = f"{membership.project}_{name}_{membership.id}" if membership is not None else name
        if membership is not None and membership.kind != "gke":
            yield from _impersonation(f"gateway-impersonate-{suffix}", person)
        yield {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"gateway-permission-{suffix}", "labels": _FEATURE}
            if membership is not None
            else {"name": f"{person.kube}-{suffix}"},
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": person.kube},
            "subjects": [{"kind": "User", "name": person.email}],
        }


def _impersonation(name: str, person: PersonSpec) -> Iterator[Obj]:
    rule = {"apiGroups": [""], "resources": ["users"], "resourceNames": [person.email], "verbs": ["impersonate"]}
    metadata = {"name": name, "labels": _FEATURE}
    yield {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": [rule]}
    yield {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE}],
    }
