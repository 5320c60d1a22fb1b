"""`:compare`: two objects side by side, live, each side by itself; what differs by nature is folded."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui import lists, world
from tests.ui.fake import FakeHub
from tests.ui.objects import SECRETS
from tests.ui.run import BIG, SMALL, Story, running
from tui.app import ClusterviewApp
from tui.model.feed import Feed
from tui.model.kube import KindRef
from tui.model.objects import Body, Held, ObjectRef
from tui.present.width import text_width

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])
EU, US, THIRD = (member.cluster for member in world.members()[:3])


def ref(cluster: Any = EU, kind: KindRef = lists.DEPLOYMENTS, name: str = "api") -> ObjectRef:
    return ObjectRef(cluster, kind, "payments", name)


def deployment(uid: str, **spec: Any) -> Body:
    container = {"name": "app", "image": spec.pop("image", "shop/api:1"), "env": [{"name": "LOG", "value": "info"}]}
    container["resources"] = {"limits": {"memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}}
    container["ports"] = [{"containerPort": 8080, "name": "http", "protocol": "TCP"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "api",
            "namespace": "payments",
            "uid": uid,
            "resourceVersion": uid,
            "generation": 3,
            "labels": spec.pop("labels", {"app": "api"}),
            "managedFields": [{"manager": "kubectl", "operation": "Update"}],
        },
        "spec": {
            "progressDeadlineSeconds": 600,
            "replicas": 2,
            "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app": "api"}},
            "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"},
            "template": {"spec": {"containers": [container], "restartPolicy": "Always", "schedulerName": "standard"}},
            **spec,
        },
        "status": {"readyReplicas": len(uid)},
    }


OTHER: dict[str, Any] = {"replicas": 3, "image": "shop/api:2", "labels": {"app": "api", "tier": "gold"}}


def put(hub: FakeHub, cluster: Any, body: Body | None, **of: Any) -> None:
    hub.object(ref(cluster, **of)).put(Held(body), world.NOW)


def hub_with(first: Body | None, second: Body | None) -> FakeHub:
    hub = lists.several_kinds()
    put(hub, EU, first)
    put(hub, US, second)
    return hub


async def opened(story: Story, line: str = "compare @prod-us") -> None:
    await story.press("colon")
    await story.type("svc,deploy")
    await story.press("enter", "down")
    await story.press("colon")
    await story.type(line)
    await story.press("enter")


def halves(story: Story, sign: str) -> list[tuple[str, str]]:
    """The rows with this sign between the columns, as what stands left and right of it."""
    found: list[tuple[str, str]] = []
    for line in story.lines():
        inner = line[1:-1]
        left, cut, right = inner.partition(f" {sign} ")
        if cut:
            found.append((left.strip(), right.strip().rstrip("▁▂▃▄▅▆▇█ ")))
    return found


async def test_both_stand_beside_each_other_where_there_is_room() -> None:
    async with running(hub_with(deployment("u-1"), deployment("u-22", **OTHER))) as story:
        await opened(story)
        assert story.shows("Deployment payments/api  3 differences", "prod-eu · ● live", "prod-us · ● live")
        assert ("replicas: 2", "replicas: 3") in halves(story, "≠")
        assert ("- image: shop/api:1", "- image: shop/api:2") in [
            (left.replace("  ", ""), right.replace("  ", "")) for left, right in halves(story, "≠")
        ] or any("shop/api:1" in left and "shop/api:2" in right for left, right in halves(story, "≠"))
        assert halves(story, ">") == [("", "tier: gold")]
        assert "u-22" not in story.text()
        assert "readyReplicas" not in story.text()
        assert story.shows("Not compared, since it differs by nature: status, metadata.uid")


async def test_below_a_hundred_columns_they_stand_below_each_other_and_v_changes_it() -> None:
    async with running(hub_with(deployment("u-1"), deployment("u-22", **OTHER)), SMALL) as story:
        await opened(story)
        assert story.shows("- prod-eu · ● live", "+ prod-us · ● live", "-     replicas: 2".replace("    ", "  "))
        await story.press("v")
        assert ("replicas: 2", "replicas: 3") in halves(story, "≠")


async def test_what_differs_by_nature_is_unfolded_by_a_key_and_all_lines_by_another() -> None:
    async with running(hub_with(deployment("u-1"), deployment("u-22"))) as story:
        await opened(story)
        assert story.shows("Deployment payments/api  the same", "They are the same.", "lines the same")
        await story.press("a")
        assert ("replicas: 2", "replicas: 2") in halves(story, "│")
        await story.press("a", "M")
        assert story.shows("2 differences")
        assert ("uid: u-1", "uid: u-22") in halves(story, "≠")
        assert ("readyReplicas: 3", "readyReplicas: 4") in halves(story, "≠")


async def test_n_goes_from_difference_to_difference_and_round() -> None:
    many = deployment("u-1", **{f"field{number}": [number] * 30 for number in range(5)})
    more = deployment("u-1", **{f"field{number}": [number] * 30 + [number + 7] for number in range(5)})
    async with running(hub_with(many, more), SMALL) as story:
        await opened(story)
        assert story.shows("5 differences")
        await story.press("n")
        assert story.shows("1 of 5 differences", "- 7")
        await story.press("n", "n")
        assert story.shows("3 of 5 differences", "- 9")
        await story.press("N", "N", "N")
        assert story.shows("5 of 5 differences", "- 11")


async def test_it_is_live() -> None:
    hub = hub_with(deployment("u-1"), deployment("u-22", replicas=3))
    async with running(hub) as story:
        await opened(story)
        assert story.shows("1 difference")
        put(hub, US, deployment("u-22"))
        await story.settle()
        assert story.shows("the same")
        put(hub, EU, deployment("u-1", replicas=7))
        await story.settle()
        assert ("replicas: 7", "replicas: 2") in halves(story, "≠")


async def test_a_dead_cluster_keeps_what_was_seen_and_says_how_old_it_is() -> None:
    hub = hub_with(deployment("u-1"), deployment("u-22", replicas=3))
    async with running(hub) as story:
        await opened(story)
        hub.object(ref(US)).fail(world.UNREACHABLE, world.NOW + 300)
        await story.advance(180)
        assert story.shows("prod-eu · ● live", "prod-us · ○ stale since", " · 3m")
        assert ("replicas: 2", "replicas: 3") in halves(story, "≠")


@pytest.mark.parametrize("size", [BIG, SMALL], ids=["wide", "narrow"])
async def test_where_one_cannot_be_read_the_other_is_shown_with_the_reason(size: tuple[int, int]) -> None:
    hub = hub_with(deployment("u-1"), None)
    hub.object(ref(US)).replace(Feed(problem=world.RBAC, failures=2, retry_at=world.NOW + 12))
    async with running(hub, size) as story:
        await opened(story)
        assert story.shows("prod-eu · ● live", "prod-us · × failed", "cannot be read", "replicas: 2")
        assert not story.shows("differences")


async def test_one_that_is_not_there_is_said() -> None:
    async with running(hub_with(deployment("u-1"), None)) as story:
        await opened(story)
        assert story.shows("∅ no such object", "There is no Deployment payments/api of prod-us.", "replicas: 2")


def secret(password: str, user: str = "ledger") -> Body:
    data = {"password": password, "user": user}
    held = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    notes = {"kubectl.kubernetes.io/last-applied-configuration": str(held)}
    meta = {"name": "db", "namespace": "payments", "annotations": notes}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": held}


def secret_hub() -> FakeHub:
    hub = world.live_hub()
    for cluster, body in ((EU, secret("correct horse")), (US, secret("battery stapl"))):
        put(hub, cluster, body, kind=SECRETS, name="db")
    return hub


async def of_secrets(story: Story) -> None:
    from screens.comparing import CompareScreen

    refs = [ref(cluster, SECRETS, "db") for cluster in (EU, US)]
    story.app.push_screen(CompareScreen(story.hub, story.hub.clock, refs))
    await story.settle()


@pytest.mark.parametrize("keys", [(), ("M",), ("a",)], ids=["folded", "nature", "all"])
async def test_that_secret_values_differ_is_told_without_showing_them(keys: tuple[str, ...]) -> None:
    async with running(secret_hub()) as story:
        await of_secrets(story)
        await story.press(*keys)
        assert story.shows("•••• 13 bytes, differs from prod-us", "•••• 13 bytes, differs from prod-eu")
        assert story.shows("user: # •••• 6 bytes, the same")
        await story.press("c")
        copied = story.app.clipboard
        assert "differs from prod-us" in copied
        for value in ("correct horse", "battery stapl", "ledger"):
            encoded = base64.b64encode(value.encode()).decode()
            for text in (story.text(), copied):
                assert value not in text
                assert encoded not in text


async def test_secret_values_are_shown_when_asked_for() -> None:
    async with running(secret_hub()) as story:
        await of_secrets(story)
        await story.press("x")
        assert ("password: correct horse", "password: battery stapl") in halves(story, "≠")
        assert story.shows("values shown")


async def test_several_clusters_are_compared_one_at_a_time() -> None:
    hub = hub_with(deployment("u-1"), deployment("u-22"))
    put(hub, THIRD, deployment("u-3", replicas=9))
    async with running(hub) as story:
        await opened(story, f"compare @prod-us @{THIRD.name}")
        assert story.shows("prod-us · ● live", "the same")
        await story.press("tab")
        assert story.shows(f"{THIRD.name} · ● live")
        assert ("replicas: 2", "replicas: 9") in halves(story, "≠")
        await story.press("tab")
        assert story.shows("prod-us · ● live", "the same")


async def test_the_differences_are_copied_as_a_patch_and_said_by_hand() -> None:
    async with running(hub_with(deployment("u-1"), deployment("u-22", replicas=3))) as story:
        await opened(story)
        await story.press("c")
        copied = story.app.clipboard
        assert copied.startswith("--- prod-eu payments/api\n+++ prod-us payments/api\n@@ ")
        assert "\n-  replicas: 2\n+  replicas: 3\n" in copied
        await story.press("K")
        assert story.shows("diff -u <(kubectl --context", "get deployments.apps api", "-o yaml)")


HOSTILE = "\x1b[31mred \u202eevil \U0001f600 日本 [bold]x[/] e" + "\u0301" * 40


async def test_hostile_text_is_harmless_and_stays_in_its_column() -> None:
    one = deployment("u-1", labels={"app": "api", "a": "日本語日本語日本語" * 9, "b": HOSTILE, "c": "same\tish"})
    two = deployment("u-1", labels={"app": "api", "a": "日本語" * 3, "b": HOSTILE + "!", "c": "same\tish"})
    async with running(hub_with(one, two)) as story:
        await opened(story)
        text = story.text()
        assert "\x1b" not in text
        assert "\u202e" not in text
        places = {
            text_width(line[: line.index(f" {sign} ")])
            for line in story.lines()[3:-2]
            for sign in "≠│<>"
            if f" {sign} " in line
        }
        assert len(places) == 1, places
        assert story.shows("[bold]x[/]")


def looking(hub: FakeHub, *keys: str, then: Callable[[], None] = lambda: None) -> Callable[..., Awaitable[None]]:
    async def look(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ClusterviewApp)
        story = Story(pilot.app, hub, pilot)
        await story.settle()
        await opened(story)
        for key in keys:
            await story.press(key)
        then()
        await story.advance(1)

    return look


@SIZES
def test_different(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = hub_with(deployment("u-1"), deployment("u-22", **OTHER))
    assert snap_compare(ClusterviewApp(hub, hub.clock), run_before=looking(hub, "n"), terminal_size=size)


@SIZES
def test_the_same(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = hub_with(deployment("u-1"), deployment("u-22"))
    assert snap_compare(ClusterviewApp(hub, hub.clock), run_before=looking(hub, "a"), terminal_size=size)


@SIZES
def test_one_side_failed(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = hub_with(deployment("u-1"), None)
    hub.object(ref(US)).replace(Feed(problem=world.RBAC, failures=2, retry_at=world.NOW + 12))
    assert snap_compare(ClusterviewApp(hub, hub.clock), run_before=looking(hub), terminal_size=size)


@SIZES
def test_one_side_stale(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = hub_with(deployment("u-1"), deployment("u-22", **OTHER))

    def outage() -> None:
        hub.object(ref(US)).fail(world.UNREACHABLE, world.NOW + 30)

    assert snap_compare(ClusterviewApp(hub, hub.clock), run_before=looking(hub, then=outage), terminal_size=size)


@SIZES
def test_secrets(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = secret_hub()

    async def look(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ClusterviewApp)
        story = Story(pilot.app, hub, pilot)
        await story.settle()
        await of_secrets(story)

    assert snap_compare(ClusterviewApp(hub, hub.clock), run_before=look, terminal_size=size)


@SIZES
def test_hostile(snap_compare: Compare, size: tuple[int, int]) -> None:
    one = deployment("u-1", labels={"app": "api", "a": "日本語日本語日本語" * 9, "b": HOSTILE, "c": "same"})
    two = deployment("u-1", labels={"app": "api", "a": "日本語" * 3, "b": HOSTILE + "!", "c": "same"})
    hub = hub_with(one, two)
    assert snap_compare(ClusterviewApp(hub, hub.clock), run_before=looking(hub, "v", "v"), terminal_size=size)
