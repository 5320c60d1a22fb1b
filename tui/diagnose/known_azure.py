"""Known lines of Azure's extensions, Service Connector and Entra ID."""

from __future__ import annotations

from tui.diagnose.entries import Known, Page, documented, reported

AZURE: tuple[Known, ...] = (
    Known(
        "CV125",
        "Entra ID refused to sign in",
        r"AADSTS\d{4,7}",
        "Entra ID gave no token; the number tells why (70021 and 700213: no federated credential matches).",
        ("az identity federated-credential list --identity-name NAME --resource-group GROUP",),
        documented(Page.ENTRA),
    ),
    Known(
        "CV130",
        "Service Connector's image is at a place that was given up",
        r"scaksextension\.azurecr\.io.{0,200}(?:401|not found|denied)",
        "An old version of the sc-extension points to a registry or tag that is no more.",
        ("az k8s-extension update -n sc-extension -g GROUP -c CLUSTER -t managedClusters --version VERSION",),
        reported("Azure/AKS 5276, 5493"),
    ),
    Known(
        "CV170",
        "the extension's agent did not answer in time",
        r"Unable to get (?:a )?response from the agent in time",
        "The cluster's extension agents have not begun (resources, policy, taints), or their way out is closed.",
        ("kubectl get pods -n kube-system | grep extension-", "kubectl describe pod -n kube-system POD"),
        documented(Page.CONNECTOR),
    ),
    Known(
        "CV171",
        "the extension's chart did not become ready",
        r"BackoffLimitExceeded|Timed out waiting for (?:resource readiness|the (?:resource|condition))",
        "What was installed did not become ready in time: capacity, policy, taints, the image, or wrong settings.",
        ("kubectl get events -n sc-system", "kubectl logs -n sc-system job/sc-job"),
        documented(Page.CONNECTOR),
    ),
    Known(
        "CV172",
        "traffic to Azure is not authorized",
        r"This traffic is not authorized",
        "The extension's requests end at a private link scope that does not let them in.",
        ("look up the data plane's host name from a node: a private address means the scope's DNS zone answers",),
        documented(Page.EXTENSIONS),
    ),
)
