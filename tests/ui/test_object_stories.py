"""The screen of one object as a person uses it: keys in, what is on screen out."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from screens.object import ObjectScreen
from tests.ui import objects, world
from tests.ui.run import SMALL, Story, running
from tui.model import builtin
from tui.model.kube import KindRef
from tui.model.logs import LogQuery
from tui.model.objects import ObjectRef
from tui.present.navigation import PaneId
from widgets.prompt import Prompt
from widgets.resource_pane import ResourcePane

TO_POD = ("down", "3", "down")
"""To the crashing pod of prod-us, in the overview."""


async def opened(story: Story, ref: ObjectRef, tab: str = "Describe") -> ObjectScreen:
    """Open an object that no list of this world holds."""
    story.app.post_message(ResourcePane.ObjectWanted(ref, tab))
    await story.settle()
    return screen(story)


def screen(story: Story) -> ObjectScreen:
    assert isinstance(story.app.screen, ObjectScreen)
    return story.app.screen


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "uid": f"uid-{name}"}, **more}


async def test_d_describes_what_is_under_the_cursor_and_esc_leads_back() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await story.press(*TO_POD[:2])
        assert story.overview.resources.current is not None
        await story.press("d")
        assert story.shows("Pod payments/api-7c9f6d-kk0d2", "prod-us", "× api: CrashLoopBackOff", "OOMKilled", "● live")
        await story.press("end")
        assert story.shows("! Warning", "×31 in 10m", "Back-off restarting failed container")
        await story.press("escape")
        assert story.overview is story.app.screen
        assert story.shows("3 Pods")


async def test_y_shows_yaml_and_tabs_lead_on() -> None:
    async with running(objects.live_hub()) as story:
        await story.press(*TO_POD[:2], "y")
        assert story.shows("apiVersion: v1", "kind: Pod", "managedFields: # 1 folded (kubelet); M unfolds")
        await story.press("M")
        assert story.shows("- manager: kubelet")
        await story.press("3")
        assert story.shows("Scheduled", "BackOff")
        assert not story.shows("apiVersion: v1")
        await story.press("tab", "tab")
        assert story.shows("× api: CrashLoopBackOff")


@pytest.mark.parametrize("tab", ["Describe", "YAML"])
async def test_secret_values_are_masked_until_x(tab: str) -> None:
    async with running(objects.live_hub()) as story:
        await opened(story, objects.SECRET, tab)
        assert story.shows("13 bytes")
        assert not story.shows("correct horse")
        await story.press("x")
        assert story.shows("correct horse", "values shown")
        await story.press("x", "c")
        assert "13 bytes" in story.app.clipboard
        assert "correct horse" not in story.app.clipboard
        await story.press("x")
        await story.press("c")
        assert "correct horse" in story.app.clipboard
        await story.press("x")
        assert not story.shows("correct horse")


async def test_x_is_offered_for_secrets_only() -> None:
    async with running(objects.live_hub()) as story:
        await opened(story, objects.SECRET)
        assert story.shows("x secret values")
        await story.press("escape")
        await opened(story, objects.POD)
        assert not story.shows("secret values")


async def test_what_changes_is_shown_where_one_is_reading() -> None:
    hub = objects.live_hub()
    async with running(hub, SMALL) as story:
        view = (await opened(story, objects.POD, "YAML")).view
        await story.press("pagedown")
        place = view.body_view.scroll_offset.y
        assert place > 5
        body = objects.pod()
        body["status"]["phase"] = "Failed"
        objects.put(hub, objects.POD, body, objects.happenings())
        await story.advance(1)
        assert view.body_view.scroll_offset.y == place
        assert "phase: Failed" in view.text


async def test_a_deleted_object_is_called_deleted_and_can_still_be_read() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await opened(story, objects.POD)
        objects.gone(hub, objects.POD)
        await story.advance(1)
        assert story.shows("× deleted", "as it was seen last", "× api: CrashLoopBackOff")


async def test_another_object_of_the_same_name_is_told_from_the_one_that_was_opened() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await opened(
            story, ObjectRef(objects.US, objects.POD.kind, "payments", objects.POD.name, "uid-of-an-older-one")
        )
        assert story.shows("made anew: another object has this name now")


async def test_what_is_stale_says_since_when() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await opened(story, objects.POD)
        hub.object(objects.POD).fail(world.UNREACHABLE, world.NOW + 30)
        await story.advance(2)
        assert story.shows("○ stale since 14:02:12", "unreachable", "× api: CrashLoopBackOff")


async def test_what_was_never_read_explains_itself() -> None:
    hub = world.live_hub()
    async with running(hub) as story:
        await opened(story, objects.POD)
        assert story.shows("Asking for Pod payments/api-7c9f6d-kk0d2 of prod-us …", "… loading")
        objects.never(hub, objects.POD)
        await story.advance(1)
        assert story.shows("cannot be read", "cannot list resource", "× failed")
        objects.put(hub, objects.POD, None)
        await story.advance(1)
        assert story.shows("There is no Pod payments/api-7c9f6d-kk0d2 of prod-us.", "no such object")


async def test_forbidden_events_are_named_and_cost_the_rest_nothing() -> None:
    hub = objects.live_hub()
    ref = replace(objects.POD, uid="uid-api-7c9f6d-kk0d2")
    hub.events(ref).replace(replace(hub.events(ref).feed, value=None, problem=world.RBAC))
    async with running(hub) as story:
        await opened(story, objects.POD)
        await story.press("end")
        assert story.shows("Events  not seen", "× Kubernetes refused: pods is forbidden")


async def test_finding_marks_and_goes_on() -> None:
    async with running(objects.live_hub(), SMALL) as story:
        view = (await opened(story, objects.POD, "YAML")).view.body_view
        await story.press("slash")
        await story.type("Image")
        assert view.found == (0, 0)
        await story.press("escape", "slash")
        await story.type("image")
        await story.press("enter")
        first, total = view.found
        assert (first, total) == (1, 2)
        assert story.shows("1 of 2 found")
        await story.press("n")
        assert view.found == (2, 2)
        await story.press("n", "N")
        assert view.found == (2, 2)
        await story.press("escape")
        assert view.found == (0, 0)
        assert isinstance(story.app.screen, ObjectScreen)


async def test_keys_are_text_while_one_types_what_to_find() -> None:
    async with running(objects.live_hub()) as story:
        await opened(story, objects.POD)
        await story.burst("slash", "d", "q", "y", "x", "2")
        assert [line.input.value for line in story.app.screen.query(Prompt)] == ["dqyx2"]


async def test_by_hand_shows_the_command_and_copies_it() -> None:
    async with running(objects.live_hub()) as story:
        await opened(story, objects.POD, "YAML")
        await story.press("K", "c")
        first = story.app.clipboard.splitlines()[0]
        assert first.endswith("get pods api-7c9f6d-kk0d2 -n payments -o yaml")
        assert first.startswith("kubectl --context connectgateway_acme-1_us-east1_prod-us ")


async def test_a_megabyte_in_one_value_is_read_to_its_end() -> None:
    ref = ObjectRef(objects.EU, replace(objects.SECRETS, plural="configmaps", kind="ConfigMap"), "", "big")
    hub = objects.live_hub()
    lines = "".join(f"line {number}\n" for number in range(80_000))
    objects.put(hub, ref, named("big", data={"lines": lines, "one": "x" * 1_000_002 + "END"}))
    async with running(hub, SMALL) as story:
        view = (await opened(story, ref, "YAML")).view.body_view
        await story.press("slash")
        await story.type("line 79999")
        await story.press("enter")
        assert story.shows("line 79999")
        await story.press("escape", "slash")
        await story.type("END")
        await story.press("enter")
        assert view.found == (1, 1)
        assert "END" in story.text()


EVIL = "\x1b[31mred\x1b]52;c;eA==\x07\u202edcba[bold]x[/bold]\x9b2J😀"


async def test_hostile_text_is_harmless_in_every_tab() -> None:
    ref = replace(objects.POD, name="evil")
    body = objects.pod()
    body["metadata"] |= {"name": EVIL, "annotations": {EVIL: EVIL, "long": "y" * 1_000_000}, "labels": {"a": EVIL}}
    body["spec"]["containers"][0] |= {"image": EVIL, "command": [EVIL], "env": [{"name": EVIL, "value": EVIL}]}
    hub = objects.live_hub()
    objects.put(hub, ref, body, (replace(objects.happenings()[0], message=EVIL, reason=EVIL),))
    async with running(hub) as story:
        await opened(story, ref)
        for key in ("d", "y", "3"):
            await story.press(key)
            text = story.text()
            assert not any(char in text for char in "\x1b\x07\x9b\u202e")
            assert "[bold]" in text


async def test_only_the_tabs_of_this_screen_are_followed() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await opened(story, objects.POD)
        cell = hub.object(objects.POD)
        assert cell.readers == 1
        await story.press("escape")
        assert cell.readers == 0


async def test_the_screen_works_at_eighty_columns() -> None:
    async with running(objects.live_hub(), SMALL) as story:
        await opened(story, objects.POD)
        assert story.shows("d Describe", "y YAML", "Pod payments/api-7c9f6d-kk0d2", "esc back", "● live")


async def test_u_shows_what_stands_around_it_and_enter_goes_there() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await story.press(*TO_POD[:2], "u")
        assert story.shows("owned by", "└ ReplicaSet api-7c9f6d", "2/3 ready", "  └ Deployment api")
        assert story.shows("Secret db", "env DB", "ConfigMap api-config", "× not found")
        assert story.shows("partial: networkpolicies.networking.k8s.io forbidden")
        await story.press("enter")
        assert screen(story).view.ref.name == "api-7c9f6d"
        assert story.shows("Asking for ReplicaSet payments/api-7c9f6d")
        await story.press("escape")
        assert screen(story).view.ref.name == objects.POD.name
        await story.press("escape")
        assert story.overview is story.app.screen


async def test_what_cannot_be_opened_is_not() -> None:
    async with running(objects.live_hub()) as story:
        await opened(story, objects.POD, "Related")
        await story.press("end", "enter")
        assert screen(story).view.ref.name == objects.POD.name
        await story.press("c")
        assert "Widget w1" in story.app.clipboard


async def test_the_tree_is_grown_only_while_it_is_looked_at() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await opened(story, objects.POD)
        assert hub.related(objects.POD).readers == 0
        await story.press("u")
        assert hub.related(objects.POD).readers == 1
        await story.press("d")
        assert hub.related(objects.POD).readers == 0


async def test_the_tree_says_why_it_is_not_there() -> None:
    hub = objects.live_hub()
    hub.relatives.clear()
    async with running(hub) as story:
        await opened(story, objects.POD, "Related")
        assert story.shows("Looking for what stands around it")
        hub.related(objects.POD).fail(world.RBAC, world.NOW + 9)
        await story.advance(1)
        assert story.shows("cannot list resource", "× failed")


async def test_l_opens_the_logs_of_a_pod_and_esc_leads_back_to_the_list() -> None:
    hub = objects.live_hub()
    async with running(hub) as story:
        await story.press(*TO_POD[:2], "d")
        await story.press("l")
        assert story.app.screen is story.overview
        assert hub.followed[-1] == LogQuery((objects.US,), namespace="payments", pods=("api-7c9f6d-kk0d2",))
        assert story.shows("api-7c9f6d-kk0d2 · prod-us")
        await story.press("escape")
        assert story.overview.current is PaneId.RESOURCES


async def test_l_of_a_workload_follows_the_pods_it_makes() -> None:
    hub = objects.live_hub()
    ref = ObjectRef(objects.EU, builtin.DEPLOYMENTS, "payments", "api")
    spec = {"selector": {"matchLabels": {"app": "api"}}, "template": {"spec": {"containers": []}}}
    objects.put(hub, ref, {**named("api", spec=spec), "kind": "Deployment", "apiVersion": "apps/v1"})
    async with running(hub) as story:
        await opened(story, ref)
        await story.press("p")
        assert hub.followed[-1] == LogQuery((objects.EU,), namespace="payments", labels="app=api", previous=True)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (builtin.CLAIMS, {"selector": {"matchLabels": {"disk": "fast"}}}),
        (builtin.SERVICES, {"externalName": "x.example.com"}),
    ],
    ids=["claim", "service"],
)
async def test_what_has_no_pods_has_no_logs(kind: KindRef, spec: dict[str, Any]) -> None:
    hub = objects.live_hub()
    ref = ObjectRef(objects.EU, kind, "payments", "db")
    objects.put(hub, ref, named("db", spec=spec))
    async with running(hub) as story:
        shown = await opened(story, ref)
        before = list(hub.followed)
        await story.press("l")
        assert (story.app.screen, hub.followed) == (shown, before)
        assert not story.shows("l logs")
