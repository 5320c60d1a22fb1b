"""What a request asks for: its Accept header, its path."""

import pytest

from tui.sim.kube.negotiate import Wanted, body_media, negotiate, negotiate_plain
from tui.sim.kube.routes import parse_route
from tui.sim.kube.status import ApiError

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", Wanted()),
        ("*/*", Wanted()),
        ("application/json", Wanted()),
        ("application/yaml", Wanted("application/yaml")),
        ("application/vnd.kubernetes.protobuf,application/json", Wanted()),
        ("application/json;q=0.5,application/yaml", Wanted("application/yaml")),
        (f"{TABLE},application/json", Wanted(form="table")),
        (f"application/json,{TABLE}", Wanted()),
        (
            f"application/json;as=Table;v=v1beta1;g=meta.k8s.io,{TABLE}",
            Wanted(form="table", version="v1beta1"),
        ),
        ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", Wanted()),
        ("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", Wanted(form="partial")),
        ("application/json;as=Nonsense;v=v1;g=meta.k8s.io,*/*", Wanted()),
        ("application/cbor,application/json;q=0.9", Wanted()),
    ],
)
def test_the_first_form_that_can_be_made_is_taken(accept: str, wanted: Wanted):
    assert negotiate(accept) == wanted


@pytest.mark.parametrize("accept", ["text/html", "application/vnd.kubernetes.protobuf", f"{TABLE[:-1]}x"])
def test_nothing_acceptable_is_406(accept: str):
    with pytest.raises(ApiError) as refused:
        negotiate(accept)
    assert refused.value.code == 406


def test_a_watch_is_json_alone():
    with pytest.raises(ApiError):
        negotiate("application/yaml", stream=True)


def test_include_object_is_checked():
    assert negotiate(TABLE, include_object="None").include_object == "None"
    with pytest.raises(ApiError, match='unrecognized includeObject "All"'):
        negotiate(TABLE, include_object="All")


def test_plain_endpoints_look_at_the_media_type_alone():
    assert negotiate_plain("application/json, */*") == "application/json"
    with pytest.raises(ApiError, match="only the following media types are accepted"):
        negotiate_plain("text/plain")


@pytest.mark.parametrize(
    ("sent", "media"),
    [
        ("", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/yaml", "application/yaml"),
        ("application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf"),
    ],
)
def test_bodies_are_taken_in_three_formats(sent: str, media: str):
    assert body_media(sent) == media


def test_another_body_is_415():
    with pytest.raises(ApiError, match="the body of the request was in an unknown format"):
        body_media("text/csv")


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/api/v1/pods", {}, "list core v1 pods - - -"),
        ("GET", "/api/v1/namespaces/a/pods", {}, "list core v1 pods a - -"),
        ("GET", "/api/v1/namespaces/a/pods", {"watch": "true"}, "watch core v1 pods a - -"),
        ("GET", "/api/v1/namespaces/a/pods", {"watch": "false"}, "list core v1 pods a - -"),
        ("GET", "/api/v1/namespaces/a/pods", {"fieldSelector": "metadata.name=x"}, "list core v1 pods a x -"),
        ("GET", "/api/v1/namespaces/a/pods/x", {}, "get core v1 pods a x -"),
        ("GET", "/api/v1/namespaces/a/pods/x/log", {}, "get core v1 pods a x log"),
        ("POST", "/api/v1/namespaces/a/pods/x/eviction", {}, "create core v1 pods a x eviction"),
        ("GET", "/api/v1/namespaces/a", {}, "get core v1 namespaces a a -"),
        ("PUT", "/api/v1/namespaces/a/finalize", {}, "update core v1 namespaces a a finalize"),
        ("DELETE", "/apis/apps/v1/namespaces/a/deployments", {}, "deletecollection apps v1 deployments a - -"),
        ("DELETE", "/apis/apps/v1/namespaces/a/deployments/x", {}, "delete apps v1 deployments a x -"),
        ("PATCH", "/apis/apps/v1/namespaces/a/deployments/x/scale", {}, "patch apps v1 deployments a x scale"),
        ("GET", "/api/v1/nodes/n1", {}, "get core v1 nodes - n1 -"),
    ],
)
def test_a_resource_path_is_understood(method: str, path: str, query: dict[str, str], expected: str):
    route = parse_route(method, path, query)
    parts = (route.verb, route.group or "core", route.version, route.resource, route.namespace, route.name)
    assert " ".join(part or "-" for part in (*parts, route.subresource)) == expected


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/apis/apps", "/apis/apps/v1", "/healthz", "/openapi/v3/api/v1"]
)
def test_a_plain_path_is_authorised_as_one(path: str):
    route = parse_route("GET", path, {})
    assert not route.is_resource
    assert route.attributes.path == path
    assert route.attributes.verb == "get"
