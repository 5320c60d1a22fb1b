"""What the server would let us do: SelfSubjectAccessReview, asked when first read and kept for some minutes."""

from __future__ import annotations

from typing import Any

import msgspec

from tui.changes.reading import decode
from tui.changes.settings import Connect
from tui.data.demand import on_demand
from tui.data.poller import Polled, Poller
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import ProblemKind, SourceError
from tui.model.bodies import obj
from tui.model.changes import Permission, Question
from tui.model.objects import Body
from tui.model.writes import ChangePort
from tui.waits import Gate

PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
EVERY = 300.0
"""Seconds for which an answer is kept: rights change seldom, and the server has the last word anyway."""
KEPT = 2_000
"""Questions whose answers are remembered."""
AT_ONCE = 8


class Permissions:
    """Answers by question. A review is a POST that stores nothing, so it needs no unlocking."""

    def __init__(self, runtime: Runtime, connect: Connect) -> None:
        self._runtime = runtime
        self._connect = connect
        self._gate = Gate(runtime.clock, AT_ONCE)
        self._cells: dict[Question, Cell[Permission]] = {}

    def may(self, question: Question) -> Cell[Permission]:
        """The answer; asked while somebody reads it, and again only when it is old."""
        cell = self._cells.pop(question, None)
        if cell is None:
            cell = self._asked(question)
        self._cells[question] = cell  # at the end: the ones at the front were asked for longest ago
        if len(self._cells) > KEPT:
            self._forget()
        return cell

    def _asked(self, question: Question) -> Cell[Permission]:
        def make(cell: Cell[Permission]) -> _Remembering:
            return self._poller(question, cell)

        return on_demand(self._runtime, make)

    def _forget(self) -> None:
        for question, cell in list(self._cells.items())[: KEPT // 2]:
            if not cell.readers:
                del self._cells[question]

    def _poller(self, question: Question, cell: Cell[Permission]) -> _Remembering:
        async def ask() -> Polled[Permission]:
            port = await self._connect(question.cluster)
            try:
                return Polled(await review(port, question))
            except SourceError as error:
                if error.problem.kind is not ProblemKind.FORBIDDEN:
                    raise
                return Polled(Permission(False, str(error.problem)))  # who may not even ask may not write either

        name = f"may {question.verb} {question.resource}"
        poller = Poller(name, cell, ask, self._runtime, every=EVERY, group=question.cluster.key, gate=self._gate)
        return _Remembering(poller, cell, self._runtime)


class _Remembering:
    """A poller that does not ask what was answered a moment ago, to somebody who has gone since."""

    def __init__(self, poller: Poller[Permission], cell: Cell[Permission], runtime: Runtime) -> None:
        self.name = poller.name
        self._poller = poller
        self._cell = cell
        self._runtime = runtime

    async def run(self) -> None:
        feed = self._cell.feed
        clock = self._runtime.clock
        if feed.value is not None and feed.as_of is not None:
            left = feed.as_of + EVERY - clock.now()
            if left > 0:
                self._cell.put(feed.value, feed.as_of, fresh_for=EVERY)
                await clock.sleep(left)
        await self._poller.run()


async def review(port: ChangePort, question: Question) -> Permission:
    """Ask one cluster one question. Raises SourceError."""
    asked = {
        "verb": question.verb,
        "group": question.group,
        "resource": question.resource,
        "subresource": question.subresource,
        "namespace": question.namespace,
        "name": question.name,
    }
    body: Body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {name: value for name, value in asked.items() if value}},
    }
    answer = decode(await port.review(PATH, msgspec.json.encode(body)), PATH)
    return permission_of(obj(answer, "status"), question)


def permission_of(status: Any, question: Question) -> Permission:
    """Of the review's status. Denials without a reason are the rule: RBAC only says that no rule allows it."""
    status = obj({"status": status}, "status")
    if status.get("allowed") is True:
        return Permission(True)
    said = status.get("reason") or status.get("evaluationError")
    where = f" in namespace {question.namespace}" if question.namespace else " in the whole cluster"
    what = f"{question.resource}/{question.subresource}" if question.subresource else question.resource
    return Permission(False, str(said) if said else f"no role of yours allows to {question.verb} {what}{where}")
