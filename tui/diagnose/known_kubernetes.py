"""Known lines of Kubernetes: images, permissions, admission, quotas, scheduling."""

from __future__ import annotations

from tui.diagnose.entries import Known, Page, documented, recorded, reported

KUBERNETES: tuple[Known, ...] = (
    Known(
        "CV131",
        "the image could not be pulled",
        r"ErrImagePull|ImagePullBackOff|Failed to pull image|toomanyrequests: You have reached",
        "The name or tag does not exist, the registry wants credentials that the pod has not got, limits how much is "
        "pulled, or cannot be reached from the node.",
        ("kubectl describe pod POD (the events name the registry's answer)", "kubectl get secret -n NAMESPACE"),
        recorded("Kubernetes 1.36"),
    ),
    Known(
        "CV121",
        "the cluster's RBAC forbids it",
        r"is forbidden: User .{1,200} cannot \w+ resource",
        "The API server knows who asks, and no role binding allows it.",
        ("kubectl create rolebinding NAME -n NAMESPACE --clusterrole=view --user=USER",),
        recorded("Kubernetes 1.36"),
    ),
    Known(
        "CV140",
        "a webhook did not answer in time",
        r"failed calling webhook .{0,400}(?:context deadline exceeded|timeout|timed out)",
        "An admission webhook is asked before anything is written; its service does not answer, so nothing is.",
        (
            "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
            "kubectl get pods -n ITS_NAMESPACE",
        ),
        reported("knative/serving 13045, volcano-sh/volcano 3358"),
    ),
    Known(
        "CV141",
        "a webhook could not be called",
        r"failed calling webhook",
        "An admission webhook is asked before anything is written, and it could not be: no endpoints, no way there, or "
        "a certificate that is not its own.",
        ("kubectl get endpoints -n ITS_NAMESPACE", "kubectl get validatingwebhookconfigurations -o yaml"),
        reported("knative/serving 13045, volcano-sh/volcano 3358"),
    ),
    Known(
        "CV142",
        "an admission webhook said no",
        r"admission webhook .{1,200} denied the request",
        "A policy of the cluster forbids what was asked; the words behind are the policy's own.",
        ("change what is asked as the policy says",),
        documented(Page.KNATIVE),
    ),
    Known(
        "CV143",
        "the namespace's quota is used up",
        r"exceeded quota:",
        "A ResourceQuota of the namespace leaves no room for what was asked.",
        ("kubectl describe resourcequota -n NAMESPACE",),
        documented(Page.QUOTA),
    ),
    Known(
        "CV145",
        "no node takes the pod",
        r"\b0/\d+ nodes are available|FailedScheduling|untolerated taint",
        "No node has room or fits: requests, taints, selectors or affinity. An AKS cluster whose pools are all "
        "CriticalAddonsOnly takes no extension.",
        ("kubectl describe pod POD", "kubectl describe nodes | grep -A8 Allocated"),
        documented(Page.EXTENSIONS),
    ),
)
