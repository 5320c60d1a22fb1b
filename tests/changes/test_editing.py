"""One object in an editor: what is shown, what comes back, why it is shown again, and that nothing typed is lost."""

from __future__ import annotations

from tui.changes.editing import Editing, Saved, reasons, without_head
from tui.changes.yamltext import parse_object
from tui.errors import Problem, ProblemKind

BASE = """kind: Deployment
metadata:
  name: a
  resourceVersion: '10'
spec:
  replicas: 2
"""


def editing() -> Editing:
    return Editing("Deployment web/a of prod-eu", BASE)


def test_the_text_says_what_it_is_and_is_the_object() -> None:
    made = editing()
    assert made.text.startswith("# Deployment web/a of prod-eu\n# Edit the object below.")
    assert without_head(made.text) == BASE
    assert parse_object(made.text) == parse_object(BASE)


def test_what_a_saved_text_means() -> None:
    assert editing().saved(editing().text) is Saved.UNCHANGED
    assert editing().saved("# only\n# comments\n") is Saved.CANCELLED
    assert editing().saved("") is Saved.CANCELLED
    made = editing()
    assert made.saved(made.text.replace("replicas: 2", "replicas: 3")) is Saved.CHANGED
    assert made.changed
    assert made.manifest == BASE.replace("replicas: 2", "replicas: 3")


def test_a_refused_text_is_shown_again_under_the_reason_and_given_up_when_saved_as_it_was() -> None:
    made = editing()
    wrong = made.text.replace("replicas: 2", "replicas: two  # I think")
    assert made.saved(wrong) is Saved.CHANGED
    made.refuse(["the server rejected it", "spec.replicas: " + "very " * 60 + "\x1b[31mwrong\u2028#"])
    assert "# It was not accepted:\n# the server rejected it\n" in made.text
    assert "\x1b" not in made.text
    assert "\u2028" not in made.text
    assert max(map(len, made.text.splitlines())) < 120
    assert without_head(made.text) == without_head(wrong)
    assert made.saved(made.text) is Saved.AGAIN
    assert made.saved(made.text.replace("two  # I think", "4")) is Saved.CHANGED


def test_what_others_changed_meanwhile_is_put_under_it() -> None:
    made = editing()
    made.saved(made.text.replace("replicas: 2", "replicas: 5"))
    theirs = BASE.replace("'10'", "'11'").replace("  name: a\n", "  name: a\n  labels: {theirs: 'yes'}\n")
    made.rebase(theirs, ["it has been changed since it was opened"])
    body = parse_object(made.text)
    assert body["spec"]["replicas"] == 5
    assert body["metadata"] == {"name": "a", "resourceVersion": "11", "labels": {"theirs": "yes"}}
    assert "put on top of it" in made.text
    assert made.saved(made.text) is Saved.CHANGED  # it was looked at, and saved


def test_a_text_that_cannot_be_read_is_not_put_on_top_of_anything() -> None:
    made = editing()
    made.saved("kind: [")
    made.rebase(BASE, ["others were faster"])
    assert without_head(made.text) == "kind: ["
    assert "others were faster" in made.text


def test_reasons_are_all_that_is_known() -> None:
    problem = Problem(ProblemKind.INVALID, "rejected", "spec: wrong", "do it right")
    assert reasons(problem) == ["rejected", "spec: wrong", "do it right"]
