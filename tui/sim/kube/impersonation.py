"""Acting as somebody else: by headers of the client, or because an agent in front of the server does so.

k8s.io/apiserver pkg/endpoints/filters/impersonation: every part of the wanted identity is a resource on which the
caller needs the verb "impersonate".
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from multidict import MultiMapping

from tui.sim.kube.attributes import Attributes
from tui.sim.kube.authorise import authorise
from tui.sim.kube.identity import SERVICE_ACCOUNT, User, authenticated
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import ApiError

_USER = "Impersonate-User"
_GROUP = "Impersonate-Group"
_UID = "Impersonate-Uid"
_EXTRA = "impersonate-extra-"
_AUTHENTICATION = "authentication.k8s.io"


def wanted_user(headers: MultiMapping[str]) -> User | None:
    """Whom the headers ask to be; None where they ask for nobody. Raises ApiError 500 for groups without a user."""
    name = headers.get(_USER, "")
    groups = tuple(headers.getall(_GROUP, []))
    uid = headers.get(_UID, "")
    extra: dict[str, tuple[str, ...]] = {}
    for header in headers:
        if header.lower().startswith(_EXTRA):
            key = unquote(header[len(_EXTRA) :]).lower()
            extra[key] = tuple(headers.getall(header, []))
    if not name and (groups or uid or extra):
        raise ApiError(500, "InternalError", "Internal error occurred: requested impersonation without a user")
    return User(name, groups, uid, extra) if name else None


def impersonate(cluster: ClusterState, caller: User, wanted: User) -> User:
    """`wanted`, with the groups its kind of user has. Raises ApiError 403 where `caller` may not act as it."""
    for asked in _asked(wanted):
        authorise(cluster, caller, asked)
    return authenticated(wanted)


def _asked(wanted: User) -> Iterator[Attributes]:
    verb = "impersonate"
    parts = wanted.name.split(":")
    if wanted.name.startswith(SERVICE_ACCOUNT) and len(parts) == 4:
        yield Attributes(verb, "", "v1", "serviceaccounts", "", parts[2], parts[3])
    else:
        yield Attributes(verb, "", "v1", "users", "", "", wanted.name)
    for group in wanted.groups:
        yield Attributes(verb, "", "v1", "groups", "", "", group)
    if wanted.uid:
        yield Attributes(verb, _AUTHENTICATION, "v1", "uids", "", "", wanted.uid)
    for key, values in wanted.extra.items():
        for value in values:
            yield Attributes(verb, _AUTHENTICATION, "v1", "userextras", key, "", value)
