"""Which troubles of a stream may pass, so that opening it again is worth while."""

from __future__ import annotations

from tui.errors import ProblemKind

PASSING = frozenset({ProblemKind.UNREACHABLE, ProblemKind.TIMEOUT, ProblemKind.SERVER, ProblemKind.THROTTLED})
"""Failures of which the same question may have another answer soon."""
