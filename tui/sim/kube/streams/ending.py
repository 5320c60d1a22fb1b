"""How a stream ended, in the words of the API server, the kubelet and the container runtime.

Recorded: ws-exec-v5-success, -v5-exit7, -killed-by-signal, -not-found-command, -v4-stdin-cat-no-close, -base64. Where
the API server translates (v5), it repeats what the kubelet said, so an internal error is one twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tui.sim.kube.status import Obj
from tui.sim.kube.streams import cell

_REASONS = {
    "ENOENT": "stat {name}: no such file or directory",
    "ENOTDIR": "stat {name}: not a directory",
    "EACCES": "permission denied",
    "EPERM": "operation not permitted",
    "EISDIR": "is a directory",
    "ENOEXEC": "exec format error",
    "E2BIG": "argument list too long",
    cell.NOT_IN_PATH: "executable file not found in $PATH",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """code: the command's exit code; 128 + signal for one that was killed. failed: instead of it, why it never ran.
    refused: instead of it, why the API server got no further than to the kubelet."""

    code: int = 0
    failed: str = ""
    refused: str = ""

    def status(self, *, translated: bool) -> Obj:
        """The Status on the error channel. translated: by the API server, as everything of v5 is."""
        head: Obj = {"metadata": {}} if translated else {}
        if self.failed or self.refused:
            said = f"Internal error occurred: {self.failed}" if self.failed and translated else self.failed
            said = self.refused or said
            return {
                **head,
                "status": "Failure",
                "message": f"Internal error occurred: {said}",
                "reason": "InternalError",
                "details": {"causes": [{"message": said}]},
                "code": 500,
            }
        if not self.code:
            return {**head, "status": "Success"}
        return {
            **head,
            "status": "Failure",
            "message": f"command terminated with non-zero exit code: command terminated with exit code {self.code}",
            "reason": "NonZeroExitCode",
            "details": {"causes": [{"reason": "ExitCode", "message": str(self.code)}]},
        }

    def words(self) -> str:
        """What protocols older than v4 say: nothing of a success, and of anything else only the message."""
        return str(self.status(translated=False).get("message", ""))


def not_started(container_id: str, name: str, report: str) -> Ending:
    """The command could not be started. container_id: as the status has it. report: what `cell` said."""
    short = container_id.rpartition("/")[2]
    said = _REASONS.get(report, "input/output error").format(name=name)
    return Ending(
        failed="error executing command in container: failed to exec in container: failed to start exec "
        f'"{short}": OCI runtime exec failed: exec failed: unable to start container process: '
        f"exec: {json.dumps(name, ensure_ascii=False)}: {said}"
    )
