"""Bodies that cannot be read, and fields that a kind does not have: the words of Go's decoder."""

import pytest

from tests import recordings
from tests.recordings import load
from tests.sim.kube.samples import CONFIG_MAPS, DEPLOYMENTS, GADGETS, PODS, container, deployment, kind_of, pod
from tui.sim.kube import admission, decoding
from tui.sim.kube.kinds import Kind
from tui.sim.kube.status import ApiError, Obj


@recordings.needed
def test_broken_json_is_refused_as_recorded():
    recording = load("error-400-json")
    with pytest.raises(ApiError) as refused:
        decoding.decode_body(recording.request["body"].encode(), "Pod")
    assert refused.value.status() == recording.body


@recordings.needed
def test_an_unknown_field_is_named_as_recorded():
    strict, warned = load("error-400-strict-field"), load("warn-field")
    unknown = admission.unknown_fields(strict.request["body"], CONFIG_MAPS)
    error = decoding.undecodable(CONFIG_MAPS, f"strict decoding error: {', '.join(unknown)}")
    assert error.status() == strict.body
    said = admission.unknown_fields(warned.request["body"], CONFIG_MAPS)[0].replace('"', '\\"')
    assert warned.headers["Warning"] == f'299 - "{said}"'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"kind":', 'unexpected end of JSON input ({"kind":)'),
        (b'{"kind": "Pod"', 'unexpected end of JSON input ({"kind": "Pod")'),
        (b"{'a': 1}", "invalid character ''' looking for beginning of object key string ({'a': 1})"),
        (b'{"a" 1}', "invalid character '1' after object key ({\"a\" 1})"),
        (b'{"a": x}', "invalid character 'x' looking for beginning of value ({\"a\": x})"),
        (b'{"a": 1 "b"}', 'invalid character \'"\' after object key:value pair ({"a": 1 "b"})'),
        (b'{"a": [1 2]}', "invalid character '2' after array element ({\"a\": [1 2]})"),
        (b"{} {}", "invalid character '{' after top-level value ({} {})"),
        (b"kind: Pod", "invalid character 'k' looking for beginning of value (6b696e643a20506f64)"),
        (b"", "unexpected end of JSON input (<empty>)"),
        (b'{"a": NaN}', "invalid character 'N' looking for beginning of value ({\"a\": NaN})"),
        (b'{"a": "' + b"x" * 40, 'unexpected end of JSON input ({"a": "xxxxxxxxxxxxxxxxxxxxxxx ...)'),
    ],
)
def test_what_is_no_json_is_answered_in_go_s_words(body: bytes, said: str):
    with pytest.raises(ApiError) as refused:
        decoding.decode_body(body, "Pod")
    assert refused.value.message.endswith(f"couldn't get version/kind; json parse error: {said}")


@pytest.mark.parametrize(
    ("kind", "obj", "said"),
    [
        (
            DEPLOYMENTS,
            {"spec": {"replicas": "3"}},
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            DEPLOYMENTS,
            {"spec": {"replicas": 1.5}},
            "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            PODS,
            container(env=[{"name": "A", "value": 1}]),
            "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
        ),
        (
            PODS,
            {"metadata": {"labels": {"a": True}}},
            "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            PODS,
            {"spec": {"containers": {"name": "c"}}},
            "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (PODS, {"spec": "x"}, "json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec"),
        (
            PODS,
            {"spec": {"nodeSelector": []}},
            "json: cannot unmarshal array into Go struct field PodSpec.spec.nodeSelector of type map[string]string",
        ),
        (
            PODS,
            container(resources={"limits": {"cpu": "lots"}}),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (PODS, container(resources={"limits": {"memory": "1kK"}}), "unable to parse quantity's suffix"),
        (kind_of("Secret"), {"data": {"a": "no base64!"}}, "illegal base64 data at input byte 2"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_go_field(kind: Kind, obj: Obj, said: str):
    with pytest.raises(ApiError) as refused:
        admission.default(obj, kind)
    assert refused.value.code == 400
    assert refused.value.message == f'{kind.kind} in version "v1" cannot be handled as a {kind.kind}: {said}'


@pytest.mark.parametrize(
    ("obj", "said"),
    [
        (pod(terminationGracePeriodSeconds="3"), "unrecognized type: int64"),
        (pod(hostNetwork=1), "unrecognized type: bool"),
        (pod(nodeName=True), "unrecognized type: string"),
        (pod(nodeName=1), "cannot convert int64 to string"),
        (pod(priority=1.5), "cannot convert float64 to int32"),
        (pod(containers={}), "cannot restore slice from map"),
        (pod(nodeSelector=[]), "cannot restore map from slice"),
        ({"spec": "x"}, "cannot restore struct from: string"),
        (pod(), ""),
    ],
)
def test_the_converter_has_words_of_its_own(obj: Obj, said: str):
    """k8s.io/apimachinery pkg/runtime/converter.go, fromUnstructured."""
    assert decoding.wrong_type(obj, PODS, converted=True) == said


def test_unknown_fields_are_listed_with_their_paths_in_the_order_of_the_body():
    obj = deployment(replica=1)
    obj["spec"]["template"]["spec"]["containers"] += [{"name": "x", "imagee": "i", "env": [{"nam": "a"}]}]
    obj["metadata"]["labels"] = {"anything": "goes"}
    obj["stats"] = {}
    assert admission.unknown_fields(obj, DEPLOYMENTS) == [
        'unknown field "spec.template.spec.containers[1].imagee"',
        'unknown field "spec.template.spec.containers[1].env[0].nam"',
        'unknown field "spec.replica"',
        'unknown field "stats"',
    ]


def test_of_a_custom_kind_without_a_schema_only_the_metadata_is_known():
    obj = {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"nam": "g"}, "spec": {"any": 1}}
    assert admission.unknown_fields(obj, GADGETS) == ['unknown field "metadata.nam"']
    assert admission.default(obj, GADGETS) == obj


def test_a_hundred_unknown_fields_are_enough():
    obj = {f"field{number}": 1 for number in range(500)}
    assert len(admission.unknown_fields(obj, CONFIG_MAPS)) == 100
