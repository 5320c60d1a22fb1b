"""What a follow says on stderr of its sources: each trouble once, its end, and no more than is so."""

from __future__ import annotations

import pytest

from tui.cli.follow import summary
from tui.cli.lognames import Naming
from tui.cli.logtroubles import Troubles, missing
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.logs import LogGap, LogQuery, LogSource, LogStatus

ONE = ClusterRef("context:one", "one", Via.CONTEXT)
SECOND = 10**9
QUERY = LogQuery((ONE,))
AHEAD = LogSource(1, ONE, "web", "api-1", "app", "following", behind=-70.0)


def test_a_trouble_is_taken_back_where_its_source_has_got_a_name_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    troubles = Troubles({}, Naming(), QUERY, ManualClock())
    problem = Problem(ProblemKind.INVALID, "has not started: ContainerCreating")
    troubles.tell(Feed(LogStatus((LogSource(0, ONE, "web", "api-0", "", "waiting", problem),))))
    troubles.tell(Feed(LogStatus((LogSource(0, ONE, "web", "api-0", "app", "following"),))))
    troubles.tell(Feed(LogStatus((LogSource(0, ONE, "web", "api-0", "app", "following"),))))
    assert capsys.readouterr().err.splitlines() == [
        "one/api-0: has not started: ContainerCreating",
        "one/api-0: following",
    ]


def test_a_source_that_is_out_of_step_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    troubles = Troubles({}, Naming(), QUERY, ManualClock())
    for behind in (0.0, 5.2, 5.4, 0.0, 5.1):
        troubles.tell(Feed(LogStatus((LogSource(0, ONE, "web", "api-0", "app", "following", behind=behind),))))
    troubles.tell(Feed(LogStatus((LogSource(0, ONE, "web", "api-0", "app", "following"), AHEAD))))
    assert capsys.readouterr().err.splitlines() == [
        "one/api-0/app: its clock (or road) is 5s behind the others': its lines are placed by when they come",
        "one/api-1/app: its clock is 70s ahead of the others': its lines are placed by when they come",
    ]


def test_pods_of_one_name_in_two_namespaces_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(ProblemKind.INVALID, "has not started: ContainerCreating")
    sources = (
        LogSource(0, ONE, "web", "api-0", "app", "following"),
        LogSource(1, ONE, "shop", "api-0", "app", "waiting", problem),
    )
    troubles = Troubles({}, Naming(prefix=True, namespace=True), QUERY, ManualClock())
    gap = LogGap(0, SECOND, 2 * SECOND, "rotated")
    troubles.tell(Feed(LogStatus(sources, gaps=1, lately=(gap,))))
    waits, lost = capsys.readouterr().err.splitlines()
    assert waits == "one/shop/api-0/app: has not started: ContainerCreating"
    assert lost.startswith("one/web/api-0/app: lines may be missing")


def test_pods_without_the_container_are_told_once_as_none_and_once_as_some(capsys: pytest.CaptureFixture[str]) -> None:
    lacks = LogSource(0, ONE, "web", "api-0", "", "waiting", lacks=True, there=("app",))
    has = LogSource(1, ONE, "web", "api-1", "side", "following", read=True)
    more = LogSource(2, ONE, "web", "api-2", "", "waiting", lacks=True, there=("app",))
    troubles = Troubles({}, Naming(), LogQuery((ONE,), containers=("side",)), ManualClock())
    for sources in ((lacks,), (lacks, more), (lacks, more, has), (lacks, has)):
        troubles.tell(Feed(LogStatus(sources, complete=True)))
    assert capsys.readouterr().err.splitlines() == [
        "the pod api-0 does not have a container side: choose of: app; one that is added is followed",
        "2 of 3 pods have no container side",
    ]
    assert summary(LogStatus((lacks, has)), 0).startswith("0 lines of 1 container;")


def test_a_name_that_no_pod_has_is_told_once_beside_one_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    app = LogSource(0, ONE, "web", "api-0", "app", "following", there=("app", "proxy"))
    more = LogSource(1, ONE, "web", "api-1", "app", "following", there=("app",))
    troubles = Troubles({}, Naming(), LogQuery((ONE,), containers=("app", "tpyo")), ManualClock())
    for sources in ((app,), (app, more), (app,)):
        troubles.tell(Feed(LogStatus(sources, complete=True)))
    assert capsys.readouterr().err.splitlines() == [
        "the pod api-0 does not have a container tpyo: choose of: app, proxy; one that is added is followed"
    ]


def test_what_is_summed_up_is_what_was_printed() -> None:
    status = LogStatus((LogSource(0, ONE, "web", "api-0", "app", read=True),), received=109)
    assert summary(status, 108).startswith("108 lines of 1 container;")


def test_a_span_never_runs_backwards() -> None:
    assert "from 1970-01-01T00:00:01.000000000Z to 1970-01-01T00:00:02" in missing(LogGap(0, SECOND, 2 * SECOND, "cut"))
    back = missing(LogGap(0, 2 * SECOND, SECOND, "restarted"))
    assert "after 1970-01-01T00:00:02.000000000Z (it was restarted, and goes on at 1970-01-01T00:00:01" in back
