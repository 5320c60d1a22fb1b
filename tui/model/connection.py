"""Service Connector linkers on AKS, the k8s-extension that installs them, and what they should have made."""

from __future__ import annotations

from msgspec import Struct, field

from tui.model.cluster import AgentHealth, ClusterRef
from tui.model.feed import Feed


class AksCluster(Struct, frozen=True):
    """One Microsoft.ContainerService/managedClusters resource. `id` is the ARM id as sent. hosts: of its API server."""

    id: str
    name: str
    subscription: str
    resource_group: str
    location: str = ""
    provisioning_state: str = ""
    power_state: str = ""
    version: str = ""
    oidc_issuer: str = ""
    workload_identity: bool = False
    local_accounts_disabled: bool = False
    private: bool = False
    hosts: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The `ClusterRef.key`: ARM ids compare without case."""
        return self.id.lower()

    @property
    def stopped(self) -> bool:
        """Whether it was turned off: its API server then does not exist."""
        return self.power_state.lower() == "stopped"


class Linker(Struct, frozen=True):
    """One Microsoft.ServiceLinker/linkers resource (ARM; facts/azure section 1).

    namespace: the linker's `scope`. target_type: short name of the target ("storage-blob", "redis", …) or the raw
    provider type where unknown. target_id: its ARM id or endpoint. auth_type: `authInfo.authType` verbatim, "" where
    auth was opted out. auth_label: how the screen names it ("WI", "key", "SP", "CSI", "none", …).
    """

    id: str
    name: str
    cluster_id: str
    namespace: str = "default"
    target_type: str = ""
    target_id: str = ""
    auth_type: str = ""
    auth_label: str = ""
    client_id: str = ""
    client_type: str = ""
    csi: bool = False
    provisioning_state: str = ""


class ExtensionStatus(Struct, frozen=True):
    """One entry of `properties.statuses` (or `errorInfo`, level "Error")."""

    code: str
    level: str
    message: str
    display: str = ""
    time: str = ""


class Extension(Struct, frozen=True):
    """The Service Connector k8s-extension of one AKS cluster."""

    id: str
    name: str
    extension_type: str
    provisioning_state: str = ""
    version: str = ""
    release_train: str = ""
    release_namespace: str = ""
    auto_upgrade: bool = True
    statuses: tuple[ExtensionStatus, ...] = ()

    @property
    def error(self) -> ExtensionStatus | None:
        """The first status of level Error."""
        return next((s for s in self.statuses if s.level.lower() == "error"), None)


class ExpectedObject(Struct, frozen=True):
    """A Kubernetes object that a connection should have made; `present` is None while not known."""

    kind: str
    namespace: str
    name: str
    present: bool | None = None


class Connection(Struct, frozen=True):
    """A row of the Connections pane: the linker joined with extension, operator pods and objects."""

    linker: Linker
    aks: AksCluster
    cluster: ClusterRef
    extension: Feed[Extension] = field(default_factory=Feed[Extension])
    operator: Feed[AgentHealth] = field(default_factory=Feed[AgentHealth])
    objects: Feed[tuple[ExpectedObject, ...]] = field(default_factory=Feed[tuple[ExpectedObject, ...]])
