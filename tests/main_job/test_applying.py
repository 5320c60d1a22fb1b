"""Apply from the command line, with the real kubectl between: what only we own is ours, what others own is theirs."""

from __future__ import annotations

from tests.changes.test_defining import CRD, WIDGET
from tests.main_job.test_changing import MANIFEST, YES, Shell, own_sim, shell

__all__ = ["own_sim", "shell"]


def test_apply_after_an_undone_apply_and_with_kubectl_between(shell: Shell) -> None:
    def manifest(value: str) -> str:
        return MANIFEST.replace("made", "thrice").replace("a: b", f"a: '{value}'")

    def data() -> object:
        return shell.get("cm", "thrice", "-n", "web")["data"]

    shell.ok("apply", "-f", "-", *YES, text=manifest("1"))
    shell.ok("apply", "-f", "-", *YES, text=manifest("2"))
    shell.undo_last()
    assert data() == {"a": "1"}
    tried = shell.ok("apply", "-f", "-", "--dry-run", text=manifest("3"))
    assert "warning: applied with force: only earlier edits and undos of clusterview itself own .data.a" in tried
    shell.ok("apply", "-f", "-", *YES, text=manifest("3"))
    assert data() == {"a": "3"}
    shell.undo_last()
    shell.kubectl().ok("apply", "--server-side", "--force-conflicts", "-f", "-", text=manifest("4"))
    done = shell("apply", "-f", "-", *YES, text=manifest("5"))
    assert done.returncode == 1
    assert 'other managers own what it would change: .data.a (conflict with "kubectl")' in done.stderr
    assert data() == {"a": "4"}


def test_a_definition_and_its_resources_in_one_file(shell: Shell) -> None:
    manifest = f"{CRD}---{WIDGET}---{WIDGET.replace('name: w,', 'name: w2,')}"
    tried = shell.ok("apply", "-f", "-", "--dry-run", text=manifest)
    assert tried.count("warning: it could not be tried first: an earlier step defines its kind") == 2
    out = shell.ok("apply", "-f", "-", *YES, text=manifest)
    assert [line.split()[-1] for line in out.splitlines()[1:]] == ["created"] * 3
    listed = shell.kubectl().ok("get", "widgets", "-n", "web", "-o", "name").split()
    assert listed == ["widget.example.com/w", "widget.example.com/w2"]
    again = shell.ok("apply", "-f", "-", "--dry-run", text=manifest)
    assert again.count("no change") == 3
