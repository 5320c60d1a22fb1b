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


def taking(flag: str, parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The commands that have this flag."""
    found = [words] if words and flag in parser._option_string_actions else []  # pyright: ignore[reportPrivateUsage]
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        for name, below in action.choices.items() if isinstance(action.choices, dict) else ():
            found += taking(flag, below, (*words, name))
    return found


@pytest.mark.parametrize("words", taking("-n", grammar()), ids=" ".join)
@pytest.mark.parametrize(
    "given", [("-n", ""), ("-n", " "), ("--namespace=",), ("-n", "web,"), ("-n", ",")], ids=" ".join
)
def test_a_namespace_that_is_empty_is_refused_by_every_command(
    words: tuple[str, ...], given: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([*words, *given])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"clusterview {' '.join(words)}: error: argument -n/--namespace: " in said
    assert "empty; leave -n out, or give a name" in said


def test_they_are_these() -> None:
    """Those that are asked above; a command that is added and takes a namespace is among them by itself."""
    assert {("get",), ("find",), ("logs",), ("exec",), ("cp",), ("apply",), ("delete",)} <= set(taking("-n", grammar()))


@pytest.mark.parametrize("command", ["exec", "attach", "cp"])
def test_a_container_whose_name_is_empty_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([command, "-c", ""])
    assert ended.value.code == 2
    assert "argument -c/--container: the container's name is empty" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["--help", "-h logs", "--help get"])
def test_help_names_every_command(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(line.split())
    printed = capsys.readouterr().out
    assert not ended.value.code
    assert all(f"\n    {name}" in printed for names, _ in GROUPS for name in names)
