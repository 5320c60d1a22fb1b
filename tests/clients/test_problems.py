"""Refusals as the real services word them, and what is made of them: kind, summary, remedy, layer."""

from __future__ import annotations

import errno
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests import recordings
from tui.clients.problem_bodies import WORDS_CAP, Writer, read_body
from tui.clients.problems import (
    plain_url,
    problem_from_exception,
    problem_from_response,
    problem_from_status,
    reach_layer,
    retry_after,
)
from tui.errors import Problem, ProblemKind

GATEWAY = "https://connectgateway.googleapis.com/v1/projects/123/locations/global/memberships/plant-7/api/v1/pods"
HUB = "https://gkehub.googleapis.com/v1/projects/acme/locations/-/memberships"
ARM = "https://management.azure.com/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ServiceLinker/linkers"
WHO = "ana@example.com"


def google(code: int, status: str, message: str, *details: dict) -> bytes:
    return json.dumps({"error": {"code": code, "status": status, "message": message, "details": details}}).encode()


def info(reason: str, **metadata: str) -> dict:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": metadata}


def status(code: int, reason: str, message: str) -> bytes:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return json.dumps(body | {"code": code}).encode()


def arm(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def problem(code: int, body: bytes, target: str, who: str = WHO, **headers: str) -> Problem:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return problem_from_response(code, named, body, target=target, who=who)


@pytest.mark.parametrize(
    ("body", "writer", "words", "code"),
    [
        (b"", Writer.NOBODY, "", ""),
        (status(403, "Forbidden", "no"), Writer.KUBERNETES, "no", "Forbidden"),
        (google(403, "PERMISSION_DENIED", "no"), Writer.GOOGLE, "no", "PERMISSION_DENIED"),
        (b"[" + google(404, "NOT_FOUND", "gone") + b"]", Writer.GOOGLE, "gone", "NOT_FOUND"),
        (arm("Conflict", "busy"), Writer.ARM, "busy", "Conflict"),
        (b'{"code":"AuthorizationFailed","message":"no"}', Writer.ARM, "no", "AuthorizationFailed"),
        (
            b'{"error":"invalid_grant","error_description":"Token has been expired or revoked."}',
            Writer.OAUTH,
            "Token has been expired or revoked.",
            "invalid_grant",
        ),
        (
            b"generic::failed_precondition: error encountered within the cluster",
            Writer.GENERIC,
            "generic::failed_precondition: error encountered within the cluster",
            "failed_precondition",
        ),
        (b"404 page not found\n", Writer.TEXT, "404 page not found", ""),
        (b'{"kind": "Pod"', Writer.TEXT, '{"kind": "Pod"', ""),
        (b"\xff\xfe\x00", Writer.TEXT, "��", ""),
    ],
)
def test_who_wrote_the_body_and_what_it_says(body: bytes, writer: Writer, words: str, code: str) -> None:
    said = read_body(body)
    assert (said.writer, said.words.rstrip("\x00"), said.code) == (writer, words, code)


def test_a_page_of_googles_front_end_is_read_as_text() -> None:
    page = b"""<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Error 404 (Not Found)!!1</title>
    <style>*{margin:0}</style><a href=//www.google.com/><span id=logo></span></a><p><b>404.</b> <ins>An error.</ins>
    <p>The requested URL <code>/v1/x&amp;y</code> was not found on this server.</html>"""
    said = read_body(page)
    assert said.writer is Writer.HTML
    assert said.words.startswith("Error 404 (Not Found)!!1")
    assert "The requested URL /v1/x&y was not found on this server." in said.words
    assert "margin" not in said.words


def test_arm_hides_the_cause_in_details_and_it_is_dug_out() -> None:
    body = {
        "error": {"code": "X", "message": "outer", "details": [{"message": "inner"}], "innererror": {"message": "core"}}
    }
    assert read_body(json.dumps(body).encode()).words == "outer\ninner\ncore"


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer ya29.a0AfH6SMBx-abcdefgh",
        "bearer abcdefghijklmnopqrstuvwx",
        "ya29.c.b0AXv0zT",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "Basic YW5hOnNlY3JldA==",
    ],
)
def test_tokens_in_a_servers_words_are_blotted_out(secret: str) -> None:
    said = read_body(f"the header was {secret} and it is bad".encode())
    assert secret.split()[-1] not in said.words
    assert said.words.endswith("and it is bad")


def test_words_that_only_speak_of_tokens_stay() -> None:
    said = "Bearer authentication is needed; basic authentication is not offered"
    assert read_body(said.encode()).words == said


def test_words_are_kept_up_to_a_cap() -> None:
    said = read_body(b"x" * 50_000)
    assert len(said.words) == WORDS_CAP
    assert said.words.endswith("…")


@pytest.mark.parametrize(
    ("code", "body", "target", "kind", "layer", "remedy", "summary"),
    [
        (
            401,
            google(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
            HUB,
            ProblemKind.SIGNED_OUT,
            "auth",
            "gcloud auth login",
            "Google refused the sign-in",
        ),
        (
            401,
            status(401, "Unauthorized", "Unauthorized"),
            GATEWAY,
            ProblemKind.SIGNED_OUT,
            "auth",
            "gcloud auth login",
            "",
        ),
        (
            401,
            status(401, "Unauthorized", "Unauthorized"),
            "https://10.0.0.1/api",
            ProblemKind.SIGNED_OUT,
            "auth",
            "",
            "",
        ),
        (401, arm("ExpiredAuthenticationToken", "old"), ARM, ProblemKind.SIGNED_OUT, "auth", "az login", "Azure"),
        (
            403,
            google(
                403,
                "PERMISSION_DENIED",
                "Connect Gateway API has not been used in project 123 before or it is disabled.",
                info("SERVICE_DISABLED", service="connectgateway.googleapis.com", consumer="projects/123"),
            ),
            GATEWAY,
            ProblemKind.FORBIDDEN,
            "IAM",
            "gcloud services enable connectgateway.googleapis.com --project 123",
            "not enabled in project 123",
        ),
        (
            403,
            google(
                403,
                "PERMISSION_DENIED",
                "GKE Hub API has not been used in project 9 before or it is disabled. Enable it by visiting "
                "https://console.developers.google.com/apis/api/gkehub.googleapis.com/overview?project=9 then retry.",
            ),
            HUB,
            ProblemKind.FORBIDDEN,
            "IAM",
            "gcloud services enable gkehub.googleapis.com --project 9",
            "",
        ),
        (
            403,
            google(
                403, "PERMISSION_DENIED", "Permission 'gkehub.memberships.list' denied on 'projects/acme/locations/-'"
            ),
            HUB,
            ProblemKind.FORBIDDEN,
            "IAM",
            "gcloud projects add-iam-policy-binding acme --member=user:ana@example.com --role=roles/gkehub.viewer",
            "lacks gkehub.memberships.list on project acme",
        ),
        (
            403,
            google(403, "PERMISSION_DENIED", "no", info("IAM_PERMISSION_DENIED", permission="gkehub.gateway.get")),
            GATEWAY,
            ProblemKind.FORBIDDEN,
            "IAM",
            "gcloud projects add-iam-policy-binding 123 --member=user:ana@example.com "
            "--role=roles/gkehub.gatewayReader",
            "",
        ),
        (
            400,
            b"generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource",
            GATEWAY,
            ProblemKind.FORBIDDEN,
            "IAM",
            "gcloud projects add-iam-policy-binding 123 --member=user:ana@example.com --role=roles/gkehub.gatewayAdmin",
            "",
        ),
        (
            403,
            status(
                403,
                "Forbidden",
                'users "ana@example.com" is forbidden: User "system:serviceaccount:gke-connect:connect-agent-sa" '
                'cannot impersonate resource "users" in API group "" at the cluster scope',
            ),
            GATEWAY,
            ProblemKind.FORBIDDEN,
            "RBAC",
            "gcloud container fleet memberships generate-gateway-rbac --membership=plant-7 --users=ana@example.com"
            " --role=clusterrole/view --context=CONTEXT --kubeconfig=KUBECONFIG --apply",
            "may not act as ana@example.com",
        ),
        (
            403,
            status(
                403,
                "Forbidden",
                'pods is forbidden: User "ana@example.com" cannot list resource "pods" in API group "" '
                'in the namespace "pay"',
            ),
            GATEWAY,
            ProblemKind.FORBIDDEN,
            "RBAC",
            "kubectl create rolebinding view --clusterrole=view --user=ana@example.com -n pay",
            "may not list pods in namespace pay",
        ),
        (
            403,
            status(
                403,
                "Forbidden",
                'deployments.apps "x" is forbidden: User "system:serviceaccount:ci:bot" cannot patch resource '
                '"deployments" in API group "apps" in the namespace "pay"',
            ),
            GATEWAY,
            ProblemKind.FORBIDDEN,
            "RBAC",
            "kubectl create clusterrole patch-deployments --verb=patch --resource=deployments.apps && kubectl create "
            "rolebinding patch-deployments --clusterrole=patch-deployments --serviceaccount=ci:bot -n pay",
            "",
        ),
        (
            403,
            status(
                403,
                "Forbidden",
                'nodes is forbidden: User "ana@example.com" cannot list resource "nodes" in API group "" '
                "at the cluster scope",
            ),
            GATEWAY,
            ProblemKind.FORBIDDEN,
            "RBAC",
            "kubectl create clusterrole list-nodes --verb=list --resource=nodes && kubectl create clusterrolebinding "
            "list-nodes --clusterrole=list-nodes --user=ana@example.com",
            "in the whole cluster",
        ),
        (
            403,
            status(403, "Forbidden", 'forbidden: User "system:anonymous" cannot get path "/api"'),
            "https://10.0.0.1/api",
            ProblemKind.SIGNED_OUT,
            "auth",
            "",
            "saw no credentials",
        ),
        (
            404,
            google(404, "NOT_FOUND", "cannot find active connections for cluster(project: 123, membership: plant-7)"),
            GATEWAY,
            ProblemKind.UNREACHABLE,
            "agent",
            "kubectl -n gke-connect rollout restart deployment -l app=gke-connect-agent",
            "agent of plant-7 is not connected",
        ),
        (
            400,
            b"generic::failed_precondition: error encountered within the cluster",
            GATEWAY,
            ProblemKind.UNREACHABLE,
            "agent",
            "kubectl -n gke-connect rollout restart deployment -l app=gke-connect-agent",
            "",
        ),
        (
            404,
            b"<html><title>Error 404 (Not Found)!!1</title><p>The requested URL was not found on this server.",
            GATEWAY,
            ProblemKind.NOT_FOUND,
            "URL",
            "gcloud container fleet memberships get-credentials plant-7 --location=global --project=123",
            "no such address",
        ),
        (
            400,
            google(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
            "https://connectgateway.googleapis.com/v1/projects/p/locations/us-east1/memberships/m:generateCredentials",
            ProblemKind.NOT_FOUND,
            "URL",
            "gcloud container fleet memberships get-credentials m --location=us-east1 --project=p",
            "",
        ),
        (
            429,
            google(429, "RESOURCE_EXHAUSTED", "Quota exceeded for connectgateway.googleapis.com/active_streams"),
            GATEWAY,
            ProblemKind.THROTTLED,
            "quota",
            "close a shell, attach or port-forward; or ask for more quota",
            "10 streams",
        ),
        (
            409,
            arm(
                "MissingSubscriptionRegistration",
                "The subscription is not registered to use namespace 'Microsoft.KubernetesConfiguration'. See https://x",
            ),
            ARM,
            ProblemKind.CONFLICT,
            "server",
            "az provider register -n Microsoft.KubernetesConfiguration --subscription s-1",
            "not registered",
        ),
        (
            403,
            arm(
                "AuthorizationFailed",
                "The client 'ana@example.com' with object id 'o' does not have authorization to perform action "
                "'Microsoft.ServiceLinker/linkers/read' over scope '/subscriptions/s-1/x' or the scope is invalid.",
            ),
            ARM,
            ProblemKind.FORBIDDEN,
            "IAM",
            "az role assignment create --assignee ana@example.com --role Reader --scope /subscriptions/s-1/x",
            "may not Microsoft.ServiceLinker/linkers/read",
        ),
        (500, b"", GATEWAY, ProblemKind.SERVER, "server", "", ""),
        (503, b"upstream connect error", GATEWAY, ProblemKind.SERVER, "server", "", ""),
        (504, b"", GATEWAY, ProblemKind.TIMEOUT, "server", "", ""),
        (302, b"", GATEWAY, ProblemKind.PROTOCOL, "server", "", ""),
        (422, status(422, "Invalid", "bad"), "https://10.0.0.1/x", ProblemKind.INVALID, "URL", "", ""),
        (
            410,
            status(410, "Expired", "too old resource version: 1 (303)"),
            GATEWAY,
            ProblemKind.EXPIRED,
            "server",
            "",
            "",
        ),
    ],
)
def test_what_a_refusal_means_and_what_cures_it(
    code: int, body: bytes, target: str, kind: ProblemKind, layer: str, remedy: str, summary: str
) -> None:
    found = problem(code, body, target)
    assert (found.kind, reach_layer(found), found.remedy) == (kind, layer, remedy)
    assert summary in found.summary
    assert found.status == code


def test_nobody_known_is_asked_of_gcloud_in_the_command_itself() -> None:
    body = google(403, "PERMISSION_DENIED", "Permission 'gkehub.memberships.list' denied on 'projects/acme'")
    assert '--member="user:$(gcloud config get account)"' in problem(403, body, HUB, who="").remedy


def test_a_service_account_is_bound_as_one() -> None:
    body = google(403, "PERMISSION_DENIED", "Permission 'gkehub.memberships.list' denied on 'projects/acme'")
    remedy = problem(403, body, HUB, who="ci@acme.iam.gserviceaccount.com").remedy
    assert "--member=serviceAccount:ci@acme.iam.gserviceaccount.com " in remedy


def test_what_a_server_says_cannot_slip_a_command_into_the_remedy() -> None:
    said = 'pods is forbidden: User "x; rm -rf ~" cannot list resource "pods" in API group "" in the namespace "$(id)"'
    remedy = problem(403, status(403, "Forbidden", said), GATEWAY).remedy
    assert "'--user=x; rm -rf ~'" in remedy
    assert remedy.endswith("-n '$(id)'")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "99999999"}, 3600.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": ""}, None),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=60)
    assert retry_after({"Retry-After": format_datetime(soon, usegmt=True)}) == pytest.approx(60, abs=2)


def test_the_body_can_ask_to_wait_too() -> None:
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30s"}
    assert problem(429, google(429, "RESOURCE_EXHAUSTED", "slow", retry), HUB).retry_after == 30.0
    assert problem(429, google(429, "RESOURCE_EXHAUSTED", "slow", retry), HUB, Retry_After="3").retry_after == 3.0


def test_urls_are_shown_without_query_and_user() -> None:
    assert plain_url("https://u:p@h:1/a/b?token=x#y") == "https://h:1/a/b"
    assert problem(404, b"", "https://h/x?token=secret").target == "https://h/x"


def test_a_status_inside_a_stream() -> None:
    gone = json.loads(status(410, "Expired", "too old resource version: 1 (303)"))
    found = problem_from_status(gone, target=GATEWAY)
    assert (found.kind, found.status, found.server_words) == (
        ProblemKind.EXPIRED,
        410,
        "too old resource version: 1 (303)",
    )


REFUSALS = [
    name
    for pattern in ("error-*", "list-*", "page-*", "log-*", "apply-*", "json-patch-*", "exec-*")
    for name in recordings.names(pattern)
    if recordings.load(name).status >= 400
]


@recordings.needed
@pytest.mark.parametrize("name", REFUSALS)
def test_every_recorded_refusal_of_a_real_server_is_read_with_its_words(name: str) -> None:
    recorded = recordings.load(name)
    plain = recorded.body.get("_text")
    body = plain.encode() if plain is not None else json.dumps(recorded.body).encode()
    target = "https://h" + recorded.request["path"]
    found = problem_from_response(recorded.status, recorded.headers, body, target=target)
    assert found.server_words == (plain or recorded.body["message"]).strip()
    assert found.status == recorded.status
    assert found.kind is not ProblemKind.BUG


@recordings.needed
def test_the_recorded_wait_of_a_future_version_is_honoured() -> None:
    recorded = recordings.load("list-rv-future")
    body = json.dumps(recorded.body).encode()
    found = problem_from_response(recorded.status, {}, body, target="https://h/x")
    assert (found.kind, found.retry_after) == (ProblemKind.TIMEOUT, 1.0)


def _os_error(number: int) -> OSError:
    return OSError(number, "words")


@pytest.mark.parametrize(
    ("exc", "kind", "word"),
    [
        (_os_error(errno.ECONNREFUSED), ProblemKind.UNREACHABLE, "refused"),
        (_os_error(errno.ECONNRESET), ProblemKind.UNREACHABLE, "reset"),
        (_os_error(errno.ENETUNREACH), ProblemKind.UNREACHABLE, "no route"),
        (_os_error(errno.ETIMEDOUT), ProblemKind.TIMEOUT, "timed out"),
        (socket.gaierror(-2, "Name or service not known"), ProblemKind.UNREACHABLE, "DNS"),
        (TimeoutError(), ProblemKind.TIMEOUT, "in time"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), ProblemKind.UNREACHABLE, "TLS"),
        (EOFError(), ProblemKind.UNREACHABLE, "failed"),
        (ZeroDivisionError("oops"), ProblemKind.BUG, "ZeroDivisionError"),
    ],
)
def test_failures_in_plain_words(exc: BaseException, kind: ProblemKind, word: str) -> None:
    found = problem_from_exception(exc, target="https://h/x")
    assert found.kind is kind
    assert word in found.summary
    assert found.target == "https://h/x"


@pytest.mark.parametrize(
    ("kind", "code", "layer"),
    [
        (ProblemKind.UNREACHABLE, None, "net"),
        (ProblemKind.TIMEOUT, None, "net"),
        (ProblemKind.MISSING, None, "auth"),
        (ProblemKind.PROTOCOL, 200, "server"),
        (ProblemKind.BUG, None, "server"),
    ],
)
def test_the_layer_where_no_words_tell(kind: ProblemKind, code: int | None, layer: str) -> None:
    assert reach_layer(Problem(kind, "s", status=code)) == layer
