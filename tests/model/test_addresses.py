"""What a cluster goes by, told from its address."""

from __future__ import annotations

import pytest

from tui.model.addresses import GatewayPlace, gateway_at, host_at, is_google, named_project, names_at

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


@pytest.mark.parametrize(
    ("server", "place"),
    [
        (GATEWAY, GatewayPlace("connectgateway.googleapis.com", "7", "global", "prod-eu")),
        (
            "https://europe-west1-connectgateway.googleapis.com/v1/projects/7/locations/europe-west1/memberships/p/",
            GatewayPlace("europe-west1-connectgateway.googleapis.com", "7", "europe-west1", "p"),
        ),
        (
            "https://u@127.0.0.1:8443/v1beta1/projects/acme/locations/l/gkeMemberships/m",
            GatewayPlace("127.0.0.1:8443", "acme", "l", "m"),
        ),
        (
            "https://connectgateway.googleapis.com/v1alpha1/projects/7/memberships/old",
            GatewayPlace("connectgateway.googleapis.com", "7", "", "old"),
        ),
        (f"{GATEWAY}/api", None),
        ("https://rancher.example/k8s/projects/7/locations/l/memberships/m", None),
        ("https://10.0.0.1:6443", None),
        ("https://[::1", None),
        ("", None),
    ],
)
def test_an_address_at_the_gateway(server: str, place: GatewayPlace | None) -> None:
    assert gateway_at(server) == place


@pytest.mark.parametrize(
    ("names", "project"),
    [
        (("connectgateway_acme-1_global_prod-eu",), "acme-1"),
        (("mine", "connectgateway_example.com:acme_global_prod-eu_ns-pay"), "example.com:acme"),
        (("mine",), ""),
        ((), ""),
        (("connectgateway_acme-1_europe-west1_prod-eu",), ""),
        (("connectgateway_acme-1_global_prod-us",), ""),
        (("connectgateway_global_prod-eu",), ""),
        (("connectgateway_a_b_global_prod-eu",), ""),
    ],
)
def test_the_project_of_an_address_by_its_id_where_gcloud_has_named_the_entry(
    names: tuple[str, ...], project: str
) -> None:
    place = gateway_at(GATEWAY)
    assert place is not None
    assert named_project(place, *names) == project


@pytest.mark.parametrize(
    ("url", "host", "google"),
    [
        ("https://connectgateway.googleapis.com/v1", "connectgateway.googleapis.com", True),
        (
            "https://u:p@Europe-West1-ConnectGateway.googleapis.com.:443",
            "europe-west1-connectgateway.googleapis.com",
            True,
        ),
        ("http://connectgateway.googleapis.com:443/", "connectgateway.googleapis.com:443", True),
        ("https://evil-googleapis.com", "evil-googleapis.com", False),
        ("https://connectgateway.googleapis.com@evil/", "evil", False),
        ("http://127.0.0.1:8443/", "127.0.0.1:8443", False),
        ("http://[::1]:80/", "[::1]", False),
        ("http://[::1]:81/", "[::1]:81", False),
        ("https://x.googleapis.com:port/", "", False),
        ("https://[::1", "", False),
        ("", "", False),
    ],
)
def test_the_host_of_an_address(url: str, host: str, google: bool) -> None:
    assert (host_at(url), is_google(host_at(url))) == (host, google)


@pytest.mark.parametrize(
    ("host", "quota"),
    [
        ("https://connectgateway.googleapis.com", "7"),
        ("https://connectgateway.googleapis.com:443", "7"),
        ("https://europe-west1-connectgateway.googleapis.com", "7"),
        ("http://127.0.0.1:8443", "7@127.0.0.1:8443"),
    ],
)
def test_all_addresses_of_a_project_count_on_its_number_at_their_gateway(host: str, quota: str) -> None:
    place = gateway_at(f"{host}/v1/projects/7/locations/global/gkeMemberships/prod-eu")
    assert place is not None
    assert place.quota == quota
