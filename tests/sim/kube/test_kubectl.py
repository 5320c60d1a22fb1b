"""The real kubectl against the simulated API server, over TLS with a bearer token."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.sim.kubectl import KUBECTLS, secure_server
from tui.sim.kube.cluster import KubeCluster, User

pytestmark = pytest.mark.real_client

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: "a:1", env: [{name: A, value: b}]}, {name: b, image: "b:1"}]}
"""

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: gadgets, kind: Gadget, shortNames: [gd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer, minimum: 1, description: How big it is.}}}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
"""


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


class Kubectl:
    """One kubectl, with a home of its own. Every run that is not expected to fail must not."""

    def __init__(self, program: str, home: Path, cluster: KubeCluster) -> None:
        self._program = program
        self._home = home
        self.cluster = cluster

    async def start(self, arguments: tuple[str, ...], as_: str = "admin") -> asyncio.subprocess.Process:
        environment = {
            "HOME": str(self._home),
            "PATH": os.environ["PATH"],
            "KUBECONFIG": str(self._home / as_),
            "KUBECTL_KUBERC": "false",
        }
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            self._program, *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )

    async def run(self, *arguments: str, as_: str = "admin", stdin: str = "") -> Ran:
        process = await self.start(arguments, as_)
        out, err = await process.communicate(stdin.encode())
        return Ran(process.returncode or 0, out.decode(), err.decode())

    async def __call__(self, command: str, *more: str, as_: str = "admin", stdin: str = "") -> str:
        """Run a command (split at spaces, then `more` as they are); its output."""
        ran = await self.run(*command.split(), *more, as_=as_, stdin=stdin)
        assert ran.status == 0, f"kubectl {command}: {ran.err}"
        return ran.out

    async def refused(self, command: str, as_: str = "admin", stdin: str = "") -> str:
        """Run a command that must fail; what it said."""
        ran = await self.run(*command.split(), as_=as_, stdin=stdin)
        assert ran.status != 0, ran.out
        return ran.err.strip()


@pytest.fixture(params=KUBECTLS, ids=[f"kubectl-{index}" for index in range(len(KUBECTLS))])
async def kubectl(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kubectl]:
    authority = trustme.CA()
    cluster = KubeCluster("test", now=lambda: 1_790_000_000.0, ca=authority.cert_pem.bytes().decode())
    cluster.bootstrap()
    cluster.tokens.update({"admin": User("ana", ("system:masters",)), "nobody": User("nils", uid="7")})
    async with secure_server(cluster, authority, tmp_path, {person: person for person in cluster.tokens}):
        yield Kubectl(request.param, tmp_path, cluster)


async def test_it_finds_out_what_is_served(kubectl: Kubectl):
    assert "Server Version: v1.36.2" in await kubectl("version")
    resources = await kubectl("api-resources --no-headers")
    assert any(line.split()[:3] == ["deployments", "deploy", "apps/v1"] for line in resources.splitlines())
    assert "rbac.authorization.k8s.io/v1\n" in await kubectl("api-versions")
    assert "FIELD: replicas <integer>" in await kubectl("explain deployment.spec.replicas")
    assert (await kubectl("get --raw /livez")).strip() == "ok"


async def test_it_reads_in_every_form(kubectl: Kubectl):
    table = await kubectl("get namespaces")
    assert [line.split()[:2] for line in table.splitlines()] == [
        ["NAME", "STATUS"],
        ["default", "Active"],
        ["kube-node-lease", "Active"],
        ["kube-public", "Active"],
        ["kube-system", "Active"],
    ]
    assert "  phase: Active" in await kubectl("get namespace default -o yaml")
    names = "{.items[*].metadata.name}"
    assert await kubectl(f"get namespaces -o jsonpath={names}") == "default kube-node-lease kube-public kube-system"
    assert "CLUSTER-IP" in await kubectl("get services -A -o wide")
    assert "IPs:" in await kubectl("describe service kubernetes")
    assert await kubectl("get namespaces --chunk-size=1") == table
    assert await kubectl("get all -n kube-public") == ""
    assert await kubectl.refused("get pod nope") == 'Error from server (NotFound): pods "nope" not found'


async def test_its_typed_commands_create(kubectl: Kubectl):
    """They send protobuf."""
    await kubectl("create deployment web --image=i:1 --replicas=2 --port=80")
    await kubectl("create configmap cfg --from-literal=a=b")
    await kubectl("create secret generic s --from-literal=p=hidden")
    await kubectl("create namespace shop")
    await kubectl("create serviceaccount bot -n shop")
    await kubectl("create role r --verb=get --resource=pods -n shop")
    await kubectl("create rolebinding b --role=r --serviceaccount=shop:bot -n shop")
    await kubectl("create job j --image=b")
    await kubectl("create cronjob cj --image=b", "--schedule=* * * * *")
    await kubectl("create quota q --hard=pods=3 -n shop")
    await kubectl("create ingress in --rule=x.example.com/a=web:80")
    await kubectl("create poddisruptionbudget p --selector=app=web --min-available=50%")
    assert (await kubectl("create token bot -n shop")).count(".") == 2
    deployment = "{.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort} {.spec.strategy.type}"
    assert await kubectl("get deployment web -o", f"jsonpath={deployment}") == "2 80 RollingUpdate"
    assert await kubectl("get secret s -o jsonpath={.data.p}") == "aGlkZGVu"
    assert await kubectl("get poddisruptionbudget p -o jsonpath={.spec.minAvailable}") == "50%"
    assert await kubectl("get quota q -n shop -o jsonpath={.spec.hard.pods}") == "3"
    assert "kubectl-create" in await kubectl("get configmap cfg -o yaml --show-managed-fields")


async def test_it_changes_what_is_there(kubectl: Kubectl):
    await kubectl("create deployment web --image=i:1")
    await kubectl("label deployment web tier=front")
    await kubectl("annotate deployment web note=x")
    await kubectl("scale deployment web --replicas=3")
    await kubectl("set image deployment/web i=i:2")
    await kubectl("rollout restart deployment/web")
    await kubectl("expose deployment web --port=80")
    await kubectl("patch deployment web --type=json -p", '[{"op":"add","path":"/metadata/labels/x","value":"y"}]')
    await kubectl("patch deployment web --type=merge -p", '{"spec":{"minReadySeconds":5}}')
    await kubectl("patch deployment web -p", '{"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}}')
    shown = "{.metadata.labels} {.spec.replicas} {.spec.minReadySeconds} {.spec.template.spec.containers[0].image}"
    assert await kubectl("get deployment web -o", f"jsonpath={shown}") == (
        '{"app":"web","tier":"front","x":"y"} 3 5 i:2'
    )
    assert await kubectl("get deployment -l tier=front,app!=x -o name") == "deployment.apps/web\n"


async def test_it_applies_and_tells_the_difference(kubectl: Kubectl):
    assert await kubectl("apply -f -", stdin=DEPLOYMENT) == "deployment.apps/web created\n"
    assert await kubectl("apply -f -", stdin=DEPLOYMENT) == "deployment.apps/web unchanged\n"
    changed = DEPLOYMENT.replace("a:1", "a:2").replace(", env: [{name: A, value: b}]", "")
    ran = await kubectl.run("diff", "-f", "-", stdin=changed)
    assert ran.status == 1, ran.err
    assert "-      - env:" in ran.out
    assert "image: a:2" in ran.out
    assert await kubectl("apply -f -", stdin=changed) == "deployment.apps/web configured\n"
    assert (await kubectl.run("diff", "-f", "-", stdin=changed)).status == 0
    assert await kubectl("get deployment web -o jsonpath={.spec.template.spec.containers[0].env}") == ""
    assert await kubectl("apply --dry-run=server -f -", stdin=DEPLOYMENT) == (
        "deployment.apps/web configured (server dry run)\n"
    )
    said = await kubectl.refused("apply -f -", stdin=DEPLOYMENT.replace("replicas:", "replica:"))
    assert 'unknown field "spec.replica"' in said


LIST = """
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {size: "1"}}
- {apiVersion: v1, kind: Service, metadata: {name: b}, spec: {ports: [{port: 80}]}}
"""
DOCUMENTS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {size: "1"}
---
apiVersion: v1
kind: Service
metadata: {name: b}
spec: {ports: [{port: 80}]}
"""


@pytest.mark.parametrize("many", [LIST, DOCUMENTS], ids=["list", "documents"])
async def test_it_applies_and_creates_several_objects_at_once(kubectl: Kubectl, many: str):
    """A list it validates by itself, from version 2 of the OpenAPI document in protobuf."""
    done = "configmap/a {0}\nservice/b {0}\n"
    assert await kubectl("apply -f -", stdin=many) == done.format("created")
    assert await kubectl("apply -f -", stdin=many) == done.format("unchanged")
    assert await kubectl("apply --server-side -f -", stdin=many) == done.format("serverside-applied")
    assert (await kubectl("delete -f -", stdin=many)).count("deleted") == 2
    assert await kubectl("create -f -", stdin=many) == done.format("created")
    assert 'unknown field "datum"' in await kubectl.refused("apply -f -", stdin=many.replace("data: {s", "datum: {s"))


async def test_it_explains_by_the_older_document_too(kubectl: Kubectl):
    said = await kubectl("explain --output=plaintext-openapiv2 pod.spec.nodeName")
    assert "FIELD:    nodeName <string>" in said


async def test_it_applies_on_the_server_side(kubectl: Kubectl):
    applied = "deployment.apps/web serverside-applied\n"
    assert await kubectl("apply --server-side -f -", stdin=DEPLOYMENT) == applied
    await kubectl("scale deployment web --replicas=4")
    said = await kubectl.refused("apply --server-side -f -", stdin=DEPLOYMENT)
    assert 'conflict with "kubectl" with subresource "scale"' in said
    assert await kubectl("apply --server-side --force-conflicts -f -", stdin=DEPLOYMENT) == applied
    assert await kubectl("get deployment web -o jsonpath={.spec.replicas}") == "1"


async def test_it_asks_for_rights(kubectl: Kubectl):
    assert "ana" in await kubectl("auth whoami")
    assert "system:authenticated" in await kubectl("auth whoami", as_="nobody")
    assert (await kubectl("auth can-i create pods")).strip() == "yes"
    assert (await kubectl.run("auth", "can-i", "list", "secrets", as_="nobody")).out.strip() == "no"
    await kubectl("create clusterrolebinding b --clusterrole=view --user=nils")
    assert (await kubectl("auth can-i list pods", as_="nobody")).strip() == "yes"
    assert (await kubectl("auth can-i list pods --as=nils")).strip() == "yes"
    rights = await kubectl("auth can-i --list", as_="nobody")
    assert any(line.split()[0] == "pods/log" for line in rights.splitlines())
    said = await kubectl.refused("get secrets", as_="nobody")
    assert said == (
        'Error from server (Forbidden): secrets is forbidden: User "nils" cannot list resource "secrets" in API group '
        '"" in the namespace "default"'
    )
    said = await kubectl.refused("get pods --as=ana", as_="nobody")
    assert 'cannot impersonate resource "users"' in said


async def test_it_waits_and_watches(kubectl: Kubectl):
    await kubectl("run p --image=i")
    waiting = asyncio.create_task(kubectl("wait --for=jsonpath={.status.phase}=Running pod/p --timeout=20s"))
    following = await kubectl.start(("get", "pods", "--watch", "--output-watch-events"))
    assert following.stdout is not None
    lines = [await following.stdout.readline() for _ in range(2)]
    store, kind = kubectl.cluster.store, kubectl.cluster.registry.resource("", "v1", "pods")
    assert kind is not None
    found = store.get(kind, "default", "p")
    assert found is not None
    store.update(kind, {**found, "status": {**found["status"], "phase": "Running"}})
    assert await waiting == "pod/p condition met\n"
    lines.append(await following.stdout.readline())
    following.terminate()
    await following.communicate()
    words = [line.decode().split() for line in lines]
    assert [line[0] for line in words] == ["EVENT", "ADDED", "MODIFIED"]
    assert [line[3] for line in words[1:]] == ["Pending", "Running"]


async def test_it_deletes_and_waits_for_the_end(kubectl: Kubectl):
    await kubectl("create configmap a")
    assert "deleted" in await kubectl("delete configmap a")
    assert await kubectl.refused("delete configmap a") == 'Error from server (NotFound): configmaps "a" not found'
    await kubectl("create namespace shop")
    await kubectl("create configmap a -n shop")
    deleting = asyncio.create_task(kubectl("delete namespace shop --timeout=20s"))
    while not deleting.done():
        kubectl.cluster.drain_namespaces()
        await asyncio.sleep(0.05)
    assert "deleted" in await deleting
    await kubectl("create deployment web --image=i")
    await kubectl("delete deployment web --cascade=orphan --wait=false")
    kubectl.cluster.collect_garbage()
    assert await kubectl("get deployments -o name") == ""
    await kubectl("create configmap b")
    await kubectl("delete configmap --all")


async def test_it_serves_custom_kinds(kubectl: Kubectl):
    await kubectl("apply -f -", stdin=DEFINITION)
    await kubectl("wait --for=condition=Established crd/gadgets.example.com --timeout=5s")
    gadget = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}\nspec: {size: 3}\n"
    assert await kubectl("apply -f -", stdin=gadget) == "gadget.example.com/g created\n"
    assert [line.split() for line in (await kubectl("get gd")).splitlines()] == [["NAME", "SIZE"], ["g", "3"]]
    assert await kubectl("apply -f -", stdin=gadget.replace("3", "4")) == "gadget.example.com/g configured\n"
    said = await kubectl.refused("apply -f -", stdin=gadget.replace("3", "0"))
    assert "spec.size in body should be greater than or equal to 1" in said
    assert "How big it is." in await kubectl("explain gadget.spec.size")
    await kubectl("delete gadget g")


async def test_it_evicts_and_cordons(kubectl: Kubectl):
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    kubectl.cluster.apply_manifest(node)
    await kubectl("cordon n1")
    assert await kubectl("get node n1 -o jsonpath={.spec.unschedulable}") == "true"
    await kubectl("taint node n1 a=b:NoSchedule")
    await kubectl("uncordon n1")
    draining = asyncio.create_task(kubectl("drain n1 --force --timeout=20s"))
    assert "drained" in await draining
