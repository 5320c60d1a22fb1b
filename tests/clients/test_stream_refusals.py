"""Refused streams in all their shapes: each of the five failures of Google's page, and what clusters say."""

from __future__ import annotations

import pytest

from tui.clients.problems import problem_from_response
from tui.errors import Problem, ProblemKind

GATEWAY = (
    "https://connectgateway.googleapis.com/v1/projects/1/locations/global/gkeMemberships/plant-1"
    "/api/v1/namespaces/web/pods/shop-1/"
)
DIRECT = "https://10.0.0.1:6443/api/v1/namespaces/web/pods/shop-1/"
DENIED = "generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource '//gkehub/projects/1/x'"
RBAC = (
    "generic::failed_precondition: failed to connect to the cluster's API Server with response (status=403 Forbidden, "
    'body={"kind":"Status","message":"pods is forbidden: User cannot get resource","code":403})'
)
OLD = RBAC[: RBAC.index("body=")] + "body=)"
QUOTA = "generic::resource_exhausted: Quota exceeded for quota metric: connectgateway.googleapis.com/active_streams"
WITHIN = "generic::failed_precondition: error encountered within the cluster"
AGENT = "generic::failed_precondition: connection to the agent failed or was interrupted"


def page(text: str) -> str:
    """As Google's front end sends it."""
    return (
        "<!DOCTYPE html><html lang=en><title>Error 400 (Bad Request)!!1</title><style>*{margin:0}</style>"
        f"<p><b>400.</b> <ins>That’s an error.</ins><p>{text.replace('&', '&amp;')}  <ins>That’s all we know.</ins>"
    )


def refused(status: int, body: str, target: str) -> Problem:
    return problem_from_response(status, {}, body.encode(), target=f"{target}?command=ls", who="ana@example.com")


@pytest.mark.parametrize("stream", ["exec", "attach", "portforward"])
@pytest.mark.parametrize("shape", [str, page], ids=["bare", "page"])
@pytest.mark.parametrize(
    ("said", "kind", "summary", "remedy"),
    [
        (DENIED, ProblemKind.FORBIDDEN, "lacks gkehub.gateway.stream", "--role=roles/gkehub.gatewayAdmin"),
        (RBAC, ProblemKind.FORBIDDEN, "RBAC: ana@example.com lacks get or create on pods/", "--verb=get,create"),
        (QUOTA, ProblemKind.THROTTLED, "all 10 streams", "close a shell"),
        (WITHIN, ProblemKind.SERVER, "failed to create the websocket connection", "kubectl logs -n gke-connect"),
        (AGENT, ProblemKind.UNREACHABLE, "the link between the cluster and Google", "-n gke-connect get pods"),
        (OLD, ProblemKind.PROTOCOL, "must be Kubernetes 1.3", "kubectl version"),
    ],
    ids=["iam", "rbac", "quota", "within", "agent", "old"],
)
def test_the_generic_400_is_turned_into_its_cause(
    said: str, kind: ProblemKind, summary: str, remedy: str, shape: type[str], stream: str
) -> None:
    problem = refused(400, shape(said), GATEWAY + stream)
    assert problem.kind is kind
    assert summary in problem.summary
    assert remedy in problem.remedy
    assert problem.server_words == said


def test_versions_are_those_of_each_stream() -> None:
    assert "exec over WebSocket: it must be Kubernetes 1.30" in refused(400, OLD, GATEWAY + "exec").summary
    assert (
        "port-forward over WebSocket: it must be Kubernetes 1.31" in refused(400, OLD, GATEWAY + "portforward").summary
    )


def test_an_empty_reason_is_the_create_that_is_wanted_since_1_35() -> None:
    body = '{"kind":"Status","apiVersion":"v1","message":"pods \\"shop-1\\" is forbidden: ","code":403}'
    problem = refused(403, body, DIRECT + "exec")
    assert problem.summary == "RBAC: ana@example.com lacks get or create on pods/exec in namespace web"
    assert "--resource=pods/exec" in problem.remedy


@pytest.mark.parametrize(
    ("status", "body"), [(403, ""), (400, "unable to upgrade: no tunneling spdy protocols provided")]
)
def test_a_server_that_does_not_know_the_protocol_is_too_old(status: int, body: str) -> None:
    problem = refused(status, body, DIRECT + "portforward")
    assert (problem.kind, problem.status) == (ProblemKind.PROTOCOL, status)


def test_what_the_kubelet_says_is_passed_on() -> None:
    problem = refused(500, 'container not found ("c")', DIRECT + "exec")
    assert (problem.kind, problem.server_words) == (ProblemKind.SERVER, 'container not found ("c")')


def test_other_requests_are_read_as_before() -> None:
    assert (
        "connect agent of plant-1 is not connected"
        in refused(400, WITHIN, GATEWAY.replace("pods/shop-1/", "pods")).summary
    )
