"""Addresses of the sub-resources that streams are opened on, as kubectl writes them: only what is true is said, in
alphabetical order, and with a terminal there is no stderr (facts: "exec / attach / cp")."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import quote

from msgspec import Struct

from tui.errors import UsageError
from tui.wire.channels import V4, V5
from tui.wire.words import is_text

Query = Sequence[tuple[str, str]]

COMMAND_PROTOCOLS = (V5, V4)
"""What exec and attach may be spoken in, preferred first. The older one cannot say that stdin has ended."""
TUNNEL_PROTOCOL = "SPDY/3.1+portforward.k8s.io"
"""Port-forward through a SPDY connection inside a WebSocket: servers of 1.31 and later."""


class Place(Struct, frozen=True):
    """A container of a pod. container: "" = the server's choice, where there is only one."""

    namespace: str
    pod: str
    container: str = ""

    def path(self, subresource: str) -> str:
        """The path of a sub-resource such as "exec"."""
        return f"/api/v1/namespaces/{quote(self.namespace, safe='')}/pods/{quote(self.pod, safe='')}/{subresource}"

    def __str__(self) -> str:
        return "/".join(part for part in (self.namespace, self.pod, self.container) if part)


class Command(Struct, frozen=True):
    """What is to be run. argv: () = no new process: attach to the container's own. stdin: what we send is read. tty:
    under a terminal, in which stdout and stderr are one."""

    place: Place
    argv: tuple[str, ...] = ()
    stdin: bool = False
    tty: bool = False

    def check(self) -> None:
        """Raises UsageError where a word is none that can be sent."""
        for word in self.argv:
            if not is_text(word):
                shown = os.fsencode(word).decode("utf-8", "backslashreplace")
                raise UsageError(f"{shown} is not UTF-8, and Kubernetes carries no other words to a container")

    @property
    def subresource(self) -> str:
        return "exec" if self.argv else "attach"

    @property
    def path(self) -> str:
        return self.place.path(self.subresource)

    @property
    def query(self) -> Query:
        flags = (("stderr", not self.tty), ("stdin", self.stdin), ("stdout", True), ("tty", self.tty))
        container = (("container", self.place.container),) if self.place.container else ()
        said = tuple((name, "true") for name, given in flags if given)
        return (*(("command", word) for word in self.argv), *container, *said)
