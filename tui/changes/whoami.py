"""Under which name a cluster knows us, for the journal: the account of the credentials, else what the cluster says."""

from __future__ import annotations

from tui.errors import SourceError
from tui.model.bodies import text
from tui.model.cluster import ClusterRef
from tui.model.writes import Write, WritePort

PATH = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


class Whoami:
    """Asks each cluster once, and only where the credentials name nobody (a token or certificate of a kubeconfig)."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    async def of(self, cluster: ClusterRef, port: WritePort) -> str:
        """The name, "" where it cannot be learned: that is no reason not to make a change."""
        if port.account:
            return port.account
        name = self._names.get(cluster.key)
        if name is None:
            name = self._names[cluster.key] = await _asked(port)
        return name


async def _asked(port: WritePort) -> str:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    try:
        answer = await port.write(Write("POST", PATH, body))
    except SourceError:
        return ""  # older than 1.28, or not for us
    return text(answer.body, "status", "userInfo", "username")
