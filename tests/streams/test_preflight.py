"""The five lights, from every kind of evidence."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace as changed

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.preflight import Light, Shade
from tui.streams import preflight
from tui.streams.preflight import Evidence, lights, look

SILENT = Problem(ProblemKind.TIMEOUT, "no answer")


def seen(
    version: str | Problem = "v1.33.4",
    *,
    granted: bool | Problem | None = True,
    get: bool | Problem = True,
    create: bool | Problem = True,
    slots: tuple[int, int] | Problem | None = (3, 5),
    project: str = "acme",
) -> Evidence:
    return Evidence(version, granted, get, create, slots, project, "ana@example.com")


def light(name: str, stream: str, evidence: Evidence) -> Light:
    return next(one for one in lights(stream, "web", evidence) if one.name == name)


def test_all_five_are_told_in_the_order_in_which_a_stream_passes_them() -> None:
    found = lights("exec", "web", seen())
    assert [one.name for one in found] == ["version", "protocol", "IAM", "RBAC", "slot"]
    assert {one.shade for one in found} == {Shade.GOOD}


@pytest.mark.parametrize(
    ("stream", "version", "shade"),
    [
        ("exec", "v1.30.0", Shade.GOOD),
        ("exec", "v1.29.9-gke.100", Shade.BAD),
        ("attach", "v1.29.9", Shade.BAD),
        ("portforward", "v1.31.0", Shade.GOOD),
        ("portforward", "v1.30.9", Shade.BAD),
        ("exec", "nonsense", Shade.UNKNOWN),
        ("exec", SILENT, Shade.UNKNOWN),
    ],
)
def test_the_version_that_the_gateway_passes(stream: str, version: str | Problem, shade: Shade) -> None:
    assert light("version", stream, seen(version)).shade is shade


def test_on_another_road_an_old_version_is_spoken_to_in_the_older_form() -> None:
    direct = seen("v1.29.9", project="", slots=None)
    assert light("version", "exec", direct).shade is Shade.GOOD
    assert "v4.channel.k8s.io" in light("protocol", "exec", direct).words
    assert "stdin" in light("protocol", "exec", direct).words
    assert (light("IAM", "exec", direct).shade, light("slot", "exec", direct).shade) == (Shade.NONE, Shade.NONE)


@pytest.mark.parametrize(("granted", "shade"), [(True, Shade.GOOD), (False, Shade.BAD), (SILENT, Shade.UNKNOWN)])
def test_the_permission(granted: bool | Problem, shade: Shade) -> None:
    found = light("IAM", "exec", seen(granted=granted))
    assert found.shade is shade
    assert ("--member=user:ana@example.com --role=roles/gkehub.gatewayAdmin" in found.remedy) is (shade is Shade.BAD)


@pytest.mark.parametrize(
    ("version", "get", "create", "shade", "words"),
    [
        ("v1.34.0", True, False, Shade.GOOD, "get on pods/exec"),
        ("v1.35.0", True, False, Shade.BAD, "lacks create on pods/exec"),
        ("v1.34.0", False, True, Shade.BAD, "lacks get on pods/exec"),
        ("v1.36.2", False, False, Shade.BAD, "lacks get and create on pods/exec in namespace web"),
        ("v1.36.2", True, SILENT, Shade.UNKNOWN, "not known: no answer"),
        (SILENT, True, False, Shade.BAD, "lacks create"),
        ("v1.36.2", True, True, Shade.GOOD, "get and create on pods/exec"),
    ],
)
def test_the_rights_in_the_cluster(
    version: str | Problem, get: bool | Problem, create: bool | Problem, shade: Shade, words: str
) -> None:
    found = light("RBAC", "exec", seen(version, get=get, create=create))
    assert found.shade is shade
    assert words in found.words
    assert ("--verb=get,create --resource=pods/exec" in found.remedy) is (shade is Shade.BAD)


def test_no_free_slot_is_a_wait_and_no_refusal() -> None:
    found = light("slot", "exec", seen(slots=(0, 5)))
    assert found.shade is Shade.WAIT
    assert changed(found, words="").remedy == ""
    unknown = light("slot", "exec", seen(slots=Problem(ProblemKind.TIMEOUT, "no answer within 5 s")))
    assert (unknown.shade, unknown.words[-20:]) == (Shade.UNKNOWN, "no answer within 5 s")


class Road:
    """Fits `Facts`. hangs: the version is never told."""

    account = "ana@example.com"

    def __init__(self, project: str = "acme", *, hangs: bool = False) -> None:
        self.project = project
        self.asked: list[str] = []
        self._hangs = hangs

    async def slots(self) -> tuple[int, int] | None:
        return 1, 5

    async def version(self) -> str:
        if self._hangs:
            await asyncio.Event().wait()
        return "v1.36.0"

    async def granted(self, permission: str) -> bool:
        self.asked.append(permission)
        return True

    async def may(self, verb: str, subresource: str, namespace: str) -> bool:
        self.asked.append(f"{verb} {subresource} {namespace}")
        raise SourceError(Problem(ProblemKind.FORBIDDEN, "reviews are not allowed"))


async def test_what_cannot_be_asked_is_unknown_and_stops_nothing() -> None:
    road = Road()
    found = await look(road, "exec", "web")
    assert sorted(road.asked) == ["create exec web", "get exec web", "gkehub.gateway.stream"]
    assert [one.shade for one in found.lights][3] is Shade.UNKNOWN
    assert found.bad == ()


async def test_who_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "PATIENCE", 0.01)
    found = await look(Road(hangs=True), "exec", "web")
    assert found.lights[0].shade is Shade.UNKNOWN


async def test_another_road_is_asked_nothing_of_iam() -> None:
    road = Road("")
    await look(road, "exec", "web")
    assert "gkehub.gateway.stream" not in road.asked
