"""Which program of this machine holds up the others of its port-forward, in words by which it is found."""

from __future__ import annotations

from collections.abc import Callable

Peer = tuple[str | int, ...]


class Holders:
    """put: told in words who holds the others up, "" once nobody does."""

    def __init__(self, put: Callable[[str], None]) -> None:
        self._put = put
        self._words: dict[Callable[[int], None], str] = {}

    def of(self, peer: Peer | None, port: int | str) -> Callable[[int], None]:
        """What is to be told how many others wait for the connection of `peer` to `port`, 0 = none, or it has ended."""
        program = f"{_words(peer)} has stopped reading port {port}"

        def held(others: int) -> None:
            before = self._words.pop(held, "")
            if others:
                waiting = "another connection waits" if others == 1 else f"{others} other connections wait"
                self._words[held] = f"{program}: {waiting}"
            if before != self._words.get(held, ""):
                self._put(next(iter(self._words.values()), ""))

        return held


def _words(peer: Peer | None) -> str:
    """ "127.0.0.1:41234": as ss and lsof name it."""
    if peer is None:  # it has gone already
        return "an address that is gone"
    return f"[{peer[0]}]:{peer[1]}" if ":" in str(peer[0]) else f"{peer[0]}:{peer[1]}"
