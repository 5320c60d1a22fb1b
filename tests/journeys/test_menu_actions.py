"""What the menu does to one object: by keys, seen by the real kubectl, and taken back from the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.conftest import Sit


def at(*path: str | int) -> Callable[[Any], object]:
    """What stands at this path of what kubectl gets, None where nothing does."""

    def look(found: Any) -> object:
        for step in path:
            found = found[step] if isinstance(step, int) else found.get(step, {})
        return found or None

    return look


def some(where: str, *keys: str) -> Callable[[Any], object]:
    """These of the labels or annotations."""
    return lambda found: {key: found["metadata"].get(where, {}).get(key) for key in keys}


def named(name: str) -> Callable[[Any], object]:
    """Whether an object of this name is among those that kubectl gets."""
    return lambda found: any(item["metadata"]["name"] == name for item in found["items"])


@dataclass(frozen=True)
class Deed:
    """line: where the row is. get: for kubectl. choose: in the menu. look: at what kubectl gets. after: what is seen
    then; None: something else than before. form: what is typed into it, where there is one; \b
    is backspace. plan: what the plan shows. undone: whether it says that
    it can be. first, last: what somebody does with kubectl beforehand and in the end."""

    line: str
    get: tuple[str, ...]
    choose: str
    look: Callable[[Any], object]
    before: object
    after: object
    form: str | None = None
    plan: tuple[str, ...] = ()
    undone: bool = True
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


IMAGE = at("spec", "template", "spec", "containers", 0, "image")
RESTARTED = at("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")
PAUSED = at("spec", "paused")
SUSPENDED = at("spec", "suspend")
SEARCH = ("deploy web @prod-eu /search", ("deploy", "search", "-n", "web"))
STOREFRONT = ("deploy web @prod-eu /storefront", ("deploy", "storefront", "-n", "web"))
WORKER = ("deploy jobs @prod-eu /worker", ("deploy", "worker", "-n", "jobs"))
EXPORT = ("cronjobs jobs @prod-eu /invoice-export", ("cronjob", "invoice-export", "-n", "jobs"))
REGISTRY = "europe-docker.pkg.dev/acme-prod/web/"
ROLLOUT = ("deploy/worker", "-n", "jobs")
SUSPENSION = ("patch", "cronjob", "invoice-export", "-n", "jobs", "-p")

DEEDS = {
    "scale": Deed(
        *SEARCH, "scale", at("spec", "replicas"), 2, 5, form="\b5", plan=("replicas 2 → 5", "+   replicas: 5")
    ),
    "set-image": Deed(
        *SEARCH,
        "set image",
        IMAGE,
        f"{REGISTRY}search:1.8.1",
        f"{REGISTRY}search:1.8.2",
        form="\b2",
        plan=("+", "search:1.8.2"),
    ),
    "restart": Deed(
        *WORKER, "restart", RESTARTED, None, ..., plan=("restart", "! cannot be undone from the journal"), undone=False
    ),
    "undo-rollout": Deed(
        *STOREFRONT,
        "undo a rollout",
        IMAGE,
        f"{REGISTRY}storefront:4.12.0",
        f"{REGISTRY}storefront:4.11.0",
        form="",
        plan=("+", "storefront:4.11.0"),
    ),
    "pause": Deed(*WORKER, "pause", PAUSED, None, True, plan=("pause its rollout", "+   paused: true")),
    "resume": Deed(
        *WORKER,
        "resume",
        PAUSED,
        True,
        None,
        plan=("resume its rollout", "-   paused: true"),
        first=("rollout", "pause", *ROLLOUT),
        last=("rollout", "resume", *ROLLOUT),
    ),
    "suspend": Deed(*EXPORT, "suspend", SUSPENDED, None, True, plan=("suspend: starts no more jobs",)),
    "unsuspend": Deed(
        *EXPORT,
        "unsuspend",
        SUSPENDED,
        True,
        None,
        plan=("unsuspend", "+   suspend: false"),
        first=(*SUSPENSION, '{"spec":{"suspend":true}}'),
        last=(*SUSPENSION, '{"spec":{"suspend":false}}'),
    ),
    "trigger": Deed(
        EXPORT[0],
        ("jobs", "-n", "jobs"),
        "trigger",
        named("by-hand"),
        False,
        True,
        form="by-hand",
        plan=("start job by-hand", "+ kind: Job"),
    ),
    "label": Deed(
        *SEARCH,
        "label",
        some("labels", "tier", "team"),
        {"tier": None, "team": "web"},
        {"tier": "gold", "team": None},
        form="tier=gold,team-",
        plan=("+     tier: gold", "-     team: web"),
    ),
    "annotate": Deed(
        *SEARCH,
        "annotate",
        some("annotations", "note"),
        {"note": None},
        {"note": "a, then b"},
        form="note=a, then b",
        plan=("+     note: a, then b",),
    ),
}


@pytest.mark.parametrize("name", DEEDS)
async def test_it_is_done_seen_and_taken_back(sit: Sit, name: str) -> None:
    deed = DEEDS[name]
    async with sit() as person:
        if deed.first:
            await person.by_hand(*deed.first)
        await person.unlock()
        await person.list(deed.line, deed.line.partition("/")[2])
        assert deed.look(await person.get(*deed.get)) == deed.before
        await person.choose(deed.choose)
        if deed.form is not None:
            await person.fill_in(deed.form.lstrip("\b"), *["backspace"] * deed.form.count("\b"))
        await person.carry_out(*deed.plan)
        now = deed.look(await person.get(*deed.get))
        assert now == deed.after if deed.after is not ... else now != deed.before
        if deed.undone:
            await person.undo()
            assert deed.look(await person.get(*deed.get)) == deed.before
        else:
            await person.cannot_undo()
        if deed.last:
            await person.by_hand(*deed.last)
