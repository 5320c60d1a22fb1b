"""Where the programs under comparison are."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
CLUSTERVIEW = str(BIN / "clusterview")
PYTHON = sys.executable


def kubectl() -> str | None:
    """The wheel's, else the system's."""
    wheel = BIN / "kubectl"
    return str(wheel) if wheel.exists() else shutil.which("kubectl")


def gcloud() -> str | None:
    return shutil.which("gcloud")
