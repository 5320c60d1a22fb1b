"""What went wrong where no server answered: the operating system's, the resolver's and TLS's own words, made plain.

aiohttp wraps each of these in classes of its own; what a person can act on is the error beneath.
"""

from __future__ import annotations

import errno
import socket
import ssl

from tui.clients.problem_bodies import words
from tui.errors import Problem, ProblemKind

_BY_ERRNO = {
    errno.ECONNREFUSED: "connection refused: nothing listens there",
    errno.ECONNRESET: "connection reset by the other side",
    errno.EPIPE: "connection closed by the other side",
    errno.ENETUNREACH: "no route: this machine has no network to it",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ETIMEDOUT: "the connection timed out",
    errno.ECONNABORTED: "connection aborted",
    errno.EMFILE: "this process has too many open files",
}

_CERTIFICATE_REASONS = {
    "self-signed certificate": "it is self-signed, or signed by a CA that this machine does not know",
    "self signed certificate": "it is self-signed, or signed by a CA that this machine does not know",
    "unable to get local issuer": "its issuer is not among the trusted CAs",
    "unable to get issuer": "its issuer is not among the trusted CAs",
    "has expired": "it has expired",
    "not yet valid": "it is not valid yet; is this machine's clock right?",
    "hostname mismatch": "it was issued for another name",
    "ip address mismatch": "it was issued for another address",
}


def problem_from_exception(exc: BaseException, *, target: str) -> Problem:
    """The `Problem` of an exception of aiohttp, asyncio, ssl or the operating system.

    kind: UNREACHABLE where nothing answered, TIMEOUT where time ran out, PROTOCOL where what answered speaks no HTTP,
    BUG for anything that is none of these (the caller should not have caught it). target: a URL without its query.
    """
    return (
        _from_certificate(exc, target)
        or _from_http(exc, target)
        or _from_dns(exc, target)
        or _from_timeout(exc, target)
        or _from_os(exc, target)
        or Problem(ProblemKind.BUG, f"{type(exc).__name__}", words(str(exc)), target=target)
    )


def _beneath(exc: BaseException) -> list[BaseException]:
    """`exc` and what it wraps: aiohttp keeps the original in `os_error`, `certificate_error` or as the cause."""
    found: list[BaseException] = []
    queue: list[object] = [exc]
    while queue:
        one = queue.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            queue += [getattr(one, name, None) for name in ("os_error", "certificate_error")]
            queue += [one.__cause__, *one.args]
    return found


def _said(exc: BaseException) -> str:
    """The words of the error beneath: aiohttp's own name the TLS context by its address in memory."""
    plain = [one for one in _beneath(exc) if not type(one).__module__.startswith("aiohttp")]
    return words(str(plain[0] if plain else exc))


def _unreachable(summary: str, exc: BaseException, target: str) -> Problem:
    return Problem(ProblemKind.UNREACHABLE, summary, _said(exc), target=target)


def _from_certificate(exc: BaseException, target: str) -> Problem | None:
    beneath = _beneath(exc)
    said = next((said for one in beneath if (said := getattr(one, "verify_message", ""))), "")
    for one in beneath:
        if isinstance(one, ssl.SSLCertVerificationError):
            said = said or str(one)
            reason = next((text for key, text in _CERTIFICATE_REASONS.items() if key in said.lower()), said)
            remedy = "export SSL_CERT_FILE=/path/to/your-ca.pem" if "issuer" in said or "self" in said else ""
            summary = f"its certificate is not trusted: {reason}"
            return Problem(ProblemKind.UNREACHABLE, summary, words(said), remedy, target=target)
        if isinstance(one, ssl.SSLError):
            no_tls = "WRONG_VERSION_NUMBER" in str(one) or "RECORD_LAYER" in str(one)
            return _unreachable("it does not speak TLS" if no_tls else "the TLS handshake failed", exc, target)
    return None


def _from_http(exc: BaseException, target: str) -> Problem | None:
    """aiohttp's own findings. Its messages tell whole URLs, so they are quoted only where they do not."""
    import aiohttp
    from aiohttp.http_exceptions import ContentLengthError, TransferEncodingError

    match exc:
        case aiohttp.ClientHttpProxyError():
            summary = f"the proxy refused: {exc.status}"
            return Problem(ProblemKind.UNREACHABLE, summary, words(exc.message), status=exc.status, target=target)
        case aiohttp.ClientProxyConnectionError():
            return _unreachable("the proxy cannot be reached", exc, target)
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return Problem(ProblemKind.PROTOCOL, "not a URL that can be asked", target=target)
        case aiohttp.ConnectionTimeoutError():
            return Problem(ProblemKind.TIMEOUT, "no connection in time", target=target)
        case aiohttp.ServerDisconnectedError():
            return Problem(ProblemKind.UNREACHABLE, "it closed the connection without an answer", target=target)
        case aiohttp.ClientPayloadError():
            summary = "the answer was cut off in the middle"
            if any(
                isinstance(one, TransferEncodingError | ContentLengthError) for one in _beneath(exc)
            ):  # whose words, "400, …", tell of no server
                return Problem(ProblemKind.UNREACHABLE, summary, target=target)
            return _unreachable(summary, exc, target)
        case aiohttp.ClientResponseError():
            return Problem(ProblemKind.PROTOCOL, "its answer is not HTTP", words(exc.message), target=target)
        case _:
            return None


def _from_dns(exc: BaseException, target: str) -> Problem | None:
    for one in _beneath(exc):
        if isinstance(one, socket.gaierror) or type(one).__name__ == "ClientConnectorDNSError":
            host = target.partition("://")[2].partition("/")[0] or target
            return _unreachable(f"the name {host} is not found in DNS", exc, target)
    return None


def _from_timeout(exc: BaseException, target: str) -> Problem | None:
    if isinstance(exc, TimeoutError) and not getattr(exc, "errno", None):
        return Problem(ProblemKind.TIMEOUT, "no answer in time", target=target)
    return None


def _from_os(exc: BaseException, target: str) -> Problem | None:
    for one in _beneath(exc):
        if isinstance(one, OSError) and one.errno:
            summary = _BY_ERRNO.get(one.errno, f"the connection failed: {one.strerror or type(one).__name__}")
            kind = ProblemKind.TIMEOUT if one.errno == errno.ETIMEDOUT else ProblemKind.UNREACHABLE
            return Problem(kind, summary, _said(exc), target=target)
    return _unreachable("the connection failed", exc, target) if isinstance(exc, OSError | EOFError) else None
