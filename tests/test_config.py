"""Settings: later sources win, and a wrong one is named with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config.loading import load_settings
from tui.config.places import config_path, state_dir
from tui.config.settings import Settings
from tui.errors import UsageError


def write(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "clusterview" / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return {"XDG_CONFIG_HOME": str(tmp_path), "HOME": "/home/ana"}


def test_works_without_any_file(tmp_path: Path) -> None:
    settings = load_settings({"HOME": str(tmp_path)})
    assert settings == Settings(kubeconfig=(tmp_path / ".kube/config",))


def test_file_then_environment_then_flags(tmp_path: Path) -> None:
    environ = write(tmp_path, "projects: [from-file, other]\nrefresh: 60\ntheme: light\naliases: {dp: deployments}\n")
    environ |= {"CLUSTERVIEW_PROJECTS": "from-env, second", "CLUSTERVIEW_REFRESH": "90"}
    settings = load_settings(environ, {"refresh": 10.0, "theme": None})
    assert settings.projects == ("from-env", "second")
    assert settings.refresh == 10.0
    assert settings.theme == "light"
    assert settings.aliases == {"dp": "deployments"}
    assert settings.config_file == tmp_path / "clusterview/config.yaml"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("projects: 7\n", "config.yaml:1: projects: expected a list of texts"),
        ("theme: dark\nrefresh: soon\n", "config.yaml:2: refresh: expected a number"),
        ("theme: bogus\n", "config.yaml:1: theme: expected one of dark, light, ansi-dark"),
        ("refresh: 1\n", "config.yaml:1: refresh: expected seconds between 5 and 3600"),
        ("quota_share: 2\n", "config.yaml:1: quota_share: expected a fraction"),
        ("theme: dark\n\ncolour: red\n", "config.yaml:3: unknown key 'colour'; known keys: projects"),
        ("read_only: ['/(/']\n", "config.yaml:1: read_only: cluster pattern /(/: not a valid regular expression"),
        ("theme: dark\nproduction: 3\n", "config.yaml:2: production: expected a list of texts"),
        ("write_minutes: 0\n", "config.yaml:1: write_minutes: expected minutes above 0 and up to 1440"),
        ("log_lines: 999\n", "config.yaml:1: log_lines: expected a whole number of lines from 1,000 to 5,000,000"),
        ("log_lines: .inf\n", "config.yaml:1: log_lines: expected a number"),
        ("theme: dark\nlog_bytes: lots\n", "config.yaml:2: log_bytes: expected a size from 16MiB to 16GiB, such as"),
        ("log_bytes: 1MiB\n", "config.yaml:1: log_bytes: expected a size from 16MiB to 16GiB, such as 256MiB"),
        ("log_bytes: true\n", "config.yaml:1: log_bytes: expected a size"),
        ("keymap: [a]\n", "config.yaml:1: keymap: expected `name: text` pairs"),
        ("theme: dark\nkubeconfig: [/no/such/file]\n", "config.yaml:2: kubeconfig: /no/such/file does not exist"),
        ("a: [\n", "config.yaml:2: not valid YAML"),
        ("- a\n", "config.yaml:1: expected `key: value` lines"),
    ],
)
def test_names_file_line_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_settings(write(tmp_path, text))
    assert words in str(refused.value)


def test_what_may_be_written_to(tmp_path: Path) -> None:
    text = "read_only: [prod-*, ^prod-dev]\nproduction: prod-eu\nwrite_minutes: 2.5\n"
    settings = load_settings(write(tmp_path, text))
    assert (settings.read_only, settings.production) == (("prod-*", "^prod-dev"), ("prod-eu",))
    assert settings.write_minutes == 2.5


@pytest.mark.parametrize(
    ("text", "size"),
    [("256MiB", 256 << 20), ("64 mib", 64 << 20), ("20000000", 20_000_000), ("100MB", 10**8), ("1.5G", 1_500_000_000)],
)
def test_how_much_of_a_log_is_kept(tmp_path: Path, text: str, size: int) -> None:
    settings = load_settings(write(tmp_path, f"log_lines: 20000\nlog_bytes: {text}\n"))
    assert (settings.log_lines, settings.log_bytes) == (20_000, size)


def test_names_the_variable() -> None:
    with pytest.raises(UsageError, match="CLUSTERVIEW_REFRESH='often': expected a number"):
        load_settings({"HOME": "/nowhere", "CLUSTERVIEW_REFRESH": "often"})


def test_a_theme_that_is_none_is_refused_and_every_one_of_textuals_is_known() -> None:
    from textual.theme import BUILTIN_THEMES

    with pytest.raises(UsageError, match=r"CLUSTERVIEW_THEME='bogus': expected one of dark, light, .*tokyo-night"):
        load_settings({"HOME": "/nowhere", "CLUSTERVIEW_THEME": "bogus"})
    for name in ("dark", "light", *BUILTIN_THEMES):
        assert load_settings({"HOME": "/nowhere", "CLUSTERVIEW_THEME": name}).theme == name


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_settings({"HOME": str(tmp_path)}, config_file=tmp_path / "missing.yaml")


def test_an_empty_file_is_no_settings(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, "# nothing yet\n")).projects == ()


def test_paths_follow_kubectl_and_xdg(tmp_path: Path) -> None:
    environ = {"HOME": "/home/ana", "KUBECONFIG": "/a:/b:", "XDG_STATE_HOME": "relative/is/ignored"}
    assert load_settings(environ).kubeconfig == (Path("/a"), Path("/b"))
    assert state_dir(environ) == Path("/home/ana/.local/state/clusterview")
    assert config_path({"HOME": "/h", "XDG_CONFIG_HOME": "/c"}) == Path("/c/clusterview/config.yaml")
