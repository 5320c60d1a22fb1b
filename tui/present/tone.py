"""What a word printed by a server means for a person on call: good, in between, bad, over, or nothing special."""

from __future__ import annotations

import re
from functools import lru_cache

_GOOD = frozenset(
    {"running", "active", "bound", "ready", "true", "complete", "available", "succeeded", "approved,issued"}
)
_OVER = frozenset({"completed", "false", "<none>", "<unset>", "<unknown>", "normal", "released", "suspended"})
_WAITING = frozenset(
    {
        "pending",
        "containercreating",
        "podinitializing",
        "terminating",
        "schedulinggated",
        "warning",
        "unknown",
        "progressing",
        "resizing",
    }
)
_BAD = frozenset(
    {
        "error",
        "failed",
        "crashloopbackoff",
        "imagepullbackoff",
        "errimagepull",
        "errimageneverpull",
        "invalidimagename",
        "createcontainerconfigerror",
        "createcontainererror",
        "runcontainererror",
        "oomkilled",
        "evicted",
        "notready",
        "lost",
        "deadlineexceeded",
        "containerstatusunknown",
        "nodelost",
        "nodeaffinity",
        "outofcpu",
        "outofmemory",
        "unexpectedadmissionerror",
        "containercannotrun",
        "starterror",
        "denied",
        "backoff",
    }
)
_STATES = frozenset({"STATUS", "PHASE", "STATE", "HEALTH", "CONDITION", "TYPE"})
_RATIOS = frozenset({"READY", "COMPLETIONS"})
JUDGED = _STATES | _RATIOS
"""The headings of the columns that are judged at all."""
_RATIO = re.compile(r"(\d+)/(\d+)\Z")


@lru_cache(maxsize=4096)
def tone(column: str, text: str) -> str:
    """The style name for a printed cell: "", "good", "warn", "bad" or "dim". column: its heading in capitals.

    Only columns that tell a state are judged, so a pod that is named "error" stays as it is. The words are those that
    kubectl's printers and the kubelet use (k8s.io/kubernetes/pkg/printers/internalversion).
    """
    if column in _RATIOS:
        return _ratio(text)
    if column not in _STATES:
        return ""
    word = text.strip().lower()
    if column == "TYPE":
        return "warn" if word == "warning" else ""
    if word in _BAD or word.startswith(("err", "init:err", "init:crash", "init:image", "exitcode:", "signal:")):
        return "bad"
    if word in _WAITING or word.startswith(("init:", "notready,")):
        return "bad" if word.startswith("notready") else "warn"
    if word in _GOOD:
        return "good"
    return "warn" if word.startswith("ready,") else "dim" if word in _OVER else ""


def _ratio(text: str) -> str:
    found = _RATIO.match(text)
    if found is None:
        return "bad" if text == "False" else "warn" if text == "Unknown" else ""
    ready, wanted = int(found[1]), int(found[2])
    return "" if ready >= wanted else "warn"
