"""Five lights before a stream is opened: what has to be right, what is, and what cures what is not."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Shade(StrEnum):
    """What a light says."""

    GOOD = "good"
    BAD = "bad"  # the stream would be refused
    WAIT = "wait"  # it will have to wait
    UNKNOWN = "unknown"  # it could not be found out; the stream itself will tell
    NONE = "none"  # it does not matter on this road


class Light(Struct, frozen=True):
    """name: version, protocol, IAM, RBAC or slot. words: one line. remedy: the command that cures a bad one."""

    name: str
    shade: Shade
    words: str
    remedy: str = ""


class Preflight(Struct, frozen=True):
    """stream: exec, attach or portforward. lights: all five, in the order in which a stream passes them."""

    stream: str
    lights: tuple[Light, ...]

    @property
    def bad(self) -> tuple[Light, ...]:
        return tuple(light for light in self.lights if light.shade is Shade.BAD)
