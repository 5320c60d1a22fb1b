"""What Azure's Service Connector leaves in an AKS cluster: namespace, Helm release, agents, and, for each connection,
its Secret and ServiceAccount; and what is left standing where it failed."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator, Mapping

from tui.sim.azure.configurations import names
from tui.sim.kube.actors.behaviours import Behaviour
from tui.sim.kube.objects import timestamp
from tui.sim.kube.status import Obj
from tui.sim.scenario import AksSpec, LinkerSpec, WorkloadSpec

NAMESPACE = "sc-system"
RELEASE = "sc-extension"
OPERATOR_IMAGE = "mcr.microsoft.com/service-connector/prod/image/sc-operator:20260114.2"
RETIRED_IMAGE = "scaksextension.azurecr.io/prod/image/sc-operator:20250313.1"
_WORKLOAD_IDENTITY = "azure.workload.identity"


def secret_name(linker: str) -> str:
    return f"sc-{re.sub('[^A-Za-z0-9]', '', linker)}-secret"


def connection_objects(linker: LinkerSpec) -> Iterator[Obj]:
    """The Secret, and for an identity the ServiceAccount, that the operator has applied."""
    if linker.objects_present is False:
        return
    data = {name: base64.b64encode(f"value-of-{name.lower()}".encode()).decode() for name in names(linker)}
    metadata = {"name": secret_name(linker.name), "namespace": linker.namespace}
    yield {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}
    client = linker.auth.get("clientId")
    by_identity = linker.auth.get("authType") == "userAssignedIdentity" and client
    if by_identity and linker.objects_present != "secret":
        annotations = {f"{_WORKLOAD_IDENTITY}/client-id": str(client)}
        account = {"name": f"sc-account-{client}", "namespace": linker.namespace, "annotations": annotations}
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}


def extension_objects(aks: AksSpec, now: float) -> Iterator[Obj]:
    """The namespace and the Helm release of an installed extension. now: when it was installed."""
    if aks.extension is None:
        return
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    failed = aks.extension.get("provisioningState") == "Failed"
    yield _release("failed" if failed else "deployed", now)


def _release(status: str, now: float) -> Obj:
    """Helm's own record: base64 of gzip of JSON, and base64 once more as any Secret's data."""
    moment = timestamp(now)
    described = "Install complete" if status == "deployed" else 'Release "sc-extension" failed: job failed'
    release = {
        "name": RELEASE,
        "info": {
            "first_deployed": moment,
            "last_deployed": moment,
            "deleted": "",
            "description": described,
            "status": status,
        },
        "chart": {"metadata": {"name": "sc-extension", "version": "0.1.6", "appVersion": "0.1.6", "apiVersion": "v2"}},
        "config": {},
        "manifest": "---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: sc-job\n  namespace: sc-system\n",
        "version": 1,
        "namespace": NAMESPACE,
    }
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode(), mtime=0))
    labels = {"modifiedAt": str(int(now)), "name": RELEASE, "owner": "helm", "status": status, "version": "1"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {"name": f"sh.helm.release.v1.{RELEASE}.v1", "namespace": NAMESPACE, "labels": labels},
        "data": {"release": base64.b64encode(packed).decode()},
    }


def extension_agents(aks: AksSpec) -> list[tuple[WorkloadSpec, Behaviour]]:
    """AKS's own two Deployments that fetch and install extensions."""
    facts = {"region": aks.location, **({"egress": "blocked"} if _cut_off(aks) else {})}
    found: list[tuple[WorkloadSpec, Behaviour]] = []
    for name, container in (("extension-agent", "config-agent"), ("extension-operator", "manager")):
        spec = WorkloadSpec(
            "Deployment",
            "kube-system",
            name,
            image=f"mcr.microsoft.com/oss/azurearck8s/{container}:1.27.4",
            containers=(container, "fluent-bit"),
            labels={"app.kubernetes.io/component": name, "control-plane": name},
            cpu="10m",
            memory="100Mi",
        )
        found.append((spec, Behaviour(log="extension-agent", log_rate=0.1, facts=facts)))
    return found


def _cut_off(aks: AksSpec) -> bool:
    return "agent in time" in json.dumps(aks.extension or {})


def left_job(aks: AksSpec, linkers: Mapping[str, LinkerSpec]) -> tuple[WorkloadSpec, Behaviour] | None:
    """The Job of a failed installation, as it stands; None where it has deleted itself, as after a success."""
    if not aks.sc_job:
        return None
    image = RETIRED_IMAGE if aks.sc_job == "image-missing" else OPERATOR_IMAGE
    spec = WorkloadSpec("Job", NAMESPACE, "sc-job", image=image, containers=("sc-job",), labels={"app": "sc-job"})
    first = next(iter(linkers.values()), None)
    facts = {"connection": re.sub("[^A-Za-z0-9]", "", first.name), "target": first.namespace} if first else {}
    if aks.sc_job == "image-missing":
        return spec, Behaviour("image-missing", log="sc-operator", facts=facts)
    return spec, Behaviour("crash", 9.0, 1, log="sc-operator", log_rate=0.3, facts=facts)
