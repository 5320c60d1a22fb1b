"""How a command ended: the Status that comes on the channel of its own, before the connection ends.

Source: k8s.io/client-go/tools/remotecommand/v4.go. After it the server often drops the connection without a close frame
(recordings), so it is this that decides, never the close code.
"""

from __future__ import annotations

import msgspec

from tui.wire.errors import WireError

LARGEST = 64 << 10
"""Bytes of a Status that are read."""
_LONGEST_CODE = 12


class Cause(msgspec.Struct, frozen=True):
    """One of `details.causes`."""

    reason: str = ""
    message: str = ""


class _Details(msgspec.Struct, frozen=True):
    causes: list[Cause] | None = None


class _Status(msgspec.Struct, frozen=True):
    status: str = ""
    reason: str = ""
    message: str = ""
    code: int = 0
    details: _Details | None = None


class Ended(msgspec.Struct, frozen=True):
    """exit_code: the command's own; None where it never ran, or nobody knows. words: the server's, "" after success.
    reason: a Kubernetes reason such as NonZeroExitCode or InternalError. killed: it was a session, and somebody else
    than the person in it ended it; no Status says so, `tui.streams.leave` does."""

    exit_code: int | None
    words: str = ""
    reason: str = ""
    killed: bool = False


def read_status(data: bytes) -> Ended:
    """The end of a command, from all that came on the status channel. Raises WireError for what is no Status."""
    try:
        status = msgspec.json.decode(data, type=_Status)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise WireError(f"a status that cannot be read: {exc}") from exc
    if status.status == "Success":
        return Ended(0)
    causes = status.details.causes if status.details is not None and status.details.causes else []
    if status.status != "Failure":
        raise WireError(f"a status that is neither success nor failure: {status.status!r}")
    code: int | None = None
    if status.reason == "NonZeroExitCode":
        told = next((cause.message for cause in causes if cause.reason == "ExitCode"), "")
        code = int(told) if told.isascii() and told.isdigit() and len(told) < _LONGEST_CODE else None
    return Ended(code, status.message, status.reason)
