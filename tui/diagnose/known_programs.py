"""Known lines of programs whatever they run on: the network, the services they call, memory, certificates."""

from __future__ import annotations

from tui.diagnose.entries import Known, Page, documented, general, recorded, reported, source
from tui.diagnose.known_gateway import AGENT_EGRESS

NETWORK: tuple[Known, ...] = (
    Known(
        "CV112",
        "dialling out failed",
        r"dialer: dial failed|dial tcp [^ ]+: (?:i/o timeout|connect: (?:connection (?:refused|timed out)|no route))",
        "A connection could not be opened: a firewall or proxy is between, or nothing listens at that address.",
        (AGENT_EGRESS, "try it from a pod: curl -v https://ADDRESS:PORT"),
        general("connect agent, Go's net"),
    ),
    Known(
        "CV113",
        "a name could not be resolved",
        r"dial tcp: lookup .{1,200}(?:no such host|i/o timeout|server misbehaving)"
        r"|Temporary failure in name resolution",
        "DNS did not answer, or knows no such name.",
        ("kubectl get pods -n kube-system -l k8s-app=kube-dns", "kubectl exec POD -- nslookup NAME"),
        general("Go's net, glibc"),
    ),
)

GOOGLE: tuple[Known, ...] = (
    Known(
        "CV122",
        "Google refused: the permission is missing",
        r"Permission '[\w.]+' denied|code = PermissionDenied|PERMISSION_DENIED",
        "The identity is known, and its roles do not hold the permission that the line names.",
        ("gcloud projects get-iam-policy PROJECT --flatten=bindings --filter=bindings.members:EMAIL",),
        reported("users without gkehub.memberships.list"),
    ),
    Known(
        "CV123",
        "the API is not enabled in the project",
        r"has not been used in project .{1,80} before or it is disabled|SERVICE_DISABLED",
        "A Google API must be enabled in a project before it answers.",
        ("gcloud services enable SERVICE.googleapis.com --project=PROJECT",),
        source("Cloud SDK, which looks for this sentence"),
    ),
    Known(
        "CV124",
        "credentials were not accepted",
        r"code = Unauthenticated|\bUNAUTHENTICATED\b|Unauthorized\b.{0,40}\b401|\b401 Unauthorized"
        r"|must be logged in to the server",
        "No credentials came, or they have expired, or are somebody else's.",
        ("gcloud auth login (people), or look at the service account's token (programs)",),
        recorded("Kubernetes 1.36, kubectl"),
    ),
    Known(
        "CV144",
        "a quota or rate of Google's is used up",
        r"RESOURCE_EXHAUSTED|code = ResourceExhausted|Quota exceeded for quota metric|rateLimitExceeded",
        "Too many were asked for in a while; the quota belongs to the project, whoever asks.",
        ("ask less often, or ask for more of the quota that the line names",),
        general("Google Cloud, gRPC"),
    ),
)

PROGRAMS: tuple[Known, ...] = (
    Known(
        "CV150",
        "killed for want of memory",
        r"OOMKilled|Out of memory: Kill|oom-kill|java\.lang\.OutOfMemoryError|JavaScript heap out of memory",
        "The process took more memory than its limit, or than its node had.",
        ("kubectl top pod POD --containers", "raise resources.limits.memory, or find out what grows"),
        documented(Page.MEMORY),
    ),
    Known(
        "CV160",
        "the certificate has expired",
        r"certificate has expired|certificate is not yet valid|CERTIFICATE_VERIFY_FAILED.{0,60}expired",
        "The server's certificate is too old (or the clock is off).",
        ("openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -dates",),
        source("Go's crypto/x509"),
    ),
    Known(
        "CV161",
        "the certificate is for another name",
        r"x509: certificate is valid for .{1,300}, not |Hostname mismatch",
        "The certificate that came belongs to somebody else: a proxy, another service, or an address "
        "in place of a name.",
        ("openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -ext subjectAltName",),
        source("Go's crypto/x509"),
    ),
    Known(
        "CV162",
        "the certificate's authority is not trusted",
        r"x509: certificate signed by unknown authority|self[- ]signed certificate"
        r"|unable to get local issuer certificate",
        "Who signed the certificate is not known here: a proxy that looks into TLS, a private authority, or a new one.",
        ("give the program the authority's certificate (a ConfigMap, SSL_CERT_FILE), not a switch that trusts all",),
        source("Go's crypto/x509"),
    ),
)
