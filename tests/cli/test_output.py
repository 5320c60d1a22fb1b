"""What lands on stdout is the result only, aligned, and harmless."""

from __future__ import annotations

import json

import pytest
import yaml

from tui.cli.output import print_result, print_table
from tui.cli.session import tell
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via


def test_aligns_columns_without_trailing_space(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["NAME", "READY", "AGE"], [["api", "1/1", "3d"], ["a-longer-name", None, 7]])
    assert capsys.readouterr().out == (
        "NAME            READY    AGE\napi             1/1      3d\na-longer-name   <none>   7\n"
    )


def test_escape_sequences_of_a_server_reach_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["NAME"], [["\x1b]0;owned\x07"]])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("form", ["table", "json", "yaml", "name"])
def test_the_same_list_in_every_form(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_result(
        form,
        headings=["NAME"],
        rows=[["prod-eu"]],
        documents=[{"name": "prod-eu"}],
        names=["memberships/prod-eu"],
        nothing="nothing",
    )
    out = capsys.readouterr().out
    if form == "json":
        assert json.loads(out) == {"items": [{"name": "prod-eu"}]}
    elif form == "yaml":
        assert yaml.safe_load(out) == {"items": [{"name": "prod-eu"}]}
    else:
        assert out == ("NAME\nprod-eu\n" if form == "table" else "memberships/prod-eu\n")


def test_an_empty_table_is_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    print_result("table", headings=["NAME"], rows=[], documents=[], names=[], nothing="No memberships.")
    assert capsys.readouterr() == ("", "No memberships.\n")


def test_a_failure_is_said_once_for_all_it_happened_to_with_each_command_that_helps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem = Problem(ProblemKind.SIGNED_OUT, "nobody is signed in", remedy="gcloud auth login\naz login")
    tell([(ClusterRef(name, name, Via.CONTEXT), problem) for name in ("one", "two")])
    said = capsys.readouterr().err
    assert said.splitlines()[0].startswith("2 clusters (one, two): ")
    assert said.endswith("\n  try: gcloud auth login\n  try: az login\n")
