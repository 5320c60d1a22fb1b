"""Who is asking: the scenario's people, their tokens and certificates, and tokens minted for others.

Opaque tokens of people are random and kept (in the state folder, if there is one). Minted tokens (service account
impersonation, managed identity) are signed instead of remembered, as the clouds do it: they outlive a restart of
the server, and end at their own time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.sim.ca import write_private
from tui.sim.scenario import PersonSpec


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated identity. person: the scenario's own words about it, where it is one of the scenario's."""

    email: str
    person: PersonSpec | None = None

    @property
    def member(self) -> str:
        """As an IAM policy names it."""
        kind = "serviceAccount" if self.email.endswith(".gserviceaccount.com") else "user"
        return f"{kind}:{self.email}"

    @property
    def object_id(self) -> str:
        """As Azure names it."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"clusterview:{self.email}"))


class ExpiredToken(Exception):
    """A minted token past its end; carries that end (seconds since the epoch)."""

    def __init__(self, expiry: float) -> None:
        super().__init__(f"expired at {expiry}")
        self.expiry = expiry


class People:
    """Everybody who may ask, by token.

    state: a file that keeps tokens and the signing key between starts; None = new ones at each start.
    """

    def __init__(
        self, specs: Iterable[PersonSpec], state: Path | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self.specs = {spec.id: spec for spec in specs}
        self._now = now
        kept = _read(state)
        self.tokens: dict[str, str] = {
            person: kept.get(f"token:{person}") or f"ya29.sim-{person}-{secrets.token_urlsafe(24)}"
            for person in self.specs
        }
        self._key = bytes.fromhex(kept.get("key") or secrets.token_hex(32))
        self.control_secret = kept.get("control") or secrets.token_urlsafe(24)
        if state is not None:
            known = {f"token:{person}": token for person, token in self.tokens.items()}
            kept = {**kept, **known, "key": self._key.hex(), "control": self.control_secret}
            write_private(state, json.dumps(kept, indent=1).encode())
        self.identity_headers = {
            person: _encode(hmac.new(self._key, f"identity:{person}".encode(), hashlib.sha256).digest())
            for person in self.specs
        }
        self._by_token = {token: Caller(self.specs[id].email, self.specs[id]) for id, token in self.tokens.items()}

    def by_token(self, token: str, *, azure: bool = False) -> Caller | None:
        """Whose bearer token this is; None for nobody's. Raises ExpiredToken.

        azure: Azure takes tokens made for an audience and no others; Google, and clusters, take the rest.
        """
        caller = self._by_token.get(token)
        if caller is not None:
            return None if azure else caller
        claims = self._verified(token)
        if claims is None or ("aud" in claims) != azure:
            return None
        if claims["exp"] <= self._now():
            raise ExpiredToken(claims["exp"])
        return self.by_email(claims["sub"])

    def by_email(self, email: str) -> Caller:
        """An identity the program is sure of, by its name."""
        return Caller(email, next((spec for spec in self.specs.values() if spec.email == email), None))

    def by_identity_header(self, secret: str) -> Caller | None:
        """Whose managed-identity secret this is."""
        for person, known in self.identity_headers.items():
            if hmac.compare_digest(known.encode(), secret.encode(errors="replace")):
                return Caller(self.specs[person].email, self.specs[person])
        return None

    def token_of(self, email: str) -> str:
        """The bearer token of a person known by email. Raises KeyError."""
        return self.tokens[next(id for id, spec in self.specs.items() if spec.email == email)]

    def resolve(self, name: str) -> str:
        """The email of a person given by id or by email (faults and environments name people either way)."""
        spec = self.specs.get(name)
        return spec.email if spec else name

    def mint(self, email: str, lifetime: float, **claims: object) -> tuple[str, float]:
        """(a signed token in the form of a JWT, when it ends). lifetime: seconds."""
        expiry = int(self._now() + lifetime)
        body = {"sub": email, "iat": int(self._now()), "nbf": int(self._now()), "exp": expiry, **claims}
        head = _encode(json.dumps({"typ": "JWT", "alg": "HS256", "kid": "sim"}).encode())
        signed = f"{head}.{_encode(json.dumps(body).encode())}"
        return f"{signed}.{self._signature(signed)}", expiry

    def _signature(self, signed: str) -> str:
        return _encode(hmac.new(self._key, signed.encode(errors="replace"), hashlib.sha256).digest())

    def _verified(self, token: str) -> dict[str, Any] | None:
        signed, _, signature = token.rpartition(".")
        if signed.count(".") != 1 or not hmac.compare_digest(
            self._signature(signed).encode(), signature.encode(errors="replace")
        ):
            return None
        body = signed.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return claims


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(state: Path | None) -> dict[str, str]:
    if state is None or not state.exists():
        return {}
    kept: dict[str, str] = json.loads(state.read_bytes())
    return kept
