"""Who a request is from: bearer token, client certificate or nobody; and as whom it wants to act.

Order and group rules are those of k8s.io/apiserver pkg/authentication and pkg/endpoints/filters/impersonation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

ANONYMOUS = "system:anonymous"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
SERVICE_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """An identity as the cluster sees it. extra: values that authentication adds, by key."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


NOBODY = User(ANONYMOUS, (UNAUTHENTICATED,))


class Headers(Protocol):
    """Request headers: case-insensitive, several values of a name."""

    def get(self, key: str, /) -> str | None: ...

    def getall(self, key: str, default: list[str], /) -> list[str]: ...

    def keys(self) -> object: ...


def authenticated(user: User) -> User:
    """With the groups every authenticated user has."""
    groups = user.groups
    if user.name == ANONYMOUS:
        wanted = (UNAUTHENTICATED,)
    elif user.name.startswith(SERVICE_ACCOUNT) and user.name.count(":") == 3:
        wanted = ("system:serviceaccounts", f"system:serviceaccounts:{user.name.split(':')[2]}", AUTHENTICATED)
    else:
        wanted = (AUTHENTICATED,)
    return replace(user, groups=groups + tuple(group for group in wanted if group not in groups))


def bearer_token(headers: Headers) -> str | None:
    """The token of an Authorization header, "" for an empty one; None where there is no such header."""
    scheme, _, token = (headers.get("Authorization") or "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def service_account_name(namespace: str, name: str) -> str:
    return f"{SERVICE_ACCOUNT}{namespace}:{name}"
