"""Label and field selectors: what they choose, and how wrong ones are refused."""

import pytest

from tui.sim.kube.fields import parse_field_selector, single_name
from tui.sim.kube.kinds import Kind, builtin
from tui.sim.kube.selectors import object_selector, parse_selector
from tui.sim.kube.status import ApiError

PODS = builtin("", "pods")
CONFIG_MAPS = builtin("", "configmaps")
NODES = builtin("", "nodes")
EVENTS_V1 = builtin("events.k8s.io", "events")
GADGETS = Kind("example.com", "v1", "gadgets", "Gadget")


@pytest.mark.parametrize(
    ("written", "labels", "chosen"),
    [
        ("", {}, True),
        ("app=web", {"app": "web"}, True),
        ("app=web", {"app": "api"}, False),
        ("app=web", {}, False),
        ("app == web", {"app": "web"}, True),
        ("app!=web", {"app": "api"}, True),
        ("app!=web", {}, True),
        ("app!=web", {"app": "web"}, False),
        ("app", {"app": ""}, True),
        ("app", {}, False),
        ("!app", {}, True),
        ("!app", {"app": "x"}, False),
        ("app in (web, api)", {"app": "api"}, True),
        ("app in (web,api)", {"app": "db"}, False),
        ("app notin (web)", {}, True),
        ("app notin (web)", {"app": "web"}, False),
        ("app=", {"app": ""}, True),
        ("size>3", {"size": "4"}, True),
        ("size>3", {"size": "3"}, False),
        ("size<3", {"size": "x"}, False),
        ("a=1,b=2", {"a": "1", "b": "2"}, True),
        ("a=1,b=2", {"a": "1"}, False),
        ("kubernetes.io/name=x,tier in (a),!legacy", {"kubernetes.io/name": "x", "tier": "a"}, True),
    ],
)
def test_a_label_selector_chooses(written: str, labels: dict[str, str], chosen: bool):
    assert parse_selector(written).matches(labels) is chosen


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("!!", "unable to parse requirement: found '!', expected: identifier"),
        ("a=1,", "unable to parse requirement: found '', expected: identifier after ','"),
        ("a in x", "unable to parse requirement: found 'x', expected: '('"),
        ("a ! b", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
        ("a>x", "must be an integer"),
        ("a=-x", "a valid label must be an empty string or consist of"),
        ("-a=x", "name part must consist of"),
        ("a=" + "x" * 64, "must be no more than 63 bytes"),
    ],
)
def test_a_wrong_label_selector_is_a_bad_request(written: str, said: str):
    with pytest.raises(ApiError) as refused:
        parse_selector(written)
    assert refused.value.code == 400
    assert said in refused.value.message


def test_a_selector_object_is_written_back_as_the_server_does():
    selector = object_selector(
        {
            "matchLabels": {"b": "2", "a": "1"},
            "matchExpressions": [
                {"key": "c", "operator": "In", "values": ["y", "x"]},
                {"key": "d", "operator": "DoesNotExist"},
                {"key": "e", "operator": "Exists"},
            ],
        }
    )
    assert str(selector) == "a=1,b=2,c in (x,y),!d,e"
    assert str(object_selector({"app": "web"})) == "app=web"
    assert object_selector({"app": "web"}).matches({"app": "web", "x": "y"})


POD = {
    "metadata": {"name": "a", "namespace": "ns"},
    "spec": {"nodeName": "n1", "restartPolicy": "Always"},
    "status": {"phase": "Running", "podIP": "10.0.0.1"},
}


@pytest.mark.parametrize(
    ("written", "chosen"),
    [
        ("", True),
        ("metadata.name=a", True),
        ("metadata.name==b", False),
        ("metadata.namespace!=ns", False),
        ("status.phase=Running,spec.nodeName=n1", True),
        ("status.phase!=Running", False),
        ("spec.nodeName=", False),
        ("status.nominatedNodeName=", True),
        ("spec.hostNetwork=false", True),
    ],
)
def test_a_field_selector_chooses(written: str, chosen: bool):
    assert parse_field_selector(written, PODS).matches(POD) is chosen


def test_fields_are_the_kinds_own():
    assert parse_field_selector("spec.unschedulable=false", NODES).matches({"spec": {}})
    event = {"involvedObject": {"kind": "Pod"}, "reportingComponent": "kubelet"}
    assert parse_field_selector("regarding.kind=Pod,reportingController=kubelet", EVENTS_V1).matches(event)
    assert parse_field_selector("spec.color=red", GADGETS, ("spec.color",)).matches({"spec": {"color": "red"}})


@pytest.mark.parametrize(
    ("written", "kind", "said"),
    [
        ("spec.foo=bar", PODS, "field label not supported: spec.foo"),
        ("spec.foo=bar", GADGETS, "field label not supported: spec.foo"),
        (
            "data.x=1",
            CONFIG_MAPS,
            '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("nonsense", PODS, "invalid selector: 'nonsense'; can't understand 'nonsense'"),
    ],
)
def test_an_unknown_field_is_refused_in_the_kinds_words(written: str, kind: Kind, said: str):
    with pytest.raises(ApiError) as refused:
        parse_field_selector(written, kind)
    assert (refused.value.code, refused.value.message) == (400, said)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("metadata.name=a", "a"),
        ("metadata.name=a,status.phase=x", "a"),
        ("metadata.name!=a", ""),
        ("", ""),
        ("oops", ""),
    ],
)
def test_a_selector_of_one_name_is_known_as_such(written: str, name: str):
    assert single_name(written) == name
