"""The grammar is built in parts, so that a short command does not pay for forty; nobody may notice."""

from __future__ import annotations

import argparse

import pytest

from tui.cli.parser import GROUPS, grammar, parse


def commands(parser: argparse.ArgumentParser) -> set[str]:
    return {name for action in parser._actions if isinstance(action.choices, dict) for name in action.choices}  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("names", [sorted(names) for names, _ in GROUPS], ids=" ".join)
def test_a_name_brings_its_own_commands_and_no_others(names: list[str]) -> None:
    for name in names:
        assert commands(grammar([name])) == set(names)


def test_together_they_are_all_commands() -> None:
    assert commands(grammar()) == {name for names, _ in GROUPS for name in names}


def test_the_value_of_a_flag_may_be_the_name_of_another_command() -> None:
    arguments = parse(["--cluster", "get", "logs", "-n", "exec", "demo"])
    assert (arguments.run, arguments.cluster, arguments.namespace) == ("tui.cli.logs:run", ["get"], "exec")
    assert arguments.what == ["demo"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lgos web", "invalid choice: 'lgos' (choose from 'demo', 'sim', 'fleet'"),
        ("lgos logs", "invalid choice: 'lgos' (choose from 'demo', 'sim', 'fleet'"),
        ("logs --tial 3", "unrecognized arguments: --tial"),
        ("logs --tail many", "argument --tail: many: expected a number of lines"),
    ],
)
def test_what_is_wrong_is_said_by_the_whole_grammar(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(line.split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("line", ["--help", "-h logs", "--help get"])
def test_help_names_every_command(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(line.split())
    printed = capsys.readouterr().out
    assert not ended.value.code
    assert all(f"\n    {name}" in printed for names, _ in GROUPS for name in names)
