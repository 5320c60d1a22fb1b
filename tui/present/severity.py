"""How bad a log line sounds, by the words people log. A hint for the eye, never a finding."""

from __future__ import annotations

import re

from tui.diagnose.landmarks import has_any

_ANY_CASE = re.IGNORECASE | re.ASCII
_BAD = re.compile(
    r"\b(?:error|errors|fatal|panic|fail(?:ed|ure)?|exception|denied|refused|unauthori[sz]ed|timed? ?out|traceback)\b"
    r"|\b[EF]\d{4} \d\d:\d\d:\d\d"  # klog: E1122 14:02:11
    r"|\"level\":\"(?:error|fatal|critical)\"",
    _ANY_CASE,
)
_WARN = re.compile(
    r"\b(?:warn|warning|retry(?:ing)?|back-?off|deprecated|slow|degraded)\b|\bW\d{4} \d\d:\d\d:\d\d", _ANY_CASE
)
_CALM = re.compile(r"\b(?:0|no|without) (?:errors?|failures?)\b|\berrors?[=:] ?0\b", _ANY_CASE)

_HINTS = (
    *("error", "fatal", "panic", "fail", "exception", "denied", "refused", "unauthori", "traceback", "critical"),
    *("timeout", "timedout", "time out", "timed out"),
    *("warn", "retry", "backoff", "back-off", "deprecated", "slow", "degraded"),
)
"""In small letters; a line that is neither from klog nor has one of them in it sounds like nothing."""
_KLOG = re.compile(r"[efw]\d{4} \d\d:\d\d:")


def severity(text: str) -> str:
    """The table style a line is painted in: "bad", "warn" or ""."""
    small = text.lower()
    if not has_any(small, _HINTS) and _KLOG.search(small) is None:
        return ""  # as most lines: the patterns would take ten times as long to say so
    if _BAD.search(text) and not _CALM.search(text):
        return "bad"
    return "warn" if _WARN.search(text) else ""
