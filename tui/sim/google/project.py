"""A Google Cloud project: its number, its enabled APIs, its IAM policy."""

from __future__ import annotations

from collections.abc import Iterable

from tui.sim.google.policy import Policy
from tui.sim.scenario import PersonSpec, ProjectSpec

TITLES = {
    "anthos.googleapis.com": "Anthos API",
    "cloudquotas.googleapis.com": "Cloud Quotas API",
    "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
    "compute.googleapis.com": "Compute Engine API",
    "connectgateway.googleapis.com": "Connect Gateway API",
    "container.googleapis.com": "Kubernetes Engine API",
    "edgecontainer.googleapis.com": "Distributed Cloud Edge Container API",
    "gkeconnect.googleapis.com": "GKE Connect API",
    "gkehub.googleapis.com": "GKE Hub API",
    "gkemulticloud.googleapis.com": "GKE Multi-Cloud API",
    "gkeonprem.googleapis.com": "GDC Virtual API",
    "iam.googleapis.com": "Identity and Access Management (IAM) API",
    "iamcredentials.googleapis.com": "IAM Service Account Credentials API",
    "logging.googleapis.com": "Cloud Logging API",
    "monitoring.googleapis.com": "Cloud Monitoring API",
    "serviceusage.googleapis.com": "Service Usage API",
    "storage.googleapis.com": "Cloud Storage API",
}
"""Every API that can be listed and enabled."""


class Project:
    """State that gcloud can change: services by `enable`, the policy by `setIamPolicy`."""

    def __init__(self, spec: ProjectSpec, people: Iterable[tuple[PersonSpec, str]]) -> None:
        self.id = spec.id
        self.number = spec.number
        self.services = set(spec.services)
        self.policy = Policy((role, member) for person, member in people for role in person.iam)

    @property
    def names(self) -> tuple[str, str]:
        """What a path may call it."""
        return self.id, self.number


def title(service: str) -> str:
    return TITLES.get(service, service)
