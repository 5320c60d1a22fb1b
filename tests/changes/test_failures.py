"""Changes that are refused, cut off or held up: what is said, what is sent, and what is left of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.changes.conftest import EU, US, Office
from tui.changes.desk import Desk
from tui.changes.settings import ChangeSettings
from tui.clients.http import Http
from tui.errors import ProblemKind, SourceError
from tui.model.changes import Action, Fate, Outcome, Question, Wish
from tui.model.objects import ObjectRef
from tui.sim.server import SimServer


def status(reason: str, code: int, message: str) -> dict[str, object]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "message": message,
        "code": code,
    }


async def run_with(office: Office, ref: ObjectRef, fault: str, **options: object) -> Outcome:
    """Scale, with a fault that meets only the change itself, once it has been planned; the outcome."""
    plan = await office.plan(Action.SCALE, ref, replicas="7")
    office.sim.requests.clear()
    office.sim.faults.add(fault, {"method": "PATCH"}, **options)
    (outcome,) = (await office.carry_out(plan)).outcomes
    office.sim.faults.clear()
    return outcome


def sent(office: Office) -> int:
    return len([asked for asked in office.sim.requests if asked.method == "PATCH"])


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (401, "Unauthorized", ProblemKind.SIGNED_OUT),
        (403, "Forbidden", ProblemKind.FORBIDDEN),
        (404, "NotFound", ProblemKind.NOT_FOUND),
        (409, "Conflict", ProblemKind.CONFLICT),
        (500, "InternalError", ProblemKind.SERVER),
        (503, "ServiceUnavailable", ProblemKind.SERVER),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words_and_written_down(
    office: Office, api: ObjectRef, code: int, reason: str, kind: ProblemKind
) -> None:
    body = status(reason, code, "not like this")
    outcome = await run_with(office, api, "answer", status=code, body=body)
    assert outcome.fate is Fate.FAILED
    assert outcome.problem is not None
    assert (outcome.problem.kind, outcome.problem.server_words) == (kind, "not like this")
    assert sent(office) == 1
    (entry,) = await office.journal()
    assert "not like this" in entry.problem
    assert entry.undo is None


async def test_a_server_that_asks_to_wait_is_asked_again(office: Office, api: ObjectRef) -> None:
    body = status("TooManyRequests", 429, "later")
    outcome = await run_with(office, api, "answer", status=429, body=body, retry_after=1, times=2)
    assert outcome.fate is Fate.DONE
    assert sent(office) == 3
    assert office.there(api)["spec"]["replicas"] == 7


@pytest.mark.parametrize("fault", ["cut", "cut-stream"])
async def test_a_connection_cut_in_the_middle_leaves_it_open_and_sends_nothing_again(
    office: Office, api: ObjectRef, fault: str
) -> None:
    outcome = await run_with(office, api, fault, **({"bytes": 10} if fault == "cut-stream" else {}))
    assert outcome.fate is Fate.FAILED
    assert outcome.problem is not None
    assert outcome.problem.summary.startswith("nobody knows whether it was made")
    assert sent(office) == 1
    (entry,) = await office.journal()
    assert entry.problem.startswith("nobody knows whether it was made")
    # With `cut-stream` the server had made it before the line went dead: asking again would have been wrong.
    assert office.there(api)["spec"]["replicas"] == (7 if fault == "cut-stream" else 2)


async def test_a_dry_run_that_fails_is_the_problem_of_its_step_and_nothing_is_carried_out(
    office: Office, api: ObjectRef
) -> None:
    office.sim.faults.add("answer", {"method": "PATCH"}, status=422, body=status("Invalid", 422, "webhook says no"))
    plan = await office.plan(Action.RESTART, api)
    office.sim.faults.clear()
    assert plan.steps[0].problem is not None
    assert plan.steps[0].problem.server_words == "webhook says no"
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert (outcome.fate, outcome.words) == (Fate.SKIPPED, "refused")
    assert await office.journal() == ()


async def test_a_webhook_that_knows_no_dry_run_does_not_forbid_the_change(office: Office, api: ObjectRef) -> None:
    words = 'admission webhook "x.example.com" does not support dry run'
    match = {"method": "PATCH", "query": "*dryRun*"}
    office.sim.faults.add("answer", match, status=400, body=status("BadRequest", 400, words))
    plan = await office.plan(Action.RESTART, api)
    assert plan.steps[0].problem is None
    assert any(words in warning for warning in plan.steps[0].warnings)
    await office.done(plan)


async def test_a_dead_cluster_costs_the_others_nothing(office: Office, api: ObjectRef) -> None:
    other = ObjectRef(US, api.kind, api.namespace, api.name)
    office.sim.faults.add("unreachable", {"cluster": "prod-us"})
    plan = await office.plan(Action.LABEL, api, other, pairs="a=b")
    first, second = plan.steps
    assert first.problem is None
    assert second.problem is not None
    assert second.problem.kind is ProblemKind.UNREACHABLE
    progress = await office.carry_out(plan)
    assert [outcome.fate for outcome in progress.outcomes] == [Fate.DONE, Fate.SKIPPED]


async def test_nothing_is_changed_that_cannot_be_written_down(office: Office, api: ObjectRef) -> None:
    blocked = office.folder / "file"
    blocked.write_text("")
    desk = Desk(office.connect, office.clock, ChangeSettings(journal=blocked / "journal.jsonl"))
    desk.unlock()
    office.desk = desk
    (outcome,) = (await office.carry_out(await office.plan(Action.SCALE, api, replicas="7"))).outcomes
    assert outcome.fate is Fate.SKIPPED
    assert outcome.problem is not None
    assert "nothing is changed that is not written down" in outcome.problem.summary
    assert office.there(api)["spec"]["replicas"] == 2
    await desk.stop()


async def test_what_the_end_of_the_program_cuts_is_written_down_as_such(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SCALE, api, replicas="7")
    office.sim.faults.add("hang", {"method": "PATCH"})
    office.desk.carry_out(plan)
    await office.until(lambda: any(fault.met for fault in office.sim.faults))
    await office.desk.stop()
    office.sim.faults.clear()
    (entry,) = await office.journal()
    assert "the program ended before the server answered" in entry.problem


async def test_a_cancel_skips_what_has_not_begun_and_cuts_nothing(office: Office, api: ObjectRef) -> None:
    names = ("deployments", "storefront", "web"), ("deployments", "search", "web"), ("deployments", "worker", "jobs")
    refs = [api, *[await office.ref(*name) for name in names]]
    more = [
        await office.ref("statefulsets", "ledger-db", "payments"),
        await office.ref("cronjobs", "invoice-export", "jobs"),
    ]
    plan = await office.plan(Action.LABEL, *refs, *more, pairs="a=b")
    office.sim.faults.add("slow", {"method": "PATCH"}, seconds=0.5)
    run = office.desk.carry_out(plan)
    await office.until(lambda: sum(fault.met for fault in office.sim.faults) >= 4)
    run.cancel()
    await office.until(lambda: run.progress.feed.value is not None and run.progress.feed.value.finished)
    assert run.progress.feed.value is not None
    fates = [outcome.fate for outcome in run.progress.feed.value.outcomes]
    assert fates == [Fate.DONE] * 4 + [Fate.SKIPPED] * 2
    assert len(await office.journal()) == 4


@pytest.fixture
async def viewer(sim: SimServer, tmp_path: Path) -> AsyncIterator[Office]:
    """Somebody who may only look."""
    http = Http({})
    made = Office(sim, http, tmp_path, person="viewer")
    made.desk.unlock()
    yield made
    await made.desk.stop()
    await http.close()


async def test_who_may_not_is_told_by_the_dry_run_and_sooner_by_a_review(viewer: Office) -> None:
    ref = await viewer.ref("deployments", "api", "payments")
    (step,) = (await viewer.plan(Action.RESTART, ref)).steps
    assert step.problem is not None
    assert step.problem.kind is ProblemKind.FORBIDDEN
    assert "cannot patch resource" in step.problem.server_words
    question = Question(EU, "patch", "apps", "deployments", namespace="payments", name="api")
    topic = viewer.desk.may(question)
    reading = asyncio.create_task(anext(feed async for feed in topic.follow() if feed.value is not None))
    permission = (await asyncio.wait_for(reading, 30)).value
    assert permission is not None
    assert not permission.allowed
    assert permission.reason == "no role of yours allows to patch deployments in namespace payments"


async def test_reviews_are_asked_once_and_only_when_read(office: Office) -> None:
    question = Question(EU, "delete", "", "pods")
    topic = office.desk.may(question)
    assert office.written() == []
    for _ in range(3):
        feed = await anext(feed async for feed in topic.follow() if feed.value is not None)
        assert feed.value is not None
        assert feed.value.allowed
    (asked,) = office.written()
    assert asked.path.partition("?")[0].endswith("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
    assert office.desk.may(replace(question)) is topic


async def test_who_may_not_even_ask_may_not_write(office: Office) -> None:
    words = "Permission 'gkehub.gateway.post' denied on resource"
    office.sim.faults.add("answer", {"path": "*accessreviews"}, status=403, body=status("Forbidden", 403, words))
    topic = office.desk.may(Question(EU, "delete", "", "pods"))
    feed = await anext(feed async for feed in topic.follow() if feed.value is not None)
    assert feed.value is not None
    assert not feed.value.allowed
    assert words in feed.value.reason


async def test_hostile_values_are_carried_and_shown_as_data(office: Office, api: ObjectRef) -> None:
    hostile = "\x1b[31mred\x1b]0;t\x07 [bold]x[/] \u202eabc 🙂\n" + "y" * 100_000
    from tui.changes.metadata import as_args

    plan = await office.desk.plan(Wish(Action.ANNOTATE, (api,), as_args({"note": hostile})))
    assert len(plan.steps[0].summary) < 200
    await office.done(plan)
    assert office.there(api)["metadata"]["annotations"]["note"] == hostile
    text = await office.desk.manifest(api)
    changed = await office.desk.plan(Wish(Action.EDIT, (api,), {"manifest": text}))
    assert changed.steps[0].unchanged
    await office.undo()
    assert "note" not in office.there(api)["metadata"]["annotations"]


async def test_a_name_that_is_no_name_reaches_no_other_path(office: Office) -> None:
    kind = await office.kind("configmaps")
    for name in ("../secrets/x", "a/b", "a?b=c", "%2e%2e", "a#b", "a\nb", "", ".", ".."):
        office.sim.requests.clear()
        (step,) = (await office.plan(Action.DELETE, ObjectRef(EU, kind, "web", name))).steps
        assert step.problem is not None
        prefix = "/clusters/prod-eu/api/v1/namespaces/web/configmaps/"
        paths = [asked.path for asked in office.sim.requests]
        assert all(path.startswith(prefix) and "/" not in path.removeprefix(prefix) for path in paths), paths
    assert office.written() == []


async def test_a_lock_that_the_configuration_forbids_cannot_be_opened(office: Office) -> None:
    desk = Desk(office.connect, office.clock, ChangeSettings(read_only=("*",), source="/c.yaml"))
    with pytest.raises(SourceError) as refused:
        desk.unlock()
    assert refused.value.problem.summary == "/c.yaml makes every cluster read-only"
    assert desk.lock.feed.value is not None
    assert desk.lock.feed.value.closed
    await desk.stop()
