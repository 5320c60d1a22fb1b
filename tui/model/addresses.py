"""What the address of a cluster's API server tells: what the cluster goes by at the end of its road, and whether that
leads through the Connect gateway."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct

_GATEWAY = re.compile(r"/v\w+/projects/([^/]+)/(?:locations/([^/]+)/)?(?:gkeM|m)emberships/([^/]+)")
_PROJECT_ID = re.compile(r"[a-z][a-z0-9.:-]+")
_NAMED_BY_GCLOUD = "connectgateway_"
_GOOGLE = ".googleapis.com"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class GatewayPlace(Struct, frozen=True):
    """A membership, as its address at the Connect gateway names it. host: the gateway's, as `host_at` has it. project:
    the fleet host project, by its number; by its id in an address that somebody wrote himself, which no gateway of
    Google's answers. location: "" in what old versions of gcloud wrote.

    Source: facts, "Server URL". The host says nothing: it is regional, private or overridden as often as not.
    """

    host: str
    project: str
    location: str
    membership: str

    @property
    def quota(self) -> str:
        """What its requests and streams count on, the same on every road: the project as the address has it, and where
        the gateway is not Google's, which one that is."""
        return self.project if is_google(self.host) else f"{self.project}@{self.host}"


def gateway_at(server: str) -> GatewayPlace | None:
    """The membership whose cluster answers at the URL `server`; None where that is no address of a Connect gateway."""
    host = host_at(server)
    found = _GATEWAY.fullmatch(urlsplit(server).path.rstrip("/")) if host else None
    return GatewayPlace(host, found[1], found[2] or "", found[3]) if found is not None else None


def host_at(url: str) -> str:
    """The host of `url`, with its port where that is not its scheme's own; "" where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    name = (parts.hostname or "").rstrip(".")
    host = f"[{name}]" if ":" in name else name
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def is_google(host: str) -> bool:
    """Whether `host`, as `host_at` has it, is one of Google's: all of them are one gateway, and one cloud."""
    return host.partition(":")[0].endswith(_GOOGLE)


def named_project(place: GatewayPlace, *names: str) -> str:
    """What may be the id of the project of `place`, "" where none of `names` has one. names: of kubeconfig entries that
    lead there, which gcloud calls `connectgateway_ID_LOCATION_MEMBERSHIP`. Somebody may have called them otherwise: it
    is to be read, and nothing is to be decided by it."""
    behind = f"_{place.location}_{place.membership}"
    for name in names:
        named = name.partition("_ns-")[0]  # a context's with a namespace
        if named.startswith(_NAMED_BY_GCLOUD) and named.endswith(behind):
            told = named[len(_NAMED_BY_GCLOUD) : -len(behind)]
            if _PROJECT_ID.fullmatch(told):
                return told
    return ""


def names_at(server: str, cluster: str = "") -> frozenset[str]:
    """A kubeconfig's name for the cluster and the host of its URL; through the Connect gateway, whose host all clusters
    share, the membership that the URL names. A URL that is none has no host."""
    place = gateway_at(server)
    if place is not None:
        return frozenset({cluster, place.membership} - {""})
    try:
        host = urlsplit(server).hostname or ""
    except ValueError:
        host = ""
    return frozenset({cluster, host} - {""})
