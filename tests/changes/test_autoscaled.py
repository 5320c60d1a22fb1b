"""Scaling beside an autoscaler, on a whole server: who sets the replicas is said, and changes made since are kept."""

from __future__ import annotations

import pytest

from tests.changes.conftest import Office
from tests.changes.test_failures import status
from tui.errors import ProblemKind
from tui.model.changes import Action, Fate
from tui.model.objects import ObjectRef

AUTOSCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api-auto, namespace: payments}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 9
"""


async def test_who_sets_the_replicas_is_said(office: Office, api: ObjectRef) -> None:
    await office.apply(AUTOSCALER)
    (step,) = (await office.plan(Action.SCALE, api, replicas="7")).steps
    assert step.problem is None
    assert "the autoscaler api-auto (2 to 9) sets the replicas, and will change them again" in step.warnings


@pytest.mark.parametrize(("code", "said"), [(403, True), (404, False), (500, True)])
async def test_autoscalers_that_cannot_be_seen_forbid_nothing(
    office: Office, api: ObjectRef, code: int, said: bool
) -> None:
    office.sim.faults.add(
        "answer", {"path": "*horizontalpodautoscalers*"}, status=code, body=status("X", code, "not seen")
    )
    plan = await office.plan(Action.SCALE, api, replicas="7")
    assert any("cannot be seen whether an autoscaler" in warning for warning in plan.steps[0].warnings) is said
    await office.done(plan)


async def test_replicas_that_have_changed_since_are_left_alone(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SCALE, api, replicas="7")
    await office.do(Action.SCALE, api, replicas="4")
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert outcome.fate is Fate.FAILED
    assert outcome.problem is not None
    assert outcome.problem.kind is ProblemKind.CONFLICT
    assert "no longer what it was" in outcome.problem.summary
    assert office.there(api)["spec"]["replicas"] == 4
