"""Reading an object's JSON without trusting its shape: what is missing or of another type is empty, never an error.

Objects of custom kinds, and of servers newer or older than us, may hold anything; a description must come all the same.
"""

from __future__ import annotations

from typing import Any, cast

from tui.model.objects import Body


def at(body: object, *path: str) -> Any:
    """The value at a path of keys; None where something on the way is missing or is no object."""
    value = body
    for key in path:
        if not isinstance(value, dict):
            return None
        value = cast("Body", value).get(key)
    return value


def obj(body: object, *path: str) -> Body:
    """An object; {} where there is none."""
    value = at(body, *path)
    return cast("Body", value) if isinstance(value, dict) else {}


def items(body: object, *path: str) -> list[Body]:
    """The objects of a list; [] where there is none."""
    value = at(body, *path)
    return (
        [cast("Body", item) for item in cast("list[object]", value) if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )


def texts(body: object, *path: str) -> list[str]:
    """The scalars of a list as text; [] where there is none."""
    value = at(body, *path)
    if not isinstance(value, list):
        return []
    return [scalar(item) for item in cast("list[object]", value) if not isinstance(item, dict | list)]


def text(body: object, *path: str) -> str:
    """A scalar as text, as kubectl prints it; "" where there is none."""
    return scalar(at(body, *path))


def scalar(value: object) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def number(body: object, *path: str) -> int:
    """A whole number; 0 where there is none."""
    value = at(body, *path)
    return int(value) if isinstance(value, int | float) else 0


def strings(body: object, *path: str) -> dict[str, str]:
    """A map of text to text, such as labels; {} where there is none."""
    return {key: scalar(value) for key, value in obj(body, *path).items()}


def name_of(body: object) -> str:
    return text(body, "metadata", "name")


def namespace_of(body: object) -> str:
    return text(body, "metadata", "namespace")


def uid_of(body: object) -> str:
    return text(body, "metadata", "uid")


def version_of(body: object) -> str:
    """Its resourceVersion."""
    return text(body, "metadata", "resourceVersion")


def group_of(api_version: str) -> str:
    """The group of an apiVersion: "" for "v1"."""
    return api_version.rpartition("/")[0]


def selector(held: Body) -> str:
    """A LabelSelector as `-l` takes it: "app=web,tier in (a,b),!legacy"."""
    said = [f"{key}={value}" for key, value in sorted(strings(held, "matchLabels").items())]
    for one in items(held, "matchExpressions"):
        key, values = text(one, "key"), ",".join(texts(one, "values"))
        match text(one, "operator"):
            case "In":
                said.append(f"{key} in ({values})")
            case "NotIn":
                said.append(f"{key} notin ({values})")
            case "Exists":
                said.append(key)
            case "DoesNotExist":
                said.append(f"!{key}")
            case other:
                said.append(f"{key} {other} {values}".strip())
    return ",".join(said)
