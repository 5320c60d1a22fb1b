"""Roles and their bindings: who may do what."""

from __future__ import annotations

from tui.model.bodies import items, obj, selector, text, texts
from tui.model.objects import Body
from tui.present.describe.common import metadata, section
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Grid, Head, Note
from tui.present.parts import Cell

_ALL = "*"


def role(known: Known) -> list[Block]:
    """A Role or a ClusterRole: a line for each resource."""
    body = known.body
    rows: list[tuple[Cell, ...]] = []
    for rule in items(body, "rules"):
        rows += _rows(rule)
    gathers = [selector(one) for one in items(body, "aggregationRule", "clusterRoleSelectors")]
    columns = ("RESOURCE", "NAMES", "VERBS")
    return [
        *metadata(body, known.now),
        *section("Gathered from", [Note(f"cluster roles with {one}") for one in gathers]),
        Head("Rules", "" if rows else "none: it allows nothing"),
        *([Grid(columns, tuple(sorted(rows, key=str)))] if rows else []),
    ]


def _rows(rule: Body) -> list[tuple[Cell, ...]]:
    verbs, names = " ".join(texts(rule, "verbs")), " ".join(texts(rule, "resourceNames"))
    said: Cell = (verbs, "warn") if _ALL in verbs.split() else verbs
    paths = [(f"URL {path}", names, said) for path in texts(rule, "nonResourceURLs")]
    groups = texts(rule, "apiGroups") or [""]
    kinds = [(_resource(resource, group), names, said) for resource in texts(rule, "resources") for group in groups]
    return [*kinds, *paths]


def _resource(resource: str, group: str) -> str:
    """ "deployments.apps/scale", as kubectl names it."""
    plural, slash, sub = resource.partition("/")
    return f"{plural}.{group}{slash}{sub}" if group else resource


def binding(known: Known) -> list[Block]:
    """A RoleBinding or a ClusterRoleBinding."""
    body = known.body
    held = obj(body, "roleRef")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (text(one, "kind"), text(one, "namespace"), text(one, "name")) for one in items(body, "subjects")
    )
    return [
        *metadata(body, known.now, ("role", f"{text(held, 'kind')}/{text(held, 'name')}")),
        Head("Subjects", "" if rows else "none: it allows nobody anything"),
        *([Grid(("KIND", "NAMESPACE", "NAME"), rows)] if rows else []),
    ]
