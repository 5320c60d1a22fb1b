"""The bearer tokens one cluster knows: those it was given, and those it makes for service accounts.

A service account token is a JSON Web Token with the real claims, so that a client which reads its expiry or its
subject from it can; its signature is random, since nobody but this server is asked to verify it.
"""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tui.sim.kube.identity import User, authenticated, service_account_name
from tui.sim.kube.status import Obj

ISSUER = "https://kubernetes.default.svc.cluster.local"
"""Issuer and default audience of service account tokens (recorded: tokenreview)."""


@dataclass
class Tokens:
    """users: token -> whose it is. expires: token -> when, in seconds since the epoch; others are good for ever.
    _holders: uid of an account or of a bound object -> the tokens that die with it."""

    now: Callable[[], float]
    rng: random.Random
    users: dict[str, User] = field(default_factory=dict[str, User])
    expires: dict[str, float] = field(default_factory=dict[str, float])
    _holders: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def user(self, token: str) -> User | None:
        """Whose token this is; None where it is unknown or has expired."""
        found = self.users.get(token)
        if found is None or self.expires.get(token, float("inf")) <= self.now():
            return None
        return authenticated(found)

    def issue(self, account: Obj, audiences: list[str], seconds: float, bound_to: Obj | None = None) -> str:
        """A new token for a ServiceAccount. bound_to: the pod or secret with which it dies."""
        metadata = account["metadata"]
        namespace, name = str(metadata["namespace"]), str(metadata["name"])
        now = int(self.now())
        private: Obj = {"namespace": namespace, "serviceaccount": {"name": name, "uid": metadata["uid"]}}
        if bound_to:
            private[str(bound_to.get("kind", "")).lower()] = {"name": bound_to.get("name"), "uid": bound_to.get("uid")}
        subject = service_account_name(namespace, name)
        jti = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        claims: Obj = {
            "aud": audiences or [ISSUER],
            "exp": now + int(seconds),
            "iat": now,
            "iss": ISSUER,
            "jti": jti,
            "kubernetes.io": private,
            "nbf": now,
            "sub": subject,
        }
        header = {"alg": "RS256", "kid": "simulated"}
        token = ".".join((_part(header), _part(claims), _encoded(self.rng.randbytes(256))))
        extra = {"authentication.kubernetes.io/credential-id": (f"JTI={jti}",)}
        self.users[token] = User(subject, uid=str(metadata["uid"]), extra=extra)
        self.expires[token] = now + seconds
        for holder in (metadata["uid"], (bound_to or {}).get("uid")):
            if holder:
                self._holders.setdefault(str(holder), set()).add(token)
        return token

    def revoke(self, uid: str) -> None:
        """The service account, or the object a token was bound to, is gone: so are its tokens."""
        for token in self._holders.pop(uid, ()):
            self.users.pop(token, None)
            self.expires.pop(token, None)


def _part(claims: Mapping[str, object]) -> str:
    return _encoded(json.dumps(claims, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
