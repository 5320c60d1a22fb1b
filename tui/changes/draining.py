"""Emptying a node: its pods are evicted, so that PodDisruptionBudgets are honoured, and seen to be gone.

As kubectl does it: a pod whose budget allows no disruption now is asked for again every five seconds, until the time
that a drain is given is over or somebody cancels; the others do not wait for it. An eviction that got no clear answer
(a lost connection, a 5xx) is asked for again too, a few times: it names the pod's uid, so that no other pod is evicted
in its place.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote, urlencode

from msgspec.structs import replace

from tui.changes.drafts import Draft, Eviction, path_of
from tui.changes.patience import StoppedError, patiently, rest, stopped_by, unless
from tui.changes.reading import LISTED, decode
from tui.changes.refusing import budget_words, is_budget
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import items, text
from tui.model.kube import PODS
from tui.model.objects import Body, ObjectRef
from tui.model.times import seconds
from tui.model.writes import RefusedError, UncertainError, Write, WritePort, Written

ASK_AGAIN = 5.0
"""Seconds between two tries of a pod that its budget holds (k8s.io/kubectl/pkg/drain)."""
LOOK_EVERY = 2.0
"""Seconds between two looks at which pods are gone."""
TRIES = 6
"""How often a pod's eviction is asked for in all where the failure may pass: half a minute."""
AT_ONCE = 8
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

_PASSING = frozenset({ProblemKind.THROTTLED, ProblemKind.UNREACHABLE, ProblemKind.TIMEOUT, ProblemKind.SERVER})

Pod = tuple[str, str, str]
"""namespace, name, uid."""


def eviction_of(node: ObjectRef, pod: Pod, grace: int | None, *, dry: bool = False) -> Write:
    """The request that evicts a pod, if it is still the one that was looked at."""
    namespace, name, uid = pod
    options: Body = {"preconditions": {"uid": uid}, **({} if grace is None else {"gracePeriodSeconds": grace})}
    body: Body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": options,
    }
    ref = ObjectRef(node.cluster, PODS, namespace, name)
    return Write("POST", path_of(ref, "eviction"), body, dry=dry)


async def tried_evictions(
    draft: Draft, send: Callable[[Write], Awaitable[Written]]
) -> tuple[list[str], Problem | None]:
    """What the server's dry-run says of each eviction: which budgets hold pods now, and the first refusal."""
    eviction = draft.eviction
    assert eviction is not None
    places = asyncio.Semaphore(AT_ONCE)

    async def one(pod: Pod) -> SourceError | None:
        async with places:
            try:
                await send(eviction_of(draft.ref, pod, eviction.grace, dry=True))
            except SourceError as error:
                return error
        return None

    warnings: list[str] = []
    problem: Problem | None = None
    answers = await asyncio.gather(*map(one, eviction.pods))
    for pod, error in zip(eviction.pods, answers, strict=True):
        if error is None or error.problem.status == 404:
            continue
        if is_budget(error):
            warnings.append(f"{_title(pod)} is held by its disruption budget now: {_budget(error)}")
        elif problem is None:
            problem = error.problem
    return warnings, problem


class Drain:
    """One node being emptied. tell: what is being waited for. Its time begins once it is cordoned; when that is over
    nothing more is sent, and what has been sent is still heard out."""

    def __init__(
        self, port: WritePort, draft: Draft, tell: Callable[[str], None], cancelled: asyncio.Event, clock: Clock
    ) -> None:
        assert draft.eviction is not None
        self._port = port
        self._draft = draft
        self._eviction: Eviction = draft.eviction
        self._tell = tell
        self._cancelled = cancelled
        self._stop = asyncio.Event()
        self._clock = clock
        self._waiting: list[Pod] = list(draft.eviction.pods)
        self._leaving: set[Pod] = set()
        self._held: dict[Pod, str] = {}
        self._unsure: dict[Pod, Problem] = {}
        self._tries: Counter[Pod] = Counter()
        self._refused: dict[Pod, Problem] = {}
        self._ask_at = float("-inf")

    async def run(self) -> tuple[Written, str, Problem | None]:
        """The answer to the cordon, what came of it, and what stood in the way. Raises SourceError where the node could
        not even be cordoned."""
        write = self._draft.write
        assert write is not None
        written = await self._sent(write, self._cancelled)
        timer = asyncio.create_task(self._time())
        try:
            await self._empty()
        finally:
            timer.cancel()
        if self._waiting or self._leaving:
            why = "cancelled" if self._cancelled.is_set() else f"not done after {seconds(self._eviction.patience)}"
            summary = f"{why}, and the node stays cordoned: {self._words()}"
            return written, self._words(), Problem(ProblemKind.TIMEOUT, summary)
        if self._refused:
            pod, problem = next(iter(self._refused.items()))
            return written, self._words(), _of_pod(pod, problem, len(self._refused))
        return written, self._words(), None

    async def _time(self) -> None:
        await rest(self._clock, self._eviction.patience or None, self._cancelled)
        self._stop.set()

    async def _sent(self, write: Write, stop: asyncio.Event) -> Written:
        """Send it, if need be later; nothing is sent or waited for once somebody has cancelled or `stop` is set."""
        stopped = stopped_by(self._cancelled, stop)
        return await patiently(self._clock, unless(self._cancelled, lambda: self._port.write(write, stopped)), stop)

    @property
    def _over(self) -> bool:
        """Asked of both: that somebody cancels is heard by `_stop` some turns of the event loop later."""
        return self._cancelled.is_set() or self._stop.is_set()

    async def _empty(self) -> None:
        while (self._waiting or self._leaving) and not self._over:
            if self._waiting and self._clock.monotonic() >= self._ask_at:
                await self._ask()
                self._ask_at = self._clock.monotonic() + ASK_AGAIN
            if self._leaving or self._unsure:
                await self._look()
            self._tell(self._words())
            if self._waiting or self._leaving:
                await rest(self._clock, LOOK_EVERY, self._stop)

    async def _ask(self) -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(pod: Pod) -> SourceError | None:
            async with places:
                write = eviction_of(self._draft.ref, pod, self._eviction.grace)
                try:
                    await self._sent(write, self._stop)
                except SourceError as error:
                    return error
                self._leaving.add(pod)
            return None

        self._give_up()
        pods, self._held, self._unsure = self._waiting, {}, {}
        unsent: set[Pod] = set()
        for pod, error in zip(pods, await asyncio.gather(*map(one, pods)), strict=True):
            if error is None:
                continue
            if isinstance(error, StoppedError):
                unsent.add(pod)
            elif is_budget(error):
                self._held[pod] = _budget(error)
            elif error.problem.status == 404 or _is_other(error):
                pass  # it is gone, and another may have its name
            elif _is_ending(error):
                self._leaving.add(pod)  # its namespace is being deleted, and the pod with it
            elif _may_pass(error):
                self._tries[pod] += 1
                self._unsure[pod] = error.problem
            else:
                self._refused[pod] = error.problem
        again = {*self._held, *self._unsure, *unsent}
        self._waiting = [pod for pod in pods if pod in again]

    def _give_up(self) -> None:
        """Ask no more for what has failed too often; it has been looked at since."""
        for pod, problem in self._unsure.items():
            if self._tries[pod] >= TRIES:
                self._refused[pod] = replace(problem, summary=f"asked {TRIES} times: {problem.summary}")
        self._waiting = [pod for pod in self._waiting if pod not in self._refused]

    async def _look(self) -> None:
        """Which of those that were evicted, or may have been, are still there: one request for all of them."""
        there: dict[str, bool] = {}  # by uid: whether it is ending
        token = ""
        while True:
            query = {"fieldSelector": f"spec.nodeName={self._draft.ref.name}", "limit": str(LISTED)}
            asked = urlencode({**query, **({"continue": token} if token else {})}, quote_via=quote)
            path = f"/api/v1/pods?{asked}"
            try:
                listed = await patiently(self._clock, lambda: self._port.get(path, METADATA), self._stop)  # noqa: B023
                body = decode(listed, "pods")
            except SourceError:
                return  # seen at the next look
            for pod in items(body, "items"):
                there[text(pod, "metadata", "uid")] = bool(text(pod, "metadata", "deletionTimestamp"))
            token = text(body, "metadata", "continue")
            if not token:
                break
        made = {pod for pod in self._unsure if there.get(pod[2], True)}  # gone or ending: it was evicted after all
        self._unsure = {pod: problem for pod, problem in self._unsure.items() if pod not in made}
        self._waiting = [pod for pod in self._waiting if pod not in made]
        self._leaving = {pod for pod in {*self._leaving, *made} if pod[2] in there}

    def _words(self) -> str:
        total = len(self._eviction.pods)
        gone = total - len(self._waiting) - len(self._leaving) - len(self._refused)
        said = [f"evicted {gone} of {total} pod{'' if total == 1 else 's'}"]
        if self._leaving:
            said.append(f"{len(self._leaving)} still ending ({_named(sorted(self._leaving))})")
        if self._held:
            pod, why = next(iter(self._held.items()))
            more = f", and {len(self._held) - 1} more" if len(self._held) > 1 else ""
            said.append(f"{_title(pod)} is held by its disruption budget ({why}){more}")
        if self._unsure:
            pod, problem = next(iter(self._unsure.items()))
            more = f", and {len(self._unsure) - 1} more" if len(self._unsure) > 1 else ""
            said.append(f"{_title(pod)} is asked for again ({problem.summary}){more}")
        if self._refused:
            said.append(f"{len(self._refused)} refused")
        return "; ".join(said)


def _is_other(error: SourceError) -> bool:
    """Whether the uid was another: the pod that was meant is gone."""
    return error.problem.status == 409


def _may_pass(error: SourceError) -> bool:
    """Whether the failure is none of the pod's, so that the same request may succeed later."""
    return isinstance(error, UncertainError) or error.problem.kind in _PASSING


def _is_ending(error: SourceError) -> bool:
    return isinstance(error, RefusedError) and any(reason == "NamespaceTerminating" for reason, _, _ in error.causes)


def _budget(error: SourceError) -> str:
    said = budget_words(error) if isinstance(error, RefusedError) else ""
    return said or error.problem.server_words


def _title(pod: Pod) -> str:
    return f"{pod[0]}/{pod[1]}"


def _named(pods: Sequence[Pod], most: int = 2) -> str:
    return ", ".join(map(_title, pods[:most])) + (" …" if len(pods) > most else "")


def _of_pod(pod: Pod, problem: Problem, count: int) -> Problem:
    more = f" (and {count - 1} more)" if count > 1 else ""
    summary = f"{_title(pod)} was not evicted{more}: {problem.summary}"
    return Problem(problem.kind, summary, problem.server_words, problem.remedy, status=problem.status)
