"""The grammar of `get`."""

from __future__ import annotations

import pytest

from tui.cli.asked import Asked, asked
from tui.errors import UsageError


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["pods"], [Asked("pods")]),
        (["pods", "a", "b"], [Asked("pods", "a"), Asked("pods", "b")]),
        (["pods,deploy.apps"], [Asked("pods"), Asked("deploy.apps")]),
        (["pods/a"], [Asked("pods", "a")]),
        (["pods/a", "deploy/b", "pods/a"], [Asked("pods", "a"), Asked("deploy", "b")]),
    ],
)
def test_is_kubectls(words: list[str], meant: list[Asked]) -> None:
    assert list(asked(words)) == meant


@pytest.mark.parametrize(
    ("words", "selector", "said"),
    [
        (["pods,deploy", "a"], "", "names go with one kind: give pods/a deploy/a"),
        (["pods", "deploy/b"], "", "every word must be"),
        (["pods/"], "", "every word must be"),
        (["pods/a/b"], "", "every word must be"),
        ([","], "", "name a kind"),
        (["pods", "a"], "x=y", "a name and a selector exclude each other"),
        (["pods/a"], "x=y", "a name and a selector exclude each other"),
    ],
)
def test_refuses_what_it_could_only_misunderstand(words: list[str], selector: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        asked(words, selector)
