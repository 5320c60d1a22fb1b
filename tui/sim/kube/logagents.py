"""The logs the product exists to read: Google's connect agent and Azure's Service Connector operator and agents.

The connect agent's format is the historic plain-text Go one; the one line whose words are published is `failed to
create the websocket connection`. Service Connector's operator speaks as controller-runtime programs do (zap).
"""

from __future__ import annotations

import json

from tui.sim.kube.dice import Dice
from tui.sim.kube.logstyles import Lines, Style, Voice, go_stamp, stamp

_GATE = "gkeconnect.googleapis.com:443"
_FAILED_DIALS = (
    "dialer: dial failed: dial tcp: lookup gkeconnect.googleapis.com on 10.96.0.10:53: read udp "
    "{address}:{port}->10.96.0.10:53: i/o timeout",
    f"dialer: dial failed: connecting to {_GATE}: dial tcp 142.250.178.10:443: i/o timeout",
    'dialer: dial failed: oauth2: cannot fetch token: Post "https://oauth2.googleapis.com/token": dial tcp '
    "142.250.178.10:443: i/o timeout",
)


def _agent_opening(voice: Voice, when: float, dice: Dice) -> Lines:
    version = voice.image.rpartition(":")[2]
    return (
        f"{go_stamp(when)} gkeconnect_agent.go:65: GKE Connect Agent. Log timestamps in UTC.",
        f"{go_stamp(when)} gkeconnect_agent.go:66: Built on 2026-10-01 03:00:00 (1790823600), version {version}",
        f"{go_stamp(when)} dialer.go:183: dialer: dialing: connecting to {_GATE}...",
    )


def _connected(voice: Voice, when: float) -> Lines:
    endpoint = voice.facts.get("endpoint", "//gkehub.googleapis.com/projects/0/locations/global/memberships/unknown")
    return (
        f"{go_stamp(when)} dialer.go:201: dialer: dial successful, connected to {_GATE} (142.250.178.10:443)",
        f"{go_stamp(when)} tunnel.go:318: serve: opening egress stream...",
        f"{go_stamp(when)} tunnel.go:332: serve: registering endpoint={endpoint}, shard=1, class=DEFAULT",
        f"{go_stamp(when)} tunnel.go:379: serve: serving requests...",
    )


def _agent_healthy_opening(voice: Voice, when: float, dice: Dice) -> Lines:
    return (*_agent_opening(voice, when, dice), *_connected(voice, when))


_PATHS = ("/api/v1/pods?limit=500", "/apis/apps/v1/deployments?limit=500", "/version", "/api/v1/namespaces")


def _agent_healthy(voice: Voice, when: float, dice: Dice) -> Lines:
    turn = dice.below(100)
    if turn < 2:
        return (
            f"{go_stamp(when)} tunnel.go:412: serve: connection closed by peer: EOF, reconnecting in 2s",
            f"{go_stamp(when)} dialer.go:183: dialer: dialing: connecting to {_GATE}...",
            *_connected(voice, when),
        )
    if turn < 4:
        return (f"{go_stamp(when)} token.go:88: oauth2: token refreshed, valid for 59m59s",)
    stream, took = dice.between(100, 9999), dice.skewed(1, 400)
    return (f"{go_stamp(when)} stream.go:140: stream {stream}: GET {dice.pick(_PATHS)} 200 in {took}ms",)


def _agent_cut_off(voice: Voice, when: float, dice: Dice) -> Lines:
    """An agent that cannot reach Google: the second of two in a degraded cluster, both in one that is down."""
    if dice.one_in(6):
        return (
            f"{go_stamp(when)} stream.go:96: failed to create the websocket connection: dial tcp 10.96.0.1:443: "
            "connect: connection refused",
        )
    wait = dice.pick((1, 2, 4, 8, 16, 30))
    failed = dice.pick(_FAILED_DIALS).format(address=voice.address, port=32768 + int(when) % 28232)
    return (
        f"{go_stamp(when)} dialer.go:211: {failed}",
        f"{go_stamp(when)} dialer.go:214: dialer: backoff: retrying in {wait}s",
        f"{go_stamp(when)} dialer.go:183: dialer: dialing: connecting to {_GATE}...",
    )


def _agent_closing(voice: Voice, when: float, dice: Dice) -> Lines:
    if voice.exit_code == 0:
        return (f"{go_stamp(when)} gkeconnect_agent.go:131: received SIGTERM, draining streams and exiting",)
    return (
        f"{go_stamp(when)} tunnel.go:401: serve: giving up: rpc error: code = Unavailable desc = connection error: "
        'desc = "transport: Error while dialing: dial tcp 142.250.178.10:443: i/o timeout"',
        f"{go_stamp(when)} gkeconnect_agent.go:118: exiting with an error",
    )


def _zap(when: float, level: str, said: str, **values: object) -> str:
    fields = json.dumps(values) if values else ""
    return f"{stamp('%Y-%m-%dT%H:%M:%SZ', when)}\t{level}\tsc-operator\t{said}\t{fields}".rstrip("\t")


def _operator_opening(voice: Voice, when: float, dice: Dice) -> Lines:
    connection, namespace = voice.facts.get("connection", "connection"), voice.facts.get("target", "default")
    return (
        _zap(when, "INFO", "starting", operation="create", correlationid=f"{dice.hex(8)}-0000"),
        _zap(when, "INFO", "decoded resources", connection=connection, namespace=namespace),
    )


def _operator(voice: Voice, when: float, dice: Dice) -> Lines:
    connection, namespace = voice.facts.get("connection", "connection"), voice.facts.get("target", "default")
    return (_zap(when, "INFO", "applying", kind="Secret", name=f"sc-{connection}-secret", namespace=namespace),)


def _operator_closing(voice: Voice, when: float, dice: Dice) -> Lines:
    if voice.exit_code == 0:
        return (_zap(when, "INFO", "all resources applied"),)
    namespace = voice.facts.get("target", "default")
    said = f'serviceaccounts is forbidden: exceeded quota: object-counts, namespace "{namespace}"'
    return (
        _zap(when, "ERROR", "failed to apply", kind="ServiceAccount", namespace=namespace, error=said),
        f"Error: failed to apply 1 of 2 resources: {said}",
    )


def _extension_agent(voice: Voice, when: float, dice: Dice) -> Lines:
    region = voice.facts.get("region", "westeurope")
    said = f"Config agent: polled https://{region}.dp.kubernetesconfiguration.azure.com, 0 pending changes"
    if voice.facts.get("egress") == "blocked":
        said = (
            f"Error in getting the extension configs: Errorcode: 403, Message This traffic is not authorized., "
            f"Target /subscriptions, host {region}.dp.kubernetesconfiguration.azure.com"
        )
    record = {"Message": f"{go_stamp(when)} {said}", "LogType": "ConfigAgentTrace", "AgentName": voice.container}
    return (json.dumps({**record, "Role": "ClusterConfigAgent", "CorrelationId": dice.hex(16)}),)


CONNECT_AGENT = Style(_agent_healthy, _agent_healthy_opening, _agent_closing)
CONNECT_AGENT_CUT_OFF = Style(_agent_cut_off, _agent_opening, _agent_closing)
SC_OPERATOR = Style(_operator, _operator_opening, _operator_closing)
EXTENSION_AGENT = Style(_extension_agent)
