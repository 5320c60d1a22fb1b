"""gcloud's configuration is read as gcloud reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.clients.gcloud_config import read_gcloud_config


def _write(folder: Path, name: str, text: str) -> None:
    (folder / "configurations").mkdir(parents=True, exist_ok=True)
    (folder / "configurations" / f"config_{name}").write_text(text)


def test_the_active_configuration_is_the_one_that_active_config_names(tmp_path: Path) -> None:
    _write(tmp_path, "default", "[core]\nproject = wrong\n")
    _write(
        tmp_path,
        "work",
        "[core]\nproject = acme\naccount = ana@example.com\n[auth]\nimpersonate_service_account = s@p\n",
    )
    (tmp_path / "active_config").write_text("work\n")
    config = read_gcloud_config({"CLOUDSDK_CONFIG": str(tmp_path)})
    assert (config.project, config.account, config.impersonate) == ("acme", "ana@example.com", "s@p")
    assert config.source.endswith("config_work")


def test_the_environment_outranks_the_file_and_names_the_configuration(tmp_path: Path) -> None:
    _write(tmp_path, "default", "[core]\nproject = wrong\naccount = stored@example.com\n")
    _write(tmp_path, "other", "[core]\nproject = from-file\naccount = other@example.com\n")
    environ = {
        "CLOUDSDK_CONFIG": str(tmp_path),
        "CLOUDSDK_ACTIVE_CONFIG_NAME": "other",
        "CLOUDSDK_CORE_PROJECT": "from-env",
        "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": "/ca.pem",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": "/token",
    }
    config = read_gcloud_config(environ)
    assert (config.project, config.account) == ("from-env", "other@example.com")
    assert (config.ca_file, config.token_file) == ("/ca.pem", "/token")


def test_endpoint_overrides_come_from_both_and_always_end_in_one_slash(tmp_path: Path) -> None:
    _write(tmp_path, "default", "[api_endpoint_overrides]\ngkehub = https://a.example/x\nserviceusage = https://b/\n")
    environ = {
        "CLOUDSDK_CONFIG": str(tmp_path),
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CONNECTGATEWAY": "https://127.0.0.1:1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE": "https://env/",
    }
    config = read_gcloud_config(environ)
    assert config.endpoint("gkehub") == "https://a.example/x/"
    assert config.endpoint("connectgateway") == "https://127.0.0.1:1/"
    assert config.endpoint("serviceusage") == "https://env/"
    assert config.endpoint("iamcredentials") == "https://iamcredentials.googleapis.com/"
    assert config.is_overridden("gkehub")
    assert not config.is_overridden("iamcredentials")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no section = 1", b"[core\nproject = x"])
def test_a_damaged_or_missing_file_is_nothing_configured(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "configurations").mkdir()
    (tmp_path / "configurations" / "config_default").write_bytes(content)
    assert read_gcloud_config({"CLOUDSDK_CONFIG": str(tmp_path)}).project == ""
    assert read_gcloud_config({"HOME": str(tmp_path / "nowhere")}).project == ""


def test_a_percent_sign_in_a_value_is_only_a_percent_sign(tmp_path: Path) -> None:
    _write(tmp_path, "default", "[core]\nproject = 100%sure\n")
    assert read_gcloud_config({"CLOUDSDK_CONFIG": str(tmp_path)}).project == "100%sure"
