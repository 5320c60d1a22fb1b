"""Under which name a cluster knows us: learned once, and not given up for a hiccup."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from tui.changes.whoami import Whoami
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.writes import ChangePort

ONE = ClusterRef("context:c", "c", Via.CONTEXT)
ANSWER = msgspec.json.encode({"status": {"userInfo": {"username": "ana"}}})


class Port:
    """Gives these answers, one after the other."""

    account = ""

    def __init__(self, *answers: bytes | int) -> None:
        self._answers = list(answers)

    async def review(self, path: str, body: bytes) -> bytes:
        answer = self._answers.pop(0)
        if isinstance(answer, int):
            raise SourceError(Problem(ProblemKind.SERVER, "no", status=answer))
        return answer


async def told(*answers: bytes | int, times: int) -> list[str]:
    whoami, port = Whoami(), cast("ChangePort", cast("Any", Port(*answers)))
    return [await whoami.of(ONE, port) for _ in range(times)]


async def test_a_name_is_asked_for_once() -> None:
    assert await told(ANSWER, times=2) == ["ana", "ana"]


async def test_a_hiccup_is_no_answer() -> None:
    assert await told(503, ANSWER, times=3) == ["", "ana", "ana"]


async def test_a_cluster_that_does_not_tell_is_not_asked_again() -> None:
    assert await told(404, times=2) == ["", ""]
