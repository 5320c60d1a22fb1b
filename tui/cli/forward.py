"""`clusterview port-forward`: listens on this machine until it is interrupted, in kubectl's words.

Unlike kubectl it goes on with the next pod when its own goes. It changes nothing in the cluster and needs no `--write`.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import random
import re

from tui.cli.meant import namespace_of
from tui.cli.output import say
from tui.cli.places import kind_and_name, one_cluster
from tui.cli.preflight import checked
from tui.cli.session import opened
from tui.data.backoff import Backoff
from tui.errors import UsageError
from tui.model.streams import Bound, ForwardState, PortPair
from tui.present.streams import cut_words
from tui.streams.dialing import Dialer
from tui.streams.forward import Forward
from tui.streams.listening import LOOPBACK

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_forward(arguments))


async def _forward(arguments: argparse.Namespace) -> int:
    pairs = tuple(map(pair_of, arguments.ports))
    addresses = addresses_of(arguments.address or ["localhost"])
    async with opened(arguments) as session:
        ref = await one_cluster(session, writes=False)
        client = await session.clients.cluster(ref)
        kind, name = await kind_and_name(client, arguments.target)
        await checked(session, ref, "portforward", namespace_of(arguments, client), arguments)
        backoff = Backoff(session.clock, random.Random())
        dialer = Dialer(
            lambda: session.clients.cluster(ref),
            kind,
            namespace_of(arguments, client),
            name,
            [pair.remote for pair in pairs],
            session.clock,
            backoff.failed,
        )
        told = Told(limited=ref.limited)
        forward = Forward(dialer.dial, pairs, session.clock, backoff.failed, told.state, addresses=addresses)
        await forward.run()
    return 0


class Told:
    """Says what changes of a port-forward. limited: it goes through the gateway, which cuts every stream in time."""

    def __init__(self, *, limited: bool) -> None:
        self._before = ForwardState()
        self._limited = limited

    def state(self, state: ForwardState) -> None:
        before, self._before = self._before, state
        if state.state == "live" and before.state != "live":
            if before.pod != state.pod or before.dials != state.dials:
                for port in state.ports:
                    _forwarding(port, state.pod)
        elif state.state == "waiting" and before.state != "waiting":
            if state.cut is not None and state.cuts != before.cuts:
                say(f"{cut_words(state.cut, state.cut_after, limited=self._limited)}; it is dialled again")
            elif state.pod:
                say(f"pod {state.pod} is going: looking for the next")
            else:
                say("it did not open, and is dialled again")
        if state.problem is not None and state.problem != before.problem:
            say(f"{state.problem}")
        if state.held_up and not before.held_up:
            say(state.held_up)
        if state.note and state.note != before.note:
            say(state.note)


def _forwarding(port: Bound, pod: str) -> None:
    for address in port.addresses:
        at = f"[{address}]" if ":" in address else address
        print(f"Forwarding from {at}:{port.local} -> {port.remote} ({pod})", flush=True)


def pair_of(text: str) -> PortPair:
    """[LOCAL:]REMOTE. Raises UsageError."""
    local, colon, remote = text.rpartition(":")
    far: int | str = int(remote) if remote.isascii() and remote.isdigit() else remote
    named = isinstance(far, str)
    wrong = not _NAME.fullmatch(far) if isinstance(far, str) else not 0 < far < 65536
    if wrong or not (local == "" or (local.isascii() and local.isdigit() and int(local) < 65536)):
        raise UsageError(
            f"{text}: expected [LOCAL:]REMOTE, numbers from 1 to 65535 or a port's name, as in 8080:80 or :http"
        )
    if colon:
        return PortPair(int(local or 0), far)
    return PortPair(0 if named else int(far), far)


def addresses_of(given: list[str]) -> tuple[str, ...]:
    """IP addresses of this machine; "localhost" is both loopbacks. Raises UsageError."""
    found: list[str] = []
    for one in (part for text in given for part in text.split(",")):
        if one == "localhost":
            found += LOOPBACK
            continue
        try:
            found.append(str(ipaddress.ip_address(one)))
        except ValueError as error:
            raise UsageError(f"--address {one}: expected an IP address or localhost") from error
    if any(not ipaddress.ip_address(one).is_loopback for one in found):
        say("listening beyond this machine: whoever can reach that address can use the forward")
    return tuple(dict.fromkeys(found))
