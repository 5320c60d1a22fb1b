"""SET_IMAGE: other images for containers, by a JSON patch that tests what it replaces."""

from __future__ import annotations

from collections.abc import Iterator

from tui.changes.drafts import Args, Draft, json_patch, pointer, refuse, undo_by
from tui.errors import UsageError
from tui.model.bodies import items, obj, text
from tui.model.changes import Action, Wish
from tui.model.objects import Body, ObjectRef

EVERY = "*"
_LISTS = ("initContainers", "containers")
_SPECS: tuple[tuple[str, ...], ...] = (
    ("spec", "jobTemplate", "spec", "template", "spec"),  # CronJob
    ("spec", "template", "spec"),
    ("spec",),  # Pod
)


def images_of(args: Args) -> dict[str, str]:
    """Image by container; `*` is every container. Raises UsageError."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in args.get("images", "").split(","))):
        container, equals, image = part.partition("=")
        if not container or not equals or not image or any(char.isspace() for char in part):
            raise UsageError(f"{part[:120]!r}: expected CONTAINER=IMAGE (`*` is every container)")
        found[container] = image
    if not found:
        raise UsageError("expected CONTAINER=IMAGE (`*` is every container)")
    return found


def check(args: Args) -> None:
    images_of(args)


def pod_spec(live: Body) -> tuple[str, ...] | None:
    """Where an object keeps its pods' spec; None where it has none."""
    return next((path for path in _SPECS if items(live, *path, "containers")), None)


def draft(ref: ObjectRef, live: Body, args: Args) -> Draft:
    wanted = images_of(args)
    path = pod_spec(live)
    if path is None:
        raise refuse(f"{ref.kind.plural} have no containers")
    held = list(_containers(live, path))
    unknown = sorted(set(wanted) - {EVERY} - {text(container, "name") for _, _, container in held})
    if unknown:
        names = ", ".join(text(container, "name") for _, _, container in held)
        raise refuse(f"it has no container {', '.join(unknown)}; it has {names}")
    operations: list[Body] = []
    said: list[str] = []
    back: list[str] = []
    for part, index, container in held:
        name, old = text(container, "name"), text(container, "image")
        new = wanted.get(name, wanted.get(EVERY, old))
        if new == old:
            continue
        place = (*path, part, index)
        operations.append({"op": "test", "path": pointer(*place, "name"), "value": name})
        operations.append({"op": "test", "path": pointer(*place, "image"), "value": old})
        operations.append({"op": "replace", "path": pointer(*place, "image"), "value": new})
        said.append(f"{name}: {old} → {new}")
        back.append(f"{name}={old}")
    if not operations:
        return Draft(ref, "images as wished", None, live)
    undo = undo_by(Wish(Action.SET_IMAGE, (ref,), {"images": ",".join(back)}))
    write = json_patch(ref, live, operations)
    return Draft(ref, "; ".join(said), write, live, undo=undo, guarded=True)


def _containers(live: Body, path: tuple[str, ...]) -> Iterator[tuple[str, int, Body]]:
    """(list, place in it, container) of each."""
    spec = obj(live, *path)
    for part in _LISTS:
        for index, container in enumerate(items(spec, part)):
            yield part, index, container
