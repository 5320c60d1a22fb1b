"""What a refused exec, attach or port-forward means: the five failures of Google's troubleshooting page, and what an
API server itself says. Through the gateway each comes as the same 400, with the cause in its text only.

Source: "Troubleshoot kubectl exec/cp/attach/port-forward" of the Connect gateway's documentation (facts: section 3);
Kubernetes 1.35 and later want `create` on the sub-resource beside `get`, and say so by an empty reason (recordings).
"""

from __future__ import annotations

import re

from msgspec import Struct

from tui.errors import ProblemKind
from tui.model.streamrules import CALLED, SINCE, granting

_TARGET = re.compile(r"/namespaces/(?P<namespace>[^/?]+)/pods/[^/?]+/(?P<stream>exec|attach|portforward)(?:\?|$)")
_BY_CLUSTER = re.compile(
    r"failed to connect to the cluster's API Server with response \(status=(\d+)[^,]*, body=(.*)\)", re.S
)
_UNKNOWN_PROTOCOL = re.compile(r"tunneling spdy|unable to upgrade|upgrade request required", re.IGNORECASE)


class Explained(Struct, frozen=True):
    """As `refusals.Explained`: kind, one line of ours, and the command that cures it."""

    kind: ProblemKind
    summary: str
    remedy: str = ""


def explain_stream(status: int, words: str, target: str, who: str) -> Explained | None:
    """What a refused stream means; None where the general rules know better. words: the server's, without markup."""
    found = _TARGET.search(target)
    if found is None or status < 400:
        return None
    stream, namespace = found["stream"], found["namespace"]
    within = _BY_CLUSTER.search(words)
    if within:
        return _by_cluster(int(within[1]), within[2].strip(), stream, namespace, who)
    if "error encountered within the cluster" in words:
        return Explained(
            ProblemKind.SERVER,
            "the connect agent could not open the stream inside the cluster; its log says why "
            '("failed to create the websocket connection")',
            "kubectl logs -n gke-connect -l app=gke-connect-agent --tail=-1 | "
            "grep 'failed to create the websocket connection'",
        )
    if "connection to the agent" in words:
        return Explained(
            ProblemKind.UNREACHABLE,
            "the link between the cluster and Google failed; if other requests work, try again, else mend the agent",
            "kubectl -n gke-connect get pods -l app=gke-connect-agent",
        )
    if status == 403 and "/memberships/" not in target.lower() and _no_reason(words):
        return _rbac(stream, namespace, who)
    if status in (400, 403) and (not words or _UNKNOWN_PROTOCOL.search(words)):
        return _too_old(stream)
    return None


def _by_cluster(status: int, body: str, stream: str, namespace: str, who: str) -> Explained:
    """What the cluster's own API server said, as the gateway tells it."""
    if status == 403 and not body:
        return _too_old(stream)
    if status == 403:
        return _rbac(stream, namespace, who)
    kind = ProblemKind.NOT_FOUND if status == 404 else ProblemKind.INVALID if status < 500 else ProblemKind.SERVER
    return Explained(kind, f"the cluster's API server refused the {CALLED[stream]} ({status})")


def _no_reason(words: str) -> bool:
    """A refusal that names no verb: the authorizer had nothing to say, as for the `create` that is asked for last."""
    return bool(re.search(r"is forbidden:\s*$", words))


def _rbac(stream: str, namespace: str, who: str) -> Explained:
    return Explained(
        ProblemKind.FORBIDDEN,
        f"RBAC: {who or 'this account'} lacks get or create on pods/{stream} in namespace {namespace}",
        granting(stream, namespace, who),
    )


def _too_old(stream: str) -> Explained:
    major, minor = SINCE[stream]
    return Explained(
        ProblemKind.PROTOCOL,
        f"the cluster does not speak {CALLED[stream]} over WebSocket: it must be Kubernetes {major}.{minor} or later",
        "kubectl version  (then upgrade the cluster)",
    )
