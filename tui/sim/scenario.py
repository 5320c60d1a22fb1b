"""A scenario, parsed: which clouds, clusters, workloads and people there are before the clock starts.

YAML in `scenarios/` in; frozen specifications out. Nothing here lives or serves: `world` makes clusters of it,
`google` and `azure` make clouds of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PersonSpec:
    """An identity: a user (or service account) with a random bearer token made at start.

    id: how tests and the environment file name it: "admin", "viewer", "reader" (gateway without Kubernetes rights),
    "nobody". iam: roles held on every project ("roles/owner", "roles/gkehub.gatewayReader", …). kube: the
    ClusterRole bound to it in every cluster ("cluster-admin", "view") or "".
    """

    id: str
    email: str
    iam: tuple[str, ...] = ()
    kube: str = ""


@dataclass(frozen=True, slots=True)
class ProjectSpec:
    """A Google Cloud project. services: names of enabled APIs."""

    id: str
    number: str
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkloadSpec:
    """Something that runs: turned into a real object which the simulated controllers then roll out.

    kind: Deployment, StatefulSet, DaemonSet, Job, CronJob. behaviour: how its containers live: "steady", "crash"
    (exits after crash_after seconds, again and again), "image-missing", "pending", "slow-start", "complete",
    "degraded" (the second pod never becomes ready). It belongs to the image: another image cures it, as in life.
    log: the name of a log style ("http", "worker", "connect-agent", "sc-operator", "json", …; "flood" for as much as
    it takes, "numbered" for lines that can be counted); log_rate: lines a second; log_lines: how many numbered ones
    (0 = without end). extra: fields merged into the pod template's spec. age: seconds it has existed at start; 0 =
    picked by the seed. history: images of its earlier revisions, oldest first (Deployment). cpu, memory: requests of
    its first container. storage: size of a volume claim per pod (StatefulSet). max_replicas: gives it a
    HorizontalPodAutoscaler.
    """

    kind: str
    namespace: str
    name: str
    replicas: int = 1
    image: str = "registry.example.com/app:1.0"
    containers: tuple[str, ...] = ("app",)
    labels: dict[str, str] = field(default_factory=dict[str, str])
    behaviour: str = "steady"
    crash_after: float = 60.0
    log: str = "http"
    log_rate: float = 1.0
    log_lines: int = 0
    schedule: str = ""
    service: bool = False
    extra: dict[str, object] = field(default_factory=dict[str, object])
    age: float = 0.0
    history: tuple[str, ...] = ()
    exit_code: int = 1
    port: int = 8080
    cpu: str = ""
    memory: str = ""
    storage: str = ""
    max_replicas: int = 0
    service_account: str = ""


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """A Kubernetes cluster. agent: state of its connect agent: "none" (GKE), "healthy", "degraded" (one of two pods
    not ready), "down". objects: further manifests, applied as they are. pods: extra plain pods (for --scale).
    age: seconds it has existed at start."""

    name: str
    version: str = "v1.33.4"
    nodes: int = 3
    agent: str = "none"
    workloads: tuple[WorkloadSpec, ...] = ()
    objects: tuple[dict[str, object], ...] = ()
    pods: int = 0
    age: float = 90 * 86400.0


@dataclass(frozen=True, slots=True)
class MembershipSpec:
    """A fleet membership. kind: gke, vmware, baremetal, aws, azure, attached, edge. cluster: ClusterSpec.name.
    last_contact: seconds ago at start (agent clusters; then it goes on by the clock); None = never."""

    id: str
    project: str
    location: str
    kind: str
    cluster: str
    state: str = "READY"
    last_contact: float | None = 20.0
    connected: bool = True
    cluster_missing: bool = False
    labels: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """An Azure subscription. providers: namespace -> registrationState."""

    id: str
    name: str
    tenant: str
    providers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class AksSpec:
    """An AKS cluster (its Kubernetes side is the ClusterSpec named `cluster`). extension: None, or the properties of
    its sc-extension that differ from a healthy one (provisioningState, statuses, version, …). sc_job: the extension's
    Job as it was left behind: "" (deleted itself: success), "image-missing", "failed"."""

    name: str
    subscription: str
    resource_group: str
    location: str
    cluster: str
    properties: dict[str, object] = field(default_factory=dict[str, object])
    extension: dict[str, object] | None = field(default_factory=dict[str, object])
    sc_job: str = ""


@dataclass(frozen=True, slots=True)
class LinkerSpec:
    """A Service Connector connection. target: ARM id or endpoint. auth: the `authInfo` object as ARM shows it.
    objects_present: False = its Secret and ServiceAccount are missing in the cluster; "secret" = only the Secret."""

    name: str
    aks: str
    target: str
    auth: dict[str, object]
    namespace: str = "default"
    client_type: str = "none"
    provisioning_state: str = "Succeeded"
    resource_properties: dict[str, object] | None = None
    objects_present: bool | str = True


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A misbehaviour armed from the start; the same words as the control endpoint takes (see `faults`)."""

    action: str
    match: dict[str, str] = field(default_factory=dict[str, str])
    options: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything, as specified."""

    name: str
    title: str
    people: tuple[PersonSpec, ...]
    projects: tuple[ProjectSpec, ...]
    clusters: tuple[ClusterSpec, ...]
    memberships: tuple[MembershipSpec, ...]
    subscriptions: tuple[SubscriptionSpec, ...] = ()
    aks: tuple[AksSpec, ...] = ()
    linkers: tuple[LinkerSpec, ...] = ()
    faults: tuple[FaultSpec, ...] = ()
