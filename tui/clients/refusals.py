"""What a refusal means and which command cures it: one rule per cause, the first that fits wins.

The causes are the two troubleshooting lists the product grew from (facts: "Symptoms", "Failures") and what the
services are known to answer. A remedy is a command to be copied into a shell, so everything in it that came from a
server is quoted.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from msgspec import Struct

from tui.clients.problem_bodies import Said, Writer
from tui.clients.statuses import kind_of_status, plain_summary
from tui.clients.stream_refusals import explain_stream
from tui.errors import ProblemKind


class Refusal(Struct, frozen=True):
    """An answer of status >= 400 and what is known of the question. who: the account that asked, "" if unknown."""

    status: int
    said: Said
    target: str
    who: str = ""


class Explained(Struct, frozen=True):
    """kind, one line of ours, and the exact command that cures it ("" where no command does)."""

    kind: ProblemKind
    summary: str
    remedy: str = ""


ROLE_OF_PERMISSION = {
    "gkehub.gateway.get": "roles/gkehub.gatewayReader",
    "gkehub.gateway.generateCredentials": "roles/gkehub.gatewayReader",
    "gkehub.gateway.post": "roles/gkehub.gatewayEditor",
    "gkehub.gateway.put": "roles/gkehub.gatewayEditor",
    "gkehub.gateway.patch": "roles/gkehub.gatewayEditor",
    "gkehub.gateway.delete": "roles/gkehub.gatewayEditor",
    "gkehub.gateway.stream": "roles/gkehub.gatewayAdmin",
    "gkehub.memberships.list": "roles/gkehub.viewer",
    "gkehub.memberships.get": "roles/gkehub.viewer",
    "resourcemanager.projects.get": "roles/gkehub.viewer",
    "resourcemanager.projects.getIamPolicy": "roles/iam.securityReviewer",
    "serviceusage.services.get": "roles/serviceusage.serviceUsageViewer",
    "serviceusage.services.use": "roles/serviceusage.serviceUsageConsumer",
    "iam.serviceAccounts.getAccessToken": "roles/iam.serviceAccountTokenCreator",
}
"""The smallest predefined role that holds each permission the program needs (facts: "Roles and permissions")."""

AGENT_WORDS = re.compile(
    r"cannot find active connections|connection to the agent|error encountered within the cluster", re.IGNORECASE
)
"""What the gateway says when the link between Google and the connect agent is the trouble."""

_PLACE = re.compile(r"/projects/([^/]+)/locations/([^/]+)/(?:gkeM|m)emberships/([^/:?]+)")
_PROJECT = re.compile(r"\bprojects/([^/:'\"\s]+)")
_PERMISSION = re.compile(r"[Pp]ermission '([\w.]+)' denied|Required '?\"?([\w.]+)'?\"? permission")
_IMPERSONATE = re.compile(r'"([^"]+)" is forbidden: User "[^"]+" cannot impersonate resource "(\w+)"')
_RBAC = re.compile(
    r'forbidden: User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" in API group '
    r'"(?P<group>[^"]*)"(?: in the namespace "(?P<namespace>[^"]*)")?'
)
_ARM_SCOPE = re.compile(r"perform action '([^']+)'.*?over scope '([^']+)'", re.DOTALL)
_QUOTED = re.compile(r"'([A-Za-z]+\.[A-Za-z.]+)'")
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)", re.IGNORECASE)
_NOT_IN_VIEW = ("secrets", "roles", "rolebindings")  # what the built-in role `view` leaves out in a namespace


def explain(refusal: Refusal) -> Explained:
    """The first rule that fits; else what the HTTP status alone says."""
    for rule in _RULES:
        explained = rule(refusal)
        if explained is not None:
            return explained
    kind = kind_of_status(refusal.status, refusal.said.code)
    return Explained(kind, plain_summary(kind))


def _signed_out(refusal: Refusal) -> Explained | None:
    if kind_of_status(refusal.status, refusal.said.code) is not ProblemKind.SIGNED_OUT:
        return None
    if refusal.said.writer is Writer.ARM:
        return Explained(ProblemKind.SIGNED_OUT, "Azure refused the sign-in, or it has expired", "az login")
    if _is_google(refusal):
        summary = "Google refused the sign-in, or it has expired"
        return Explained(ProblemKind.SIGNED_OUT, summary, "gcloud auth login")
    return Explained(ProblemKind.SIGNED_OUT, "the cluster refused the credentials, or they have expired")


def _anonymous(refusal: Refusal) -> Explained | None:
    """An API server that is shown no credentials it knows treats the caller as system:anonymous and says 403."""
    if refusal.status != 403 or 'User "system:anonymous"' not in refusal.said.words:
        return None
    return Explained(ProblemKind.SIGNED_OUT, "the cluster saw no credentials that it knows")


def _service_disabled(refusal: Refusal) -> Explained | None:
    """gcloud goes by the sentence, the API by the reason (facts: "Service enablement"); either will do."""
    said = refusal.said
    sentence = re.search(r"has not been used in project (\S+) before or it is disabled", said.words)
    if said.reason != "SERVICE_DISABLED" and not sentence:
        return None
    visit = re.search(r"/apis/api/([\w.-]+\.googleapis\.com)", said.words)
    service = said.metadata.get("service") or (visit[1] if visit else "connectgateway.googleapis.com")
    project = said.metadata.get("consumer", "").removeprefix("projects/") or (sentence[1] if sentence else "")
    place = f" --project {shlex.quote(project)}" if project else ""
    return Explained(
        ProblemKind.FORBIDDEN,
        f"the API {service} is not enabled" + (f" in project {project}" if project else ""),
        f"gcloud services enable {shlex.quote(service)}{place}",
    )


def _iam_permission(refusal: Refusal) -> Explained | None:
    said = refusal.said
    found = _PERMISSION.search(said.words)
    permission = said.metadata.get("permission") or (found[1] or found[2] if found else "")
    refused = kind_of_status(refusal.status, said.code) is ProblemKind.FORBIDDEN
    if not refused or not permission or said.writer is Writer.KUBERNETES:
        return None
    resource = said.metadata.get("resource", "") or said.words
    in_project = _PROJECT.search(resource) or _PROJECT.search(refusal.target)
    project = in_project[1] if in_project else ""
    role = ROLE_OF_PERMISSION.get(permission, "")
    where = f" on project {project}" if project else ""
    summary = f"IAM: {refusal.who or 'this account'} lacks {permission}{where}"
    if not role or not project:
        return Explained(ProblemKind.FORBIDDEN, summary)
    command = f"gcloud projects add-iam-policy-binding {shlex.quote(project)}"
    return Explained(ProblemKind.FORBIDDEN, summary, f"{command} --member={_member(refusal.who)} --role={role}")


def _impersonation(refusal: Refusal) -> Explained | None:
    """The agent of a non-GKE cluster may not act as the caller: facts "Symptoms" row 5."""
    found = _IMPERSONATE.search(refusal.said.words)
    if not found:
        return None
    user, resource = found[1], found[2]
    place = _PLACE.search(refusal.target)
    membership = f" --membership={shlex.quote(place[3])}" if place else ""
    people = "--groups" if resource == "groups" else "--users"
    return Explained(
        ProblemKind.FORBIDDEN,
        f"cluster RBAC: the connect agent may not act as {user}",
        f"gcloud container fleet memberships generate-gateway-rbac{membership} {people}={shlex.quote(user)}"
        " --role=clusterrole/view --context=CONTEXT --kubeconfig=KUBECONFIG --apply",
    )


def _cluster_rbac(refusal: Refusal) -> Explained | None:
    found = _RBAC.search(refusal.said.words)
    if not found or refusal.status != 403:
        return None
    user, verb, group, namespace = found["user"], found["verb"], found["group"], found["namespace"] or ""
    resource = f"{found['resource']}.{group}" if group else found["resource"]
    where = f"in namespace {namespace}" if namespace else "in the whole cluster"
    summary = f"cluster RBAC: {user} may not {verb} {resource} {where}"
    subject = _subject(user)
    if namespace and verb in ("get", "list", "watch") and found["resource"] not in _NOT_IN_VIEW:
        remedy = f"kubectl create rolebinding view --clusterrole=view {subject} -n {shlex.quote(namespace)}"
        return Explained(ProblemKind.FORBIDDEN, summary, remedy)
    name = shlex.quote(f"{verb}-{found['resource'].replace('/', '-')}")
    role = f"kubectl create clusterrole {name} --verb={shlex.quote(verb)} --resource={shlex.quote(resource)}"
    bind = (
        f"kubectl create rolebinding {name} --clusterrole={name} {subject} -n {shlex.quote(namespace)}"
        if namespace
        else f"kubectl create clusterrolebinding {name} --clusterrole={name} {subject}"
    )
    return Explained(ProblemKind.FORBIDDEN, summary, f"{role} && {bind}")


def _agent_down(refusal: Refusal) -> Explained | None:
    """Google has no live connection to the cluster's agent: facts "Symptoms" rows 2, 8, 16 and 17."""
    if refusal.status < 400 or not AGENT_WORDS.search(refusal.said.words):
        return None
    place = _PLACE.search(refusal.target)
    name = place[3] if place else "the cluster"
    return Explained(
        ProblemKind.UNREACHABLE,
        f"the connect agent of {name} is not connected to Google; mend it from where the cluster is reached directly",
        "kubectl -n gke-connect rollout restart deployment -l app=gke-connect-agent",
    )


def _gateway_address(refusal: Refusal) -> Explained | None:
    """Google's front end knows no such address: an old or hand-edited URL, a moved membership (row 3)."""
    place = _PLACE.search(refusal.target)
    html_404 = refusal.status == 404 and refusal.said.writer in (Writer.HTML, Writer.NOBODY)
    wrong_region = refusal.status == 400 and "Request contains an invalid argument" in refusal.said.words
    if not place or not (html_404 or wrong_region):
        return None
    project, location, name = (shlex.quote(part) for part in place.groups())
    return Explained(
        ProblemKind.NOT_FOUND,
        "the gateway knows no such address: the membership was moved or renamed, or its region is wrong",
        f"gcloud container fleet memberships get-credentials {name} --location={location} --project={project}",
    )


def _streams_used_up(refusal: Refusal) -> Explained | None:
    if "active_streams" not in refusal.said.words:
        return None
    return Explained(
        ProblemKind.THROTTLED,
        "all 10 streams of the fleet host project are in use",
        "close a shell, attach or port-forward; or ask for more of the quota "
        "connectgateway.googleapis.com/active_streams",
    )


def _stream(refusal: Refusal) -> Explained | None:
    found = explain_stream(refusal.status, refusal.said.words, refusal.target, refusal.who)
    return None if found is None else Explained(found.kind, found.summary, found.remedy)


def _provider_unregistered(refusal: Refusal) -> Explained | None:
    if refusal.said.code not in ("MissingSubscriptionRegistration", "SubscriptionNotRegistered"):
        return None
    namespaces = _QUOTED.findall(refusal.said.words)
    namespace = namespaces[-1] if namespaces else "Microsoft.ServiceLinker"
    subscription = _SUBSCRIPTION.search(refusal.target)
    place = f" --subscription {shlex.quote(subscription[1])}" if subscription else ""
    return Explained(
        ProblemKind.CONFLICT,
        f"the subscription is not registered to use {namespace}",
        f"az provider register -n {shlex.quote(namespace)}{place}",
    )


def _arm_permission(refusal: Refusal) -> Explained | None:
    if refusal.said.writer is not Writer.ARM or refusal.status != 403:
        return None
    found = _ARM_SCOPE.search(refusal.said.words)
    if not found:
        summary = "Azure: not allowed; if access was just granted, sign in again"
        return Explained(ProblemKind.FORBIDDEN, summary, "az login")
    action, scope = found[1], found[2]
    role = "Reader" if action.endswith("/read") else "Contributor"
    assignee = shlex.quote(refusal.who) if refusal.who else '"$(az ad signed-in-user show --query id -o tsv)"'
    return Explained(
        ProblemKind.FORBIDDEN,
        f"Azure: {refusal.who or 'this account'} may not {action}",
        f"az role assignment create --assignee {assignee} --role {role} --scope {shlex.quote(scope)}",
    )


def _is_google(refusal: Refusal) -> bool:
    return (
        refusal.said.writer is Writer.GOOGLE
        or ".googleapis.com" in refusal.target
        or _PLACE.search(refusal.target) is not None
    )


def _member(who: str) -> str:
    if not who:
        return '"user:$(gcloud config get account)"'
    return shlex.quote(f"{'serviceAccount' if who.endswith('.gserviceaccount.com') else 'user'}:{who}")


def _subject(user: str) -> str:
    account = re.fullmatch(r"system:serviceaccount:([^:]+):([^:]+)", user)
    return shlex.quote(f"--serviceaccount={account[1]}:{account[2]}" if account else f"--user={user}")


_RULES: tuple[Callable[[Refusal], Explained | None], ...] = (
    _anonymous,
    _signed_out,
    _service_disabled,
    _provider_unregistered,
    _impersonation,
    _streams_used_up,
    _stream,
    _agent_down,
    _iam_permission,
    _cluster_rbac,
    _arm_permission,
    _gateway_address,
)
