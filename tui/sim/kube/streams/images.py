"""Which programs an image has: told by its name, since there are no images here."""

from __future__ import annotations

from tui.sim.kube.streams import cell

_BARE = ("distroless", "/scratch", "/pause", "/coredns", "/metrics-server")
_SMALL = ("alpine", "busybox")
_BIG_SHELLS = ("bash", "/bin/bash", "/usr/bin/bash")


def missing(image: str, program: str) -> str:
    """Why an image cannot run a program, as `cell` would report it; "" where it can. Images without a distribution
    have none at all, the smallest distributions no bash."""
    bare = any(part in image for part in _BARE)
    small = any(part in image for part in _SMALL) and program in _BIG_SHELLS
    if not (bare or small):
        return ""
    return "ENOENT" if "/" in program else cell.NOT_IN_PATH
