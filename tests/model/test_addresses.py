"""What a cluster goes by, told from its address."""

from __future__ import annotations

import pytest

from tui.model.addresses import names_at

GATEWAY = "https://connectgateway.googleapis.com/v1/projects/7/locations/global/gkeMemberships/prod-eu"


@pytest.mark.parametrize(
    ("server", "cluster", "names"),
    [
        ("https://api.eu.example:6443", "", {"api.eu.example"}),
        ("https://API.eu.example/", "prod", {"api.eu.example", "prod"}),
        (GATEWAY, "gw", {"prod-eu", "gw"}),
        (GATEWAY.replace("gkeM", "m") + "/", "", {"prod-eu"}),
        ("", "", set()),
        ("https://[::1", "odd", {"odd"}),
    ],
)
def test_names(server: str, cluster: str, names: set[str]) -> None:
    assert names_at(server, cluster) == names
