"""The small texts that several printers share: labels, selectors, containers, conditions."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.printers.base import age_of, name_of, or_none, parts
from tui.sim.kube.status import Obj


def labels(value: Any) -> str:
    """A label set as "a=1,b=2", sorted; "<none>" when empty."""
    return or_none(_pairs(value))


def _pairs(value: Any) -> str:
    return ",".join(f"{key}={wanted}" for key, wanted in sorted(mapping(value).items()))


def selector(value: Any) -> str:
    """A LabelSelector in the syntax of `-l`, "" when it selects everything or nothing."""
    requirements = [(key, f"{key}={wanted}") for key, wanted in mapping(mapping(value).get("matchLabels")).items()]
    requirements += [_requirement(each) for each in parts(mapping(value).get("matchExpressions"))]
    return ",".join(said for _, said in sorted(requirements, key=lambda pair: pair[0]))


def selector_or_none(value: Any) -> str:
    """`selector`, with the server's "<none>" when it is empty."""
    return or_none(selector(value))


def _requirement(expression: Obj) -> tuple[str, str]:
    key, values = text(expression.get("key")), ",".join(sorted(map(str, items(expression.get("values")))))
    match expression.get("operator"):
        case "In":
            return key, f"{key} in ({values})"
        case "NotIn":
            return key, f"{key} notin ({values})"
        case "DoesNotExist":
            return key, f"!{key}"
        case _:
            return key, key


def containers(template: Any) -> list[str]:
    """Names and images of the containers of a pod template, each joined by commas: two cells."""
    found = parts(mapping(mapping(template).get("spec")).get("containers"))
    return [
        ",".join(text(container.get("name")) for container in found),
        ",".join(text(container.get("image")) for container in found),
    ]


def replicas(obj: Obj, now: float) -> list[Any]:
    """The cells of what keeps a number of pods, but for its selector."""
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    return [
        name_of(obj),
        number(spec.get("replicas"), 1),
        number(status.get("replicas")),
        number(status.get("readyReplicas")),
        age_of(obj, now),
        *containers(spec.get("template")),
    ]


def has_condition(obj: Obj, condition_type: str) -> bool:
    """Whether status.conditions holds this type with status True (the first of the type decides)."""
    return condition_status(obj, condition_type) == "True"


def condition_status(obj: Obj, condition_type: str) -> str:
    """The status of the first condition of this type, "" without one."""
    for condition in parts(mapping(obj.get("status")).get("conditions")):
        if condition.get("type") == condition_type:
            return text(condition.get("status"))
    return ""
