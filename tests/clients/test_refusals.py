"""What refusals mean: kind, layer, summary and the command that cures them."""

from __future__ import annotations

import pytest

from tests.clients.refusing import ARM, GATEWAY, HUB, arm, google, info, problem, status
from tui.clients.problems import (
    reach_layer,
)
from tui.errors import ProblemKind


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
            "close a shell, attach or port-forward; or ask for more of the quota "
            "connectgateway.googleapis.com/active_streams",
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
