"""A credential that is renewed: minted once for everybody who asks, again before it ends, and again when refused.

Forty clusters ask at the same moment; the first asks the source, the others wait for its answer (single-flight). A
source that failed is left alone for a moment, since asking may mean running another program. A refusal by one server
never takes the credential away from the others: it is renewed, at most once a minute, and used on if nothing better
comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from tui.clients.shared import start
from tui.clients.unspoken import Unspoken
from tui.clock import Clock
from tui.errors import ProblemKind, SourceError

T = TypeVar("T")

FAILURE_KEPT = 10.0
"""Seconds for which a source that failed is not asked again."""
RENEWAL_REST = 60.0
"""Seconds that a fresh credential is believed in against a server that refuses it."""


class Lease(Unspoken, Generic[T], frozen=True):
    """A credential. expires: epoch seconds, None if unknown. refresh_at: when to ask for the next, None = only when
    this one is refused."""

    value: T
    expires: float | None = None
    refresh_at: float | None = None


class Renewing(Generic[T]):
    """mint: asks the source; raises SourceError."""

    def __init__(self, mint: Callable[[], Awaitable[Lease[T]]], clock: Clock) -> None:
        self._mint = mint
        self._clock = clock
        self._minting: asyncio.Task[Lease[T]] | None = None
        self._minted_at = float("-inf")
        self._refused = False
        self._failure: tuple[float, SourceError] | None = None
        self.lease: Lease[T] | None = None

    async def get(self) -> T:
        """A credential that is good now. Raises what the source raised, unless the old one may still do."""
        lease = self.lease
        if lease is None or self._is_over(lease):
            return (await self._renew()).value
        if not self._refused and (lease.refresh_at is None or self._clock.now() < lease.refresh_at):
            return lease.value
        try:
            return (await self._renew()).value
        except SourceError as error:
            if self._refused and error.problem.kind is ProblemKind.SIGNED_OUT:
                raise  # server and source agree
            return lease.value

    def refuse(self, value: T) -> bool:
        """A server answered 401 to `value`; whether asking once more, with what `get` gives then, makes sense."""
        if self.lease is None or self.lease.value != value:
            return True  # somebody else's refusal has renewed it already
        if self._clock.monotonic() < self._minted_at + RENEWAL_REST:
            return False
        self._refused = True
        return True

    def _is_over(self, lease: Lease[T]) -> bool:
        return lease.expires is not None and self._clock.now() >= lease.expires

    async def _renew(self) -> Lease[T]:
        if self._failure is not None:
            until, error = self._failure
            if self._clock.monotonic() < until:
                raise SourceError(error.problem) from error
            self._failure = None
        if self._minting is None or self._minting.done():
            self._minting = start(self._ask())
        return await asyncio.shield(self._minting)

    async def _ask(self) -> Lease[T]:
        try:
            lease = await self._mint()
        except SourceError as error:
            self._failure = (self._clock.monotonic() + FAILURE_KEPT, error)
            raise
        self.lease = lease
        self._minted_at = self._clock.monotonic()
        self._refused = False
        return lease
