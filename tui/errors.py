"""The one shape in which anything that went wrong travels.

Clients translate what a server, an SDK or the operating system said into a `Problem`, carried by
`SourceError`; above them nothing else is caught (design: "Errors"). A `Problem` is data: it is put into feeds,
painted beside the old rows, printed by the command line and read by the doctor, so it holds the server's own
words unchanged, what they mean, and the command that cures it.

    Exception
    └── ClusterviewError        anything the program says of its own will; has an exit code
        ├── UsageError          bad input: exit 2
        └── SourceError         a source failed; carries a Problem
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ProblemKind(StrEnum):
    """What kind of failure it is; decides the back-off, the words on screen and the exit code."""

    SIGNED_OUT = "signed out"  # no credentials, or they were refused (401): a person must act
    FORBIDDEN = "forbidden"  # 403: signed in, not allowed
    NOT_FOUND = "not found"  # 404
    CONFLICT = "conflict"  # 409, 412
    EXPIRED = "expired"  # 410: a resourceVersion or continue token too old; relist
    INVALID = "invalid"  # 400, 422
    THROTTLED = "throttled"  # 429
    UNREACHABLE = "unreachable"  # no answer at all: DNS, refused, reset, TLS
    TIMEOUT = "timed out"  # no answer in time
    SERVER = "server error"  # 5xx
    PROTOCOL = "protocol error"  # an answer that is not what the protocol promises
    MISSING = "not configured"  # nothing to ask: no project, no kubeconfig, no such tool
    BUG = "bug"  # an exception nobody foresaw; the traceback is in the log file


class Problem(Struct, frozen=True):
    """One failure, as data.

    summary: one line, our words. server_words: the server's own message, verbatim and untrusted (clean it before
    painting). remedy: the exact command or act that cures it, or "". retry_after: seconds the server asked to wait.
    status: the HTTP status where there was one. target: what was asked (a URL without query, a cluster, a file).
    """

    kind: ProblemKind
    summary: str
    server_words: str = ""
    remedy: str = ""
    retry_after: float | None = None
    status: int | None = None
    target: str = ""

    def __str__(self) -> str:
        return f"{self.summary}: {self.server_words}" if self.server_words else self.summary


class ClusterviewError(Exception):
    """Anything the program reports on purpose; `exit_code` is what the process ends with (design section 5)."""

    exit_code = 1


class UsageError(ClusterviewError):
    """The user's input was wrong; the message names what and what to do."""

    exit_code = 2


class SourceError(ClusterviewError):
    """A source of truth (cloud, cluster, file, tool) failed. Carries the `Problem`; chain the original with `from`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        return 4 if self.problem.kind is ProblemKind.SIGNED_OUT else 1
