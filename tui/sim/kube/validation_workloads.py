"""Workloads: pkg/apis/apps/validation, batch/validation, autoscaling/validation, policy/validation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui.sim.kube.fielderrors import FieldError, forbidden, invalid, not_negative, required, unsupported
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.typed import same
from tui.sim.kube.validation_meta import label_errors
from tui.sim.kube.validation_pods import template_errors

_STATEFUL_CHANGEABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)


def spec_of(obj: Obj) -> Obj:
    return mapping(obj.get("spec"))


def deployment_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    yield from not_negative("spec.replicas", spec.get("replicas"))
    yield from _selector_errors(spec, "empty selector is invalid for deployment")
    yield from _strategy_errors(mapping(spec.get("strategy")))
    yield from not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    yield from not_negative("spec.progressDeadlineSeconds", deadline)
    if isinstance(deadline, int) and deadline <= ready:
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _strategy_errors(strategy: Obj) -> Iterator[FieldError]:
    kind, rolling = text(strategy.get("type")), strategy.get("rollingUpdate")
    path = "spec.strategy.rollingUpdate"
    if kind == "Recreate":
        if rolling is not None:
            yield forbidden(path, "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        surge, missing = mapping(rolling).get("maxSurge"), mapping(rolling).get("maxUnavailable")
        for name, value in (("maxUnavailable", missing), ("maxSurge", surge)):
            yield from _share_errors(f"{path}.{name}", value)
        if _is_none(surge) and _is_none(missing):
            yield invalid(f"{path}.maxUnavailable", missing, "may not be 0 when `maxSurge` is 0")
    elif kind:
        yield unsupported("spec.strategy.type", kind, ("Recreate", "RollingUpdate"))


def _share_errors(path: str, value: object) -> Iterator[FieldError]:
    if isinstance(value, str) and not re.fullmatch("[0-9]+%", value):
        said = "a valid percent string must be a numeric string followed by an ending '%'"
        yield invalid(path, value, f"{said} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")
    else:
        yield from not_negative(path, value)


def _is_none(value: object) -> bool:
    return value in (0, "0%")


def _selector_errors(spec: Obj, empty: str) -> Iterator[FieldError]:
    """The selector is there and matches the template, the template is that of pods which always restart."""
    selector, template = spec.get("selector"), mapping(spec.get("template"))
    labels = mapping(template.get("metadata")).get("labels")
    if selector is None:
        yield required("spec.selector")
    elif not any(mapping(selector).values()):
        yield invalid("spec.selector", mapping(selector), empty)
    else:
        yield from label_errors(mapping(selector).get("matchLabels"), "spec.selector.matchLabels")
    if not _matches(selector, mapping(labels)):
        yield invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    yield from template_errors(template, "spec.template")
    yield from _always_errors(mapping(template.get("spec")))


def _matches(selector: object, labels: Obj) -> bool:
    """No selector selects nothing, an empty one everything."""
    if selector is None:
        return False
    try:
        return object_selector(selector).matches(labels)
    except ApiError:
        return True


def _always_errors(spec: Obj) -> Iterator[FieldError]:
    policy = text(spec.get("restartPolicy"))
    if policy and policy != "Always":
        yield unsupported("spec.template.spec.restartPolicy", policy, ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        yield forbidden(
            "spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"
        )


def replica_set_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    yield from not_negative("spec.replicas", spec.get("replicas"))
    yield from not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from _selector_errors(spec, "empty selector is invalid for deployment")


def daemon_set_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    yield from _selector_errors(spec, "empty selector is invalid for daemonset")
    yield from not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    kind = text(mapping(spec.get("updateStrategy")).get("type"))
    if kind and kind not in ("RollingUpdate", "OnDelete"):
        yield unsupported("spec.updateStrategy.type", kind, ("OnDelete", "RollingUpdate"))


def stateful_set_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    policy = text(spec.get("podManagementPolicy"))
    if policy and policy not in ("OrderedReady", "Parallel"):
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    yield from not_negative("spec.replicas", spec.get("replicas"))
    # The claims are volumes of every pod, though the template does not name them.
    template = mapping(spec.get("template"))
    claims = [mapping(mapping(claim).get("metadata")).get("name") for claim in items(spec.get("volumeClaimTemplates"))]
    pod = mapping(template.get("spec"))
    volumes = [*items(pod.get("volumes")), *({"name": claim} for claim in claims)]
    with_claims = {**template, "spec": {**pod, "volumes": volumes}}
    yield from _selector_errors({**spec, "template": with_claims}, "empty selector is invalid for statefulset")


def job_errors(obj: Obj) -> Iterator[FieldError]:
    yield from _job_spec_errors(spec_of(obj), "spec")


def _job_spec_errors(spec: Obj, path: str) -> Iterator[FieldError]:
    numbers = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
    for name in numbers:
        yield from not_negative(f"{path}.{name}", spec.get(name))
    template = mapping(spec.get("template"))
    yield from template_errors(template, f"{path}.template")
    policy, where = text(mapping(template.get("spec")).get("restartPolicy")), f"{path}.template.spec.restartPolicy"
    if policy == "Always":
        yield required(where, 'valid values: "OnFailure", "Never"')
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")


def job_create_errors(obj: Obj) -> Iterator[FieldError]:
    """Unless its selector is manual, one that is given must be the one that the server would make, and so must the
    labels (validateGeneratedSelector). Its uid is new, so that a label that names one names another's."""
    spec = spec_of(obj)
    if spec.get("manualSelector") is True:
        return
    metadata = mapping(obj.get("metadata"))
    own = {"controller-uid": text(metadata.get("uid")), "job-name": text(metadata.get("name"))}
    generated = {prefix + key: value for prefix in ("batch.kubernetes.io/", "") for key, value in own.items()}
    labels = mapping(mapping(mapping(spec.get("template")).get("metadata")).get("labels"))
    for key, value in generated.items():
        if labels.get(key, value) != value:
            yield invalid(f"spec.template.metadata.labels[{key}]", labels, f"must be '{value}'")
    selector = spec.get("selector")
    if selector and not object_selector(selector).matches(generated):
        yield invalid("spec.selector", selector, "`selector` not auto-generated")


def cron_job_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    schedule = text(spec.get("schedule"))
    if not schedule:
        yield required("spec.schedule")
    elif why := schedule_error(schedule):
        yield invalid("spec.schedule", schedule, why)
    policy = text(spec.get("concurrencyPolicy"))
    if policy and policy not in ("Allow", "Forbid", "Replace"):
        yield unsupported("spec.concurrencyPolicy", policy, ("Allow", "Forbid", "Replace"))
    for name in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from not_negative(f"spec.{name}", spec.get(name))
    yield from _job_spec_errors(mapping(mapping(spec.get("jobTemplate")).get("spec")), "spec.jobTemplate.spec")


def schedule_error(schedule: str) -> str:
    """Why the text is no cron schedule, as robfig/cron says it; "" where it is one."""
    if schedule.startswith("@"):
        known = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
        fine = schedule in known or schedule.startswith("@every ")
        return "" if fine else f"unrecognized descriptor: {schedule}"
    fields = schedule.split()
    if fields and fields[0].startswith(("TZ=", "CRON_TZ=")):
        fields = fields[1:]
    if len(fields) != 5:
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    for given, (low, high) in zip(fields, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6)), strict=True):
        if why := _cron_field_error(given, low, high):
            return why
    return ""


def _cron_field_error(given: str, low: int, high: int) -> str:
    for part in given.split(","):
        body, _, step = part.partition("/")
        if step and not step.isdigit():
            return f'failed to parse int from {step}: strconv.Atoi: parsing "{step}": invalid syntax'
        for bound in body.split("-") if body not in ("*", "?") else ():
            if bound.isalpha() and len(bound) == 3:
                continue  # JAN, MON
            if not bound.isdigit():
                return f'failed to parse int from {bound}: strconv.Atoi: parsing "{bound}": invalid syntax'
            if int(bound) < low:
                return f"beginning of range ({bound}) below minimum ({low}): {part}"
            if int(bound) > high:
                return f"end of range ({bound}) above maximum ({high}): {part}"
    return ""


def autoscaler_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    if isinstance(least, int) and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if not isinstance(most, int) or most < 1:
        yield invalid("spec.maxReplicas", most or 0, "must be greater than 0")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    target = mapping(spec.get("scaleTargetRef"))
    for name in ("kind", "name"):
        if not target.get(name):
            yield required(f"spec.scaleTargetRef.{name}")


def disruption_budget_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")
    for name in ("minAvailable", "maxUnavailable"):
        yield from _share_errors(f"spec.{name}", spec.get(name))


def selector_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    """Deployments, replica sets and daemon sets select the same for ever."""
    yield from _fixed(new, old, "selector")


def stateful_set_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    def settled(obj: Obj) -> Obj:
        return {name: value for name, value in spec_of(obj).items() if name not in _STATEFUL_CHANGEABLE}

    if not same(settled(new), settled(old)):
        *most, last = (f"'{name}'" for name in _STATEFUL_CHANGEABLE)
        listed = f"{', '.join(most)} and {last}"
        yield forbidden("spec", f"updates to statefulset spec for fields other than {listed} are forbidden")


def job_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    """A suspended job's template may still be changed before it first runs; completions only of an indexed job."""
    if spec_of(new).get("completionMode") != "Indexed":
        yield from _fixed(new, old, "completions")
    yield from _fixed(new, old, "selector")
    if not spec_of(old).get("suspend"):
        yield from _fixed(new, old, "template")
    yield from _fixed(new, old, "completionMode")


def _fixed(new: Obj, old: Obj, name: str) -> Iterator[FieldError]:
    after, before = spec_of(new).get(name), spec_of(old).get(name)
    if not same(after, before):
        yield invalid(f"spec.{name}", after, "field is immutable")
