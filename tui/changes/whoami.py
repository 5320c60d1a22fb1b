"""Under which name a cluster knows us, for the journal: the account of the credentials, else what the cluster says."""

from __future__ import annotations

import msgspec

from tui.changes.reading import decode
from tui.errors import SourceError
from tui.model.bodies import text
from tui.model.cluster import ClusterRef
from tui.model.writes import ChangePort

PATH = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


class Whoami:
    """Asks each cluster once, and only where the credentials name nobody (a token or certificate of a kubeconfig)."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    async def of(self, cluster: ClusterRef, port: ChangePort) -> str:
        """The name, "" where it cannot be learned: that is no reason not to make a change."""
        if port.account:
            return port.account
        name = self._names.get(cluster.key)
        if name is None:
            name = self._names[cluster.key] = await _asked(port)
        return name


async def _asked(port: ChangePort) -> str:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    try:
        answer = decode(await port.review(PATH, msgspec.json.encode(body)), PATH)
    except SourceError:
        return ""  # older than 1.28, or not for us
    return text(answer, "status", "userInfo", "username")
