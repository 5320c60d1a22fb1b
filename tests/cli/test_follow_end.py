"""When a follow is over: when no source will bring another line, and none will come that was meant."""

from __future__ import annotations

import pytest

from tui.cli.follow import ended
from tui.model.cluster import ClusterRef, Via
from tui.model.logs import LogQuery, LogSource, LogStatus

ONE = ClusterRef("context:one", "one", Via.CONTEXT)
OVER = LogStatus((LogSource(0, ONE, "jobs", "nightly-1-x", "c", over=True),), complete=True)


@pytest.mark.parametrize(
    ("workload", "over"),
    [("job/nightly-1", True), ("cronjob/nightly", False), ("cj/nightly", False), ("cronjobs.batch/nightly", False)],
)
def test_a_cron_job_makes_more_pods_when_those_it_has_made_are_done(workload: str, over: bool) -> None:
    query = LogQuery((ONE,), namespace="jobs", workloads=(workload,))
    assert ended(query, OVER) is over


def test_what_is_not_followed_ends_with_what_there_is() -> None:
    query = LogQuery((ONE,), namespace="jobs", workloads=("cronjob/nightly",), follow=False)
    assert ended(query, OVER)
    assert not ended(query, LogStatus(OVER.sources)), "there may be more pods than are known yet"
