"""Known lines of the Connect gateway, its streams, and the connect agent."""

from __future__ import annotations

from tui.diagnose.entries import Known, Page, described, documented, general, reported

AGENT_EGRESS = "allow the cluster's way out to gkeconnect.googleapis.com:443 and gkehub.googleapis.com:443"
_STREAM_ROLE = (
    "kubectl create role stream -n NAMESPACE --verb=get,create --resource=pods/exec,pods/attach,pods/portforward",
    "kubectl create rolebinding stream -n NAMESPACE --role=stream --user=EMAIL",
)

GATEWAY: tuple[Known, ...] = (
    Known(
        "CV101",
        "no permission to open streams through the gateway",
        r"gkehub\.gateway\.stream.{0,20}denied",
        "exec, attach, cp and port-forward need gkehub.gateway.stream; the gateway's reader and editor roles lack it.",
        ("gcloud projects add-iam-policy-binding PROJECT --member=user:EMAIL --role=roles/gkehub.gatewayAdmin",),
        documented(Page.STREAMS),
    ),
    Known(
        "CV102",
        "the cluster refused the stream",
        r"failed to connect to the cluster's API Server with response \(status=403",
        "The API server does not allow this user the subresource: get on pods/exec, pods/attach or pods/portforward; "
        "from Kubernetes 1.35 on create too.",
        _STREAM_ROLE,
        documented(Page.STREAMS),
    ),
    Known(
        "CV103",
        "the ten streams of the fleet are taken",
        r"resource_exhausted.{0,200}active_streams|active_streams.{0,200}(?:quota|exceeded)",
        "The fleet's project may have ten streams open at once, shared by everybody who uses it.",
        ("close streams that are not needed, or ask for more of connectgateway.googleapis.com/active_streams",),
        documented(Page.STREAMS),
    ),
    Known(
        "CV104",
        "the agent could not open the stream inside the cluster",
        r"failed_precondition: error encountered within the cluster",
        "The connect agent reached the cluster but could not open the stream there; its own log says why.",
        ("kubectl logs -n gke-connect -l app=gke-connect-agent --tail=-1 | grep 'failed to create the websocket'",),
        documented(Page.STREAMS),
    ),
    Known(
        "CV105",
        "the connection to the agent broke",
        r"connection to the agent (?:failed|was broken)",
        "At once: the link between cluster and Google is down. After 20 to 30 minutes: the limit on a stream's life.",
        ("open it again; where that fails at once, look at the agent's log and its way out", AGENT_EGRESS),
        described(Page.STREAMS),
    ),
    Known(
        "CV106",
        "no agent is connected for this cluster",
        r"cannot find active connections for cluster",
        "The gateway knows the membership but no agent of it is connected: it is gone, scaled to none, cannot get out, "
        "or its credentials are refused.",
        ("kubectl get pods -n gke-connect -l app=gke-connect-agent (by another road)", AGENT_EGRESS),
        documented(Page.GATEWAY),
    ),
    Known(
        "CV107",
        "the agent could not open a WebSocket to the API server",
        r"failed to create the websocket connection",
        "Seen in the connect agent's log when exec, attach or port-forward fail: the cluster is too old (streams need "
        "1.30, port-forward 1.31), a network policy or proxy is between, or the user may not open it.",
        ("read the rest of the line: status=403 is a missing role, anything else the way to the API server",),
        documented(Page.STREAMS),
    ),
    Known(
        "CV110",
        "the agent's token could not be had",
        r"oauth2: cannot fetch token|invalid JWT signature|invalid_grant",
        "The agent cannot turn its service account into a Google token: the key was removed, the clock is off, "
        "workload identity is not set up, or the token endpoint cannot be reached.",
        ("register the membership again: gcloud container fleet memberships register NAME --enable-workload-identity",),
        general("connect agent, oauth2"),
    ),
    Known(
        "CV111",
        "the agent may not connect",
        r"gkehub\.endpoints\.connect",
        "The agent's identity lacks gkehub.endpoints.connect on the fleet's project.",
        ("gcloud projects add-iam-policy-binding PROJECT --member=IDENTITY --role=roles/gkehub.connect",),
        general("connect agent"),
    ),
    Known(
        "CV120",
        "the agent may not speak for this user",
        r"cannot impersonate resource",
        "The gateway's agent has no right to impersonate the user: the cluster's RBAC for the gateway is missing.",
        (
            "gcloud container fleet memberships generate-gateway-rbac --membership=M --users=EMAIL "
            "--role=clusterrole/view --context=CONTEXT --kubeconfig=FILE --apply",
        ),
        reported("kubernetes/kubernetes 104127"),
    ),
)
