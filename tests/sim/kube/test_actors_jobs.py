"""Jobs that end, fail, retry and expire; CronJobs by the clock; schedules as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests import recordings
from tests.sim.kube.living import START, Town
from tui.sim.kube.actors.catalogue import CRON_JOBS, JOBS, PODS
from tui.sim.kube.actors.cron import parse
from tui.sim.kube.objects import parse_timestamp
from tui.sim.kube.status import Obj


def job(town: Town, name: str = "work", **spec: Any) -> Obj:
    pod = {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app:1"}]}
    made = town.apply("Job", name, {"template": {"spec": {**pod, **spec.pop("pod", {})}}, **spec}, api="batch/v1")
    town.settle()
    return made


def conditions(town: Town, name: str = "work") -> dict[str, str]:
    found = town.get(JOBS, name)["status"].get("conditions", [])
    return {one["type"]: one["reason"] for one in found if one["status"] == "True"}


def test_a_job_is_complete_when_enough_pods_have_succeeded() -> None:
    town = Town()
    town.behave("work", kind="complete", runs_for=4.0)
    job(town, completions=5, parallelism=2)
    most = 0
    for _ in range(300):
        town.live(0.25)
        most = max(most, int(town.get(JOBS, "work")["status"].get("active", 0)))
    status = town.get(JOBS, "work")["status"]
    assert most == 2
    assert status["succeeded"] == 5
    assert conditions(town) == {"SuccessCriteriaMet": "CompletionsReached", "Complete": "CompletionsReached"}
    assert ("Completed", "Job completed") in town.events("work")
    assert len(town.pods()) == 5


@recordings.needed
def test_a_completed_job_has_the_fields_of_a_real_one() -> None:
    town = Town()
    town.behave("work", kind="complete", runs_for=2.0)
    job(town)
    town.live(20)
    made, real = town.get(JOBS, "work"), recordings.load("list-jobs").body["items"][0]
    assert set(made["status"]) == set(real["status"])
    assert set(made["spec"]) == set(real["spec"])
    assert set(made["metadata"]["labels"]) == set(real["metadata"]["labels"])
    assert set(made["spec"]["template"]["metadata"]["labels"]) == set(real["metadata"]["labels"])
    assert [set(one) for one in made["status"]["conditions"]] == [set(one) for one in real["status"]["conditions"]]


def test_finished_pods_are_counted_once_and_then_let_go() -> None:
    town = Town()
    town.behave("work", kind="complete", runs_for=2.0)
    job(town)
    town.until(lambda: len(town.pods()) == 1)
    assert town.pods()[0]["metadata"]["finalizers"] == ["batch.kubernetes.io/job-tracking"]
    town.live(20)
    assert "finalizers" not in town.pods()[0]["metadata"]
    town.delete(PODS, town.pods()[0]["metadata"]["name"])
    town.live(20)
    assert town.get(JOBS, "work")["status"]["succeeded"] == 1
    assert not town.pods()


def test_a_job_that_keeps_failing_retries_more_and_more_slowly_and_then_fails() -> None:
    town = Town()
    town.behave("work", kind="crash", runs_for=1.0, exit_code=2)
    job(town, backoffLimit=2)
    town.until(lambda: "Failed" in conditions(town), 200)
    assert conditions(town) == {"FailureTarget": "BackoffLimitExceeded", "Failed": "BackoffLimitExceeded"}
    assert town.get(JOBS, "work")["status"]["failed"] == 3
    starts = sorted(parse_timestamp(pod["status"]["startTime"]) or 0.0 for pod in town.pods())
    first, second = starts[1] - starts[0], starts[2] - starts[1]
    assert first >= 10
    assert second >= 20
    assert ("BackoffLimitExceeded", "Job has reached the specified backoff limit") in town.events("work")


def test_containers_of_a_job_may_be_restarted_in_place() -> None:
    town = Town()
    town.behave("work", kind="crash", runs_for=1.0, exit_code=2)
    job(town, backoffLimit=2, pod={"restartPolicy": "OnFailure"})
    town.until(lambda: "Failed" in conditions(town), 300)
    assert len(town.pods()) <= 1


def test_a_job_past_its_deadline_fails_and_its_pods_go() -> None:
    town = Town()
    town.behave("work", kind="complete", runs_for=500.0)
    job(town, activeDeadlineSeconds=30)
    town.live(40)
    assert conditions(town)["Failed"] == "DeadlineExceeded"
    assert not town.pods()


def test_a_finished_job_with_a_lifetime_goes_with_its_pods() -> None:
    town = Town()
    town.behave("work", kind="complete", runs_for=2.0)
    job(town, ttlSecondsAfterFinished=60)
    town.live(30)
    assert "Complete" in conditions(town)
    town.live(60)
    assert town.store.get(JOBS, "default", "work") is None
    assert not town.pods()


def test_a_suspended_job_has_no_pods_until_it_is_resumed() -> None:
    town = Town()
    job(town, suspend=True)
    town.live(10)
    assert not town.pods()
    town.change(JOBS, "work", lambda spec: {**spec, "suspend": False})
    town.live(2)
    assert len(town.pods()) == 1


def test_an_indexed_job_works_off_each_index_once() -> None:
    town = Town()
    town.behave("work", kind="complete", runs_for=2.0)
    job(town, completions=3, parallelism=3, completionMode="Indexed")
    town.live(20)
    indexes = {pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"] for pod in town.pods()}
    assert indexes == {"0", "1", "2"}
    assert town.get(JOBS, "work")["status"]["completedIndexes"] == "0-2"


def test_deleting_a_running_job_lets_nothing_behind() -> None:
    town = Town()
    town.behave("work", kind="complete", runs_for=500.0)
    job(town)
    town.live(10)
    town.delete(JOBS, "work", propagation="Background")
    town.live(10)
    assert not town.pods()


# cron


def cron(town: Town, schedule: str = "*/2 * * * *", **spec: Any) -> None:
    pod = {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app:1"}]}
    template = {"spec": {"template": {"spec": pod}}}
    town.apply("CronJob", "tick", {"schedule": schedule, "jobTemplate": template, **spec}, api="batch/v1")
    town.settle()


def test_a_cron_job_starts_jobs_on_time_and_keeps_the_last_three() -> None:
    town = Town()
    town.behave("tick", kind="complete", runs_for=5.0)
    cron(town)
    town.live(1200)
    jobs = town.store.list(JOBS, "default")
    assert len(jobs) == 3
    times = [
        parse_timestamp(one["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"])
        for one in jobs
    ]
    last = max(time for time in times if time is not None)
    assert [int(one["metadata"]["name"].rpartition("-")[2]) * 60 for one in jobs] == times
    assert last % 120 == 0
    assert last > town.time - 120
    status = town.get(CRON_JOBS, "tick")["status"]
    assert parse_timestamp(status["lastScheduleTime"]) == last
    assert "lastSuccessfulTime" in status
    assert "active" not in status
    reasons = {reason for reason, _ in town.events("tick")}
    assert reasons == {"SuccessfulCreate", "SawCompletedJob", "SuccessfulDelete"}


@pytest.mark.parametrize(("policy", "running"), [("Allow", 3), ("Forbid", 1), ("Replace", 1)])
def test_overlapping_runs_follow_the_concurrency_policy(policy: str, running: int) -> None:
    town = Town()
    town.behave("tick", kind="complete", runs_for=5000.0)
    cron(town, concurrencyPolicy=policy)
    town.live(6 * 60)
    assert len(town.get(CRON_JOBS, "tick")["status"]["active"]) == running


def test_a_suspended_cron_job_does_nothing() -> None:
    town = Town()
    cron(town, suspend=True)
    town.live(600)
    assert not town.store.list(JOBS, "default")


def test_runs_missed_while_the_clock_stood_still_are_not_made_up_for() -> None:
    town = Town()
    town.behave("tick", kind="complete", runs_for=1.0)
    cron(town, suspend=True)
    town.live(3600)
    town.change(CRON_JOBS, "tick", lambda spec: {**spec, "suspend": False})
    town.live(1)
    assert len(town.store.list(JOBS, "default")) == 1


def at(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("* * * * *", "2026-11-22 01:00", "2026-11-22 01:01"),
        ("*/15 * * * *", "2026-11-22 01:00", "2026-11-22 01:15"),
        ("5,50 * * * *", "2026-11-22 01:06", "2026-11-22 01:50"),
        ("30 2 * * *", "2026-11-22 03:00", "2026-11-23 02:30"),
        ("0 9-17/4 * * mon-fri", "2026-11-20 17:30", "2026-11-23 09:00"),
        ("0 0 29 2 *", "2026-11-22 00:00", "2028-02-29 00:00"),
        ("0 0 1 * sun", "2026-11-22 00:00", "2026-11-29 00:00"),  # either day field is enough
        ("0 0 * * 7", "2026-11-22 00:00", "2026-11-29 00:00"),
        ("@monthly", "2026-11-22 00:00", "2026-12-01 00:00"),
        ("0 12 * dec *", "2026-11-22 00:00", "2026-12-01 12:00"),
    ],
)
def test_the_next_moment_of_a_schedule(schedule: str, after: str, expected: str) -> None:
    assert parse(schedule).after(at(after)) == at(expected)


def test_a_schedule_that_never_comes_is_never() -> None:
    assert parse("0 0 30 2 *").after(START) is None


@pytest.mark.parametrize("schedule", ["", "* * * *", "60 * * * *", "*/0 * * * *", "x * * * *", "5-1 * * * *"])
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(schedule)


def test_a_cron_job_with_a_wrong_schedule_says_so() -> None:
    town = Town()
    cron(town)
    town.change(CRON_JOBS, "tick", lambda spec: {**spec, "schedule": "61 * * * *"})  # as stored by an older server
    town.live(1)
    assert town.events("tick")[0][0] == "UnparseableSchedule"
