"""Lines that are known: what they say, why, and what helps; each under a code that stays the same for ever.

Patterns are searched for whatever the case, and are parts of lines, since wordings drift and every program puts its own
words around them. Where several fit, the first of the table is meant: it is the most particular.
"""

from __future__ import annotations

import re

from msgspec import Struct

DOCUMENTED = "documented"
"""Words that the vendor's documentation, or the program's source, quotes."""
REPORTED = "reported"
"""Words that people have reported; the documentation does not promise them."""


class Known(Struct, frozen=True):
    """One known failure. code: "CV107"; never used again for another. pattern: a regular expression. fix: steps and
    commands, one each. source: what the words are known from, `DOCUMENTED` or `REPORTED`, and whose they are."""

    code: str
    title: str
    pattern: str
    cause: str
    fix: tuple[str, ...]
    source: str


_AGENT_EGRESS = "allow the cluster's way out to gkeconnect.googleapis.com:443 and gkehub.googleapis.com:443"
_STREAM_ROLE = (
    "kubectl create role stream -n NAMESPACE --verb=get,create --resource=pods/exec,pods/attach,pods/portforward",
    "kubectl create rolebinding stream -n NAMESPACE --role=stream --user=EMAIL",
)

TABLE: tuple[Known, ...] = (
    # Streams through the gateway
    Known(
        "CV101",
        "no permission to open streams through the gateway",
        r"gkehub\.gateway\.stream.{0,20}denied",
        "exec, attach, cp and port-forward need gkehub.gateway.stream; the gateway's reader and editor roles lack it.",
        ("gcloud projects add-iam-policy-binding PROJECT --member=user:EMAIL --role=roles/gkehub.gatewayAdmin",),
        f"{DOCUMENTED}: Connect gateway",
    ),
    Known(
        "CV102",
        "the cluster refused the stream",
        r"failed to connect to the cluster's API Server with response \(status=403",
        "The API server does not allow this user the subresource: get on pods/exec, pods/attach or pods/portforward; "
        "from Kubernetes 1.35 on create too.",
        _STREAM_ROLE,
        f"{DOCUMENTED}: Connect gateway",
    ),
    Known(
        "CV103",
        "the ten streams of the fleet are taken",
        r"resource_exhausted.{0,200}active_streams|active_streams.{0,200}(?:quota|exceeded)",
        "The fleet's project may have ten streams open at once, shared by everybody who uses it.",
        ("close streams that are not needed, or ask for more of connectgateway.googleapis.com/active_streams",),
        f"{DOCUMENTED}: Connect gateway, quotas",
    ),
    Known(
        "CV104",
        "the agent could not open the stream inside the cluster",
        r"failed_precondition: error encountered within the cluster",
        "The connect agent reached the cluster but could not open the stream there; its own log says why.",
        ("kubectl logs -n gke-connect -l app=gke-connect-agent --tail=-1 | grep 'failed to create the websocket'",),
        f"{DOCUMENTED}: Connect gateway",
    ),
    Known(
        "CV105",
        "the connection to the agent broke",
        r"connection to the agent (?:failed|was broken)",
        "At once: the link between cluster and Google is down. After 20 to 30 minutes: the limit on a stream's life.",
        ("open it again; where that fails at once, look at the agent's log and its way out", _AGENT_EGRESS),
        f"{DOCUMENTED}: Connect gateway",
    ),
    Known(
        "CV106",
        "no agent is connected for this cluster",
        r"cannot find active connections for cluster",
        "The gateway knows the membership but no agent of it is connected: it is gone, scaled to none, cannot get out, "
        "or its credentials are refused.",
        ("kubectl get pods -n gke-connect -l app=gke-connect-agent (by another road)", _AGENT_EGRESS),
        f"{DOCUMENTED}: Connect gateway",
    ),
    Known(
        "CV107",
        "the agent could not open a WebSocket to the API server",
        r"failed to create the websocket connection",
        "Seen in the connect agent's log when exec, attach or port-forward fail: the cluster is too old (streams need "
        "1.30, port-forward 1.31), a network policy or proxy is between, or the user may not open it.",
        ("read the rest of the line: status=403 is a missing role, anything else the way to the API server",),
        f"{DOCUMENTED}: Connect gateway",
    ),
    # The agent's own link
    Known(
        "CV110",
        "the agent's token could not be had",
        r"oauth2: cannot fetch token|invalid JWT signature|invalid_grant",
        "The agent cannot turn its service account into a Google token: the key was removed, the clock is off, "
        "workload identity is not set up, or the token endpoint cannot be reached.",
        ("register the membership again: gcloud container fleet memberships register NAME --enable-workload-identity",),
        f"{REPORTED}: connect agent, oauth2",
    ),
    Known(
        "CV111",
        "the agent may not connect",
        r"gkehub\.endpoints\.connect",
        "The agent's identity lacks gkehub.endpoints.connect on the fleet's project.",
        ("gcloud projects add-iam-policy-binding PROJECT --member=IDENTITY --role=roles/gkehub.connect",),
        f"{REPORTED}: connect agent",
    ),
    Known(
        "CV112",
        "dialling out failed",
        r"dialer: dial failed|dial tcp [^ ]+: (?:i/o timeout|connect: (?:connection (?:refused|timed out)|no route))",
        "A connection could not be opened: a firewall or proxy is between, or nothing listens at that address.",
        (_AGENT_EGRESS, "try it from a pod: curl -v https://ADDRESS:PORT"),
        f"{REPORTED}: connect agent, Go's net",
    ),
    Known(
        "CV113",
        "a name could not be resolved",
        r"dial tcp: lookup .{1,200}(?:no such host|i/o timeout|server misbehaving)"
        r"|Temporary failure in name resolution",
        "DNS did not answer, or knows no such name.",
        ("kubectl get pods -n kube-system -l k8s-app=kube-dns", "kubectl exec POD -- nslookup NAME"),
        f"{DOCUMENTED}: Go's net, glibc",
    ),
    # Images
    Known(
        "CV130",
        "Service Connector's image is at a place that was given up",
        r"scaksextension\.azurecr\.io.{0,200}(?:401|not found|denied)",
        "An old version of the sc-extension points to a registry or tag that is no more.",
        ("az k8s-extension update -n sc-extension -g GROUP -c CLUSTER -t managedClusters --version VERSION",),
        f"{REPORTED}: AKS issues 5276, 5493",
    ),
    Known(
        "CV131",
        "the image could not be pulled",
        r"ErrImagePull|ImagePullBackOff|Failed to pull image|toomanyrequests: You have reached",
        "The name or tag does not exist, the registry wants credentials that the pod has not got, limits how much is "
        "pulled, or cannot be reached from the node.",
        ("kubectl describe pod POD (the events name the registry's answer)", "kubectl get secret -n NAMESPACE"),
        f"{DOCUMENTED}: Kubernetes",
    ),
    # Who may do what
    Known(
        "CV120",
        "the agent may not speak for this user",
        r"cannot impersonate resource",
        "The gateway's agent has no right to impersonate the user: the cluster's RBAC for the gateway is missing.",
        (
            "gcloud container fleet memberships generate-gateway-rbac --membership=M --users=EMAIL "
            "--role=clusterrole/view --context=CONTEXT --kubeconfig=FILE --apply",
        ),
        f"{DOCUMENTED}: Connect gateway",
    ),
    Known(
        "CV121",
        "the cluster's RBAC forbids it",
        r"is forbidden: User .{1,200} cannot \w+ resource",
        "The API server knows who asks, and no role binding allows it.",
        ("kubectl create rolebinding NAME -n NAMESPACE --clusterrole=view --user=USER",),
        f"{DOCUMENTED}: Kubernetes",
    ),
    Known(
        "CV122",
        "Google refused: the permission is missing",
        r"Permission '[\w.]+' denied|code = PermissionDenied|PERMISSION_DENIED",
        "The identity is known, and its roles do not hold the permission that the line names.",
        ("gcloud projects get-iam-policy PROJECT --flatten=bindings --filter=bindings.members:EMAIL",),
        f"{DOCUMENTED}: Google Cloud",
    ),
    Known(
        "CV123",
        "the API is not enabled in the project",
        r"has not been used in project .{1,80} before or it is disabled|SERVICE_DISABLED",
        "A Google API must be enabled in a project before it answers.",
        ("gcloud services enable SERVICE.googleapis.com --project=PROJECT",),
        f"{DOCUMENTED}: Google Cloud",
    ),
    Known(
        "CV124",
        "credentials were not accepted",
        r"code = Unauthenticated|\bUNAUTHENTICATED\b|Unauthorized\b.{0,40}\b401|\b401 Unauthorized"
        r"|must be logged in to the server",
        "No credentials came, or they have expired, or are somebody else's.",
        ("gcloud auth login (people), or look at the service account's token (programs)",),
        f"{DOCUMENTED}: Kubernetes, Google Cloud",
    ),
    Known(
        "CV125",
        "Entra ID refused to sign in",
        r"AADSTS\d{4,7}",
        "Entra ID gave no token; the number tells why (70021 and 700213: no federated credential matches).",
        ("az identity federated-credential list --identity-name NAME --resource-group GROUP",),
        f"{DOCUMENTED}: Entra ID",
    ),
    # What stands in the API server's way
    Known(
        "CV140",
        "a webhook did not answer in time",
        r"failed calling webhook .{0,400}(?:context deadline exceeded|timeout|timed out)",
        "An admission webhook is asked before anything is written; its service does not answer, so nothing is.",
        (
            "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
            "kubectl get pods -n ITS_NAMESPACE",
        ),
        f"{DOCUMENTED}: Kubernetes",
    ),
    Known(
        "CV141",
        "a webhook could not be called",
        r"failed calling webhook",
        "An admission webhook is asked before anything is written, and it could not be: no endpoints, no way there, or "
        "a certificate that is not its own.",
        ("kubectl get endpoints -n ITS_NAMESPACE", "kubectl get validatingwebhookconfigurations -o yaml"),
        f"{DOCUMENTED}: Kubernetes",
    ),
    Known(
        "CV142",
        "an admission webhook said no",
        r"admission webhook .{1,200} denied the request",
        "A policy of the cluster forbids what was asked; the words behind are the policy's own.",
        ("change what is asked as the policy says",),
        f"{DOCUMENTED}: Kubernetes",
    ),
    Known(
        "CV143",
        "the namespace's quota is used up",
        r"exceeded quota:",
        "A ResourceQuota of the namespace leaves no room for what was asked.",
        ("kubectl describe resourcequota -n NAMESPACE",),
        f"{DOCUMENTED}: Kubernetes",
    ),
    Known(
        "CV144",
        "a quota or rate of Google's is used up",
        r"RESOURCE_EXHAUSTED|code = ResourceExhausted|Quota exceeded for quota metric|rateLimitExceeded",
        "Too many were asked for in a while; the quota belongs to the project, whoever asks.",
        ("ask less often, or ask for more of the quota that the line names",),
        f"{DOCUMENTED}: Google Cloud",
    ),
    Known(
        "CV145",
        "no node takes the pod",
        r"\b0/\d+ nodes are available|FailedScheduling|untolerated taint",
        "No node has room or fits: requests, taints, selectors or affinity. An AKS cluster whose pools are all "
        "CriticalAddonsOnly takes no extension.",
        ("kubectl describe pod POD", "kubectl describe nodes | grep -A8 Allocated"),
        f"{DOCUMENTED}: Kubernetes, AKS",
    ),
    # Memory and certificates
    Known(
        "CV150",
        "killed for want of memory",
        r"OOMKilled|Out of memory: Kill|oom-kill|java\.lang\.OutOfMemoryError|JavaScript heap out of memory",
        "The process took more memory than its limit, or than its node had.",
        ("kubectl top pod POD --containers", "raise resources.limits.memory, or find out what grows"),
        f"{DOCUMENTED}: Kubernetes, Linux, JVM, Node.js",
    ),
    Known(
        "CV160",
        "the certificate has expired",
        r"certificate has expired|certificate is not yet valid|CERTIFICATE_VERIFY_FAILED.{0,60}expired",
        "The server's certificate is too old (or the clock is off).",
        ("openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -dates",),
        f"{DOCUMENTED}: Go's crypto/x509, OpenSSL",
    ),
    Known(
        "CV161",
        "the certificate is for another name",
        r"x509: certificate is valid for .{1,300}, not |Hostname mismatch",
        "The certificate that came belongs to somebody else: a proxy, another service, or an address "
        "in place of a name.",
        ("openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -ext subjectAltName",),
        f"{DOCUMENTED}: Go's crypto/x509, OpenSSL",
    ),
    Known(
        "CV162",
        "the certificate's authority is not trusted",
        r"x509: certificate signed by unknown authority|self[- ]signed certificate"
        r"|unable to get local issuer certificate",
        "Who signed the certificate is not known here: a proxy that looks into TLS, a private authority, or a new one.",
        ("give the program the authority's certificate (a ConfigMap, SSL_CERT_FILE), not a switch that trusts all",),
        f"{DOCUMENTED}: Go's crypto/x509, OpenSSL",
    ),
    # Azure's extension
    Known(
        "CV170",
        "the extension's agent did not answer in time",
        r"Unable to get (?:a )?response from the agent in time",
        "The cluster's extension agents have not begun (resources, policy, taints), or their way out is closed.",
        ("kubectl get pods -n kube-system | grep extension-", "kubectl describe pod -n kube-system POD"),
        f"{DOCUMENTED}: AKS extensions",
    ),
    Known(
        "CV171",
        "the extension's chart did not become ready",
        r"BackoffLimitExceeded|Timed out waiting for (?:resource readiness|the (?:resource|condition))",
        "What was installed did not become ready in time: capacity, policy, taints, the image, or wrong settings.",
        ("kubectl get events -n sc-system", "kubectl logs -n sc-system job/sc-job"),
        f"{DOCUMENTED}: AKS extensions",
    ),
    Known(
        "CV172",
        "traffic to Azure is not authorized",
        r"This traffic is not authorized",
        "The extension's requests end at a private link scope that does not let them in.",
        ("look up the data plane's host name from a node: a private address means the scope's DNS zone answers",),
        f"{DOCUMENTED}: AKS extensions",
    ),
)

BY_CODE = {one.code: one for one in TABLE}
_COMPILED = tuple((one, re.compile(one.pattern, re.IGNORECASE)) for one in TABLE)
_ANY = re.compile("|".join(f"(?:{one.pattern})" for one in TABLE), re.IGNORECASE)


def known(text: str) -> Known | None:
    """What is known of a line; None where nothing is."""
    if _ANY.search(text) is None:
        return None
    return next((one for one, pattern in _COMPILED if pattern.search(text)), None)
