"""What a description needs to know of other objects: the pods of a node, the replica sets of a deployment.

Which questions those are is a pure function of the object; each is asked by itself, so that one that is forbidden
costs nothing but its own answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from msgspec import Struct

from tui.data.ports import KubePort
from tui.errors import Problem, SourceError
from tui.model.bodies import group_of, items, name_of, namespace_of, obj, selector, strings, text
from tui.model.builtin import (
    ENDPOINT_SLICES,
    LEASES,
    LIMIT_RANGES,
    QUOTAS,
    REPLICA_SETS,
    SECRETS,
    SERVICES,
)
from tui.model.feed import Gap
from tui.model.kube import PODS, KindRef
from tui.model.objects import Beside, Body
from tui.waits import finishing

MOST = 2_000
"""Objects that are read of one question; a description is no list."""
SERVICE_NAME = "kubernetes.io/service-name"
_SELECTS_PODS = frozenset({"ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"})


class Question(Struct, frozen=True):
    """name: by which the answer is found again. bare: metadata is enough, and nothing else is sent."""

    name: str
    kind: KindRef
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    bare: bool = False


def questions(body: Body) -> tuple[Question, ...]:
    """What to ask for the description of an object."""
    kind, group = text(body, "kind"), group_of(text(body, "apiVersion"))
    name, namespace = name_of(body), namespace_of(body)
    if kind in _SELECTS_PODS and group in ("", "apps", "batch"):
        chosen = _selector(body)
        return (Question("pods", PODS, namespace, chosen),) if chosen else ()
    match group, kind:
        case "apps", "Deployment":
            chosen = _selector(body)
            return (Question("replicasets", REPLICA_SETS, namespace, chosen),) if chosen else ()
        case "", "Service":
            return (Question("endpointslices", ENDPOINT_SLICES, namespace, f"{SERVICE_NAME}={name}"),)
        case "networking.k8s.io", "Ingress":
            named = sorted(backends(body))
            slices = Question("endpointslices", ENDPOINT_SLICES, namespace, f"{SERVICE_NAME} in ({','.join(named)})")
            return (Question("services", SERVICES, namespace), slices) if named else ()
        case "", "Node":
            lease = Question("leases", LEASES, "kube-node-lease", fields=f"metadata.name={name}")
            return (Question("pods", PODS, fields=f"spec.nodeName={name}"), lease)
        case "", "Namespace":
            return (Question("resourcequotas", QUOTAS, name), Question("limitranges", LIMIT_RANGES, name))
        case "", "PersistentVolumeClaim":
            return (Question("pods", PODS, namespace),)
        case "", "ServiceAccount":
            tokens = "type=kubernetes.io/service-account-token"
            return (Question("secrets", SECRETS, namespace, fields=tokens, bare=True),)
        case _:
            return ()


def _selector(body: Body) -> str:
    """A workload's selector as the API takes it; a ReplicationController's is a plain map."""
    held = obj(body, "spec", "selector")
    if text(body, "kind") == "ReplicationController":
        return ",".join(f"{key}={value}" for key, value in sorted(strings(held).items()))
    return selector(held)


def backends(ingress: Body) -> set[str]:
    """Names of the services that an Ingress sends to."""
    spec = obj(ingress, "spec")
    paths = [path for rule in items(spec, "rules") for path in items(rule, "http", "paths")]
    named = [text(path, "backend", "service", "name") for path in paths]
    return {name for name in (*named, text(spec, "defaultBackend", "service", "name")) if name}


async def ask(port: KubePort, asked: Iterable[Question]) -> Beside:
    """All answers; those that were refused are gaps."""
    wanted = list(asked)
    answers = await asyncio.gather(*(_answer(port, question) for question in wanted))
    found: dict[str, tuple[Body, ...]] = {}
    gaps: list[Gap] = []
    for question, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Problem):
            gaps.append(Gap(question.name, answer))
        else:
            found[question.name] = answer
    return Beside(found, tuple(gaps))


async def _answer(port: KubePort, question: Question) -> tuple[Body, ...] | Problem:
    found: list[Body] = []
    try:
        pages = port.body_pages(
            question.kind,
            namespace=question.namespace,
            labels=question.labels,
            fields=question.fields,
            metadata_only=question.bare,
        )
        async with finishing(pages):
            async for page in pages:
                found += page.items
                if len(found) >= MOST:
                    break
    except SourceError as exc:
        return exc.problem
    return tuple(found)
