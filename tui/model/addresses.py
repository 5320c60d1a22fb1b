"""What a cluster goes by at the end of its road, told from the address of its API server."""

from __future__ import annotations

from urllib.parse import urlsplit

_GATEWAY = ("memberships", "gkeMemberships")


def names_at(server: str, cluster: str = "") -> frozenset[str]:
    """A kubeconfig's name for the cluster and the host of its URL; through the Connect gateway, whose host all clusters
    share, the membership that the URL names. A URL that is none has no host."""
    try:
        parts = urlsplit(server)
        host = parts.hostname or ""
    except ValueError:
        return frozenset({cluster} - {""})
    folder, _, member = parts.path.rstrip("/").rpartition("/")
    return frozenset({cluster, member if folder.rpartition("/")[2] in _GATEWAY else host} - {""})
