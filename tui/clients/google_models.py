"""GKE Hub's JSON to our own memberships, pure and tolerant: a field that is missing, null or new costs its own cell and
nothing else (facts: "GKE Hub memberships REST")."""

from __future__ import annotations

import base64
import binascii
from typing import Any, cast

import yaml
from msgspec import Struct

from tui.clients.json_fields import JsonObject, as_object, child, children, flag, integer, string_map, text
from tui.clients.problem_bodies import words
from tui.clients.timestamps import epoch
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.fleet import Membership, MembershipKind


class MembershipPage(Struct, frozen=True):
    """All memberships of a project. unreachable: locations that GKE Hub could not ask; the rest is still good (gcloud
    drops this silently)."""

    memberships: tuple[Membership, ...]
    unreachable: tuple[str, ...] = ()


class ProjectInfo(Struct, frozen=True):
    """number: as a string, as Google writes it. state: "ACTIVE", "DELETE_REQUESTED", …"""

    id: str
    number: str
    name: str = ""
    state: str = ""


class GatewayAddress(Struct, frozen=True):
    """Where a membership's cluster answers. ca: PEM of the CA to trust, b"" = the system's."""

    server: str
    ca: bytes = b""


_PLATFORMS = {
    "awsClusters": MembershipKind.AWS,
    "azureClusters": MembershipKind.AZURE,
    "attachedClusters": MembershipKind.ATTACHED,
}
_ENDPOINTS = {
    "gkeCluster": MembershipKind.GKE,
    "onPremCluster": MembershipKind.ON_PREM,
    "multiCloudCluster": MembershipKind.ATTACHED,
    "edgeCluster": MembershipKind.EDGE,
    "applianceCluster": MembershipKind.APPLIANCE,
}


def membership_from_api(api: JsonObject) -> Membership:
    """One membership of a list or get answer. Its project and location are those of its own name: a list over all
    locations tells them nowhere else."""
    name = text(api, "name")
    parts = dict(zip(name.split("/")[::2], name.split("/")[1::2], strict=False))
    endpoint = child(api, "endpoint")
    held = next((key for key in _ENDPOINTS if as_object(endpoint.get(key)) is not None), "")
    link = text(endpoint, held, "resourceLink") if held else ""
    kind = _kind(held, link)
    return Membership(
        name=name,
        project=parts.get("projects", ""),
        location=parts.get("locations", ""),
        id=parts.get("memberships", ""),
        kind=kind,
        state=text(api, "state", "code"),
        version=text(endpoint, "kubernetesMetadata", "kubernetesApiServerVersion"),
        node_count=integer(endpoint, "kubernetesMetadata", "nodeCount"),
        last_connection=epoch(text(api, "lastConnectionTime")),
        created=epoch(text(api, "createTime")),
        updated=epoch(text(api, "updateTime")),
        unique_id=text(api, "uniqueId"),
        external_id=text(api, "externalId"),
        description=text(api, "description"),
        resource_link=link,
        cluster_missing=flag(endpoint, held, "clusterMissing") if held else False,
        uses_agent=kind is not MembershipKind.GKE,
        labels=string_map(api, "labels"),
    )


def _kind(held: str, link: str) -> MembershipKind:
    """None of the endpoint's one-of is a cluster that was registered by its kubeconfig: attached."""
    if held == "multiCloudCluster":
        return next((kind for part, kind in _PLATFORMS.items() if f"/{part}/" in link), MembershipKind.ATTACHED)
    return _ENDPOINTS.get(held, MembershipKind.ATTACHED)


def project_from_api(api: JsonObject) -> ProjectInfo:
    """A project as Resource Manager v1 tells it."""
    return ProjectInfo(
        text(api, "projectId"), text(api, "projectNumber"), text(api, "name"), text(api, "lifecycleState")
    )


def gateway_from_api(api: JsonObject, target: str) -> GatewayAddress:
    """The address in an answer of `:generateCredentials`: that of the kubeconfig's current cluster, with its CA; else
    `endpoint`. The kubeconfig's user (an exec plugin) is not needed: requests carry our own token.

    Raises SourceError (PROTOCOL) where neither is there.
    """
    kubeconfig = _kubeconfig(text(api, "kubeconfig"), target)
    current = text(kubeconfig, "current-context")
    context = _named(kubeconfig, "contexts", current)
    cluster = child(_named(kubeconfig, "clusters", text(context, "context", "cluster")), "cluster")
    server = (text(cluster, "server") or text(api, "endpoint")).rstrip("/")
    if not server:
        summary = "the gateway's answer names no server"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=target))
    try:
        return GatewayAddress(server, base64.b64decode(text(cluster, "certificate-authority-data"), validate=True))
    except binascii.Error as exc:
        summary = "the gateway's answer holds a CA that is not base64"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=target)) from exc


def _kubeconfig(encoded: str, target: str) -> JsonObject:
    try:
        loaded = cast("Any", yaml).load(base64.b64decode(encoded), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (binascii.Error, yaml.YAMLError, UnicodeDecodeError) as exc:
        summary = "the gateway's answer holds a kubeconfig that cannot be read"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, words(str(exc)), target=target)) from exc
    return as_object(loaded) or {}


def _named(kubeconfig: JsonObject, section: str, name: str) -> JsonObject:
    """The entry of that name; the only one where none is named."""
    entries = children(kubeconfig, section)
    found = next((entry for entry in entries if text(entry, "name") == name), None)
    return found or (entries[0] if len(entries) == 1 else {})
