"""Saved views as `config.yaml` holds them, and what is said of wrong ones: file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config.loading import load_settings
from tui.errors import UsageError
from tui.model.kube import Pick
from tui.model.sorting import SortBy
from tui.model.views import SavedView

GOOD = """\
views:
  hot:
    kind: pods
    namespace: payments
    labels: app=web
    filter: "status:!Running"
    clusters: [prod-*, ^prod-us]
    columns: [name, Ready, "IMAGE:.spec.containers[*].image", AGE]
    sort: -AGE
  plain: {kind: "deploy,sts"}
"""


def load(tmp_path: Path, text: str) -> dict[str, SavedView]:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return dict(load_settings({"HOME": str(tmp_path)}, config_file=path).views)


def test_a_view_says_what_it_shows(tmp_path: Path) -> None:
    views = load(tmp_path, GOOD)
    columns = (Pick("NAME"), Pick("READY"), Pick("IMAGE", ".spec.containers[*].image"), Pick("AGE"))
    assert views["hot"] == SavedView(
        "hot",
        "pods",
        "payments",
        "app=web",
        "",
        "status:!Running",
        ("prod-*", "^prod-us"),
        columns,
        SortBy("age", True),
    )
    assert views["plain"] == SavedView("plain", "deploy,sts")
    assert views["hot"].words == "pods payments app=web @prod-* @^prod-us"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("views: [a]", 1, "views: expected `name: view` pairs"),
        ("views:\n  hot: pods", 2, "views.hot: expected the keys of a view"),
        ("views:\n  hot:\n    namespace: x", 3, "views.hot: a view needs a `kind`"),
        ("views:\n  hot:\n    kind: po\n    colour: red", 4, "views.hot.colour: unknown key 'colour'"),
        ("views:\n  hot:\n    kind: po\n    labels: [a]", 4, "views.hot.labels: labels: expected a text"),
        ("views:\n  hot:\n    kind: po\n    columns:\n      - NAME\n      - X:.a[", 6, "is no path"),
        ("views:\n  hot:\n    kind: po\n    columns: [AGE]", 4, "must hold NAME"),
        ('views:\n  "a b":\n    kind: po', 3, "cannot be typed as a command"),
    ],
)
def test_a_wrong_view_is_refused_with_file_line_and_key(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        load(tmp_path, text)
    assert f"config.yaml:{line}: " in str(raised.value)
    assert said in str(raised.value)
