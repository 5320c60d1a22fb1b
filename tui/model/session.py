"""Who we are and what we use of the shared quota: the right-hand side of the header."""

from __future__ import annotations

from msgspec import Struct


class Identity(Struct, frozen=True):
    """google / azure: the account in use or "" where none. *_source says where the credential came from
    ("application-default credentials", "gcloud", "CLOUDSDK_AUTH_ACCESS_TOKEN", "az", "managed identity", …).
    token_expires: epoch seconds of the Google token's end, None where it has none."""

    google: str = ""
    google_source: str = ""
    azure: str = ""
    azure_source: str = ""
    token_expires: float | None = None


class Meter(Struct, frozen=True):
    """Requests sent through the Connect gateway in the last 60 s against our share, and open streams (of all processes
    of this user, as soon as this one has any) against our share of the 10 that a fleet host project has (facts/google
    section 7). waiting, streams_waiting: of this process, for their turn."""

    requests_per_minute: int = 0
    requests_allowed: int = 600
    streams: int = 0
    streams_allowed: int = 10
    waiting: int = 0
    streams_waiting: int = 0
