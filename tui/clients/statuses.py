"""From an HTTP status (or a gRPC code written as text) to the kind of problem it is."""

from __future__ import annotations

from tui.errors import ProblemKind


def kind_of_status(status: int, code: str = "") -> ProblemKind:
    """The kind of an HTTP status; a `generic::` code outranks the 400 it comes with."""
    if status in (0, 400) and code in _KIND_OF_GENERIC:
        return _KIND_OF_GENERIC[code]
    if status in _KIND_OF_STATUS:
        return _KIND_OF_STATUS[status]
    if 400 <= status < 500:
        return ProblemKind.INVALID
    return ProblemKind.SERVER if status >= 500 else ProblemKind.PROTOCOL


_KIND_OF_STATUS = {
    401: ProblemKind.SIGNED_OUT,
    403: ProblemKind.FORBIDDEN,
    404: ProblemKind.NOT_FOUND,
    407: ProblemKind.UNREACHABLE,
    408: ProblemKind.TIMEOUT,
    409: ProblemKind.CONFLICT,
    410: ProblemKind.EXPIRED,
    412: ProblemKind.CONFLICT,
    429: ProblemKind.THROTTLED,
    504: ProblemKind.TIMEOUT,
}

_KIND_OF_GENERIC = {
    "permission_denied": ProblemKind.FORBIDDEN,
    "unauthenticated": ProblemKind.SIGNED_OUT,
    "not_found": ProblemKind.NOT_FOUND,
    "resource_exhausted": ProblemKind.THROTTLED,
    "unavailable": ProblemKind.SERVER,
    "internal": ProblemKind.SERVER,
    "deadline_exceeded": ProblemKind.TIMEOUT,
}

_SUMMARY = {
    ProblemKind.SIGNED_OUT: "the server refused the credentials",
    ProblemKind.FORBIDDEN: "not allowed",
    ProblemKind.NOT_FOUND: "not found",
    ProblemKind.CONFLICT: "in conflict with the present state",
    ProblemKind.EXPIRED: "the version asked for is too old",
    ProblemKind.INVALID: "the server rejected the request",
    ProblemKind.THROTTLED: "too many requests; the server asks to wait",
    ProblemKind.TIMEOUT: "the server gave up waiting",
    ProblemKind.SERVER: "the server failed",
    ProblemKind.UNREACHABLE: "a proxy on the way asks for credentials",
    ProblemKind.PROTOCOL: "a redirection, which no API answers with: a sign-in page, or a wrong address",
}


def plain_summary(kind: ProblemKind) -> str:
    """One line for a refusal of which nothing more is known than its kind."""
    return _SUMMARY[kind]
