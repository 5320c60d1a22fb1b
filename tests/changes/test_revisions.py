"""What a rollout can go back to, of each kind that is rolled out, as the desk tells it and as it is then done."""

from __future__ import annotations

import pytest

from tests.changes.conftest import Office
from tui.errors import SourceError
from tui.model.changes import Action
from tui.model.kube import KindRef
from tui.model.objects import ObjectRef
from tui.model.writes import Media, Write

KINDS = [
    ("deployments", "storefront", "web"),
    ("statefulsets", "ledger-db", "payments"),
    ("daemonsets", "kube-proxy", "kube-system"),
]


async def workload(office: Office, kind: str, name: str, namespace: str) -> ObjectRef:
    ref = await office.ref(kind, name, namespace)
    assert office.seen(ref) is not None, f"{kind} {namespace}/{name}"
    return ref


async def settled(office: Office, ref: ObjectRef, count: int) -> None:
    """Once so many revisions are remembered."""
    for _ in range(200):
        if len(await office.desk.revisions(ref)) >= count:
            return
        await office.clock.sleep(2)
    raise AssertionError(await office.desk.revisions(ref))


@pytest.mark.parametrize(("kind", "name", "namespace"), KINDS)
async def test_the_history_and_a_way_back_to_any_of_it(office: Office, kind: str, name: str, namespace: str) -> None:
    ref = await workload(office, kind, name, namespace)
    before = await office.desk.revisions(ref)
    first = before[-1]
    assert first.present
    assert first.created is not None
    container = office.there(ref)["spec"]["template"]["spec"]["containers"][0]["name"]
    for turn, image in enumerate(("example.com/a:1", "example.com/a:2"), 1):
        await office.do(Action.SET_IMAGE, ref, images=f"{container}={image}")
        await settled(office, ref, len(before) + turn)
    *_, old, middle, now = await office.desk.revisions(ref)
    assert (old.images, middle.images[0], now.images[0]) == (first.images, "example.com/a:1", "example.com/a:2")
    assert (old.number < middle.number < now.number, [one.present for one in (old, middle, now)]) == (
        True,
        [False, False, True],
    )
    await office.do(Action.UNDO_ROLLOUT, ref, revision=str(old.number))
    images = [one["image"] for one in office.there(ref)["spec"]["template"]["spec"]["containers"]]
    assert tuple(images) == first.images


async def test_why_a_revision_was_made_is_told(office: Office) -> None:
    ref = await workload(office, "deployments", "storefront", "web")
    cause = {"metadata": {"annotations": {"kubernetes.io/change-cause": "back to 4"}}}
    image = {"spec": {"template": {"metadata": {"labels": {"x": "y"}}}}}
    count = len(await office.desk.revisions(ref))
    await office.write(Write("PATCH", ref.kind.path("web", ref.name), {**cause, **image}, Media.MERGE_PATCH))
    await settled(office, ref, count + 1)
    assert (await office.desk.revisions(ref))[-1].cause == "back to 4"


async def test_it_is_read_while_writing_is_locked_and_writes_nothing(office: Office) -> None:
    office.desk.relock()
    office.sim.requests.clear()
    assert await office.desk.revisions(await workload(office, *KINDS[0]))
    assert office.written() == []


async def test_what_has_no_rollout_says_so(office: Office) -> None:
    with pytest.raises(SourceError, match="configmaps have no rollouts"):
        await office.desk.revisions(ObjectRef((await office.ref("pods", "x")).cluster, CONFIG, "web", "x"))


CONFIG = KindRef("", "v1", "configmaps", "ConfigMap")
