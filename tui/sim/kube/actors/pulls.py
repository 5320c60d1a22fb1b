"""Image pulls: what each node has, how long the rest takes, and what an image that does not exist leads to."""

from __future__ import annotations

from dataclasses import dataclass

from tui.sim.kube.actors.behaviours import Program
from tui.sim.kube.actors.podnews import PodNews
from tui.sim.kube.actors.podstatus import ContainerRun
from tui.sim.kube.actors.site import Site
from tui.sim.kube.dice import Dice
from tui.sim.kube.objects import text
from tui.sim.kube.status import Obj

_LONGEST_BACKOFF = 300.0
_SHOWS_FAILURE = 3.0  # seconds a failed pull is shown as ErrImagePull before it backs off


@dataclass(slots=True)
class _Pull:
    began: float
    done: float
    failures: int = 0
    failed_at: float | None = None


class Pulls:
    def __init__(self, site: Site, news: PodNews) -> None:
        self._site = site
        self._news = news
        self._present: set[tuple[str, str]] = set()
        self._under_way: dict[tuple[str, str], _Pull] = {}

    def wait(self, pod: Obj, run: ContainerRun, program: Program) -> float | None:
        """None = the image is there; else when to ask again. Sets the reason a container waits for."""
        node, uid = text(pod["spec"].get("nodeName")), pod["metadata"]["uid"]
        pull = self._under_way.get((uid, run.name))
        if pull is None and program.image_exists and (node, run.image) in self._present:
            here = " and can be accessed by the pod" if self._site.minor >= 36 else ""
            self._news.say(pod, run, "Pulled", f'Container image "{run.image}" already present on machine{here}')
            return None
        now = self._site.now()
        if pull is None:
            pull = self._under_way[uid, run.name] = self._begin(pod, run, 0)
        if now < pull.done:
            return pull.done
        if program.image_exists:
            self._arrived(pod, run, node, pull)
            del self._under_way[uid, run.name]
            return None
        return self._failed(pod, run, pull)

    def _begin(self, pod: Obj, run: ContainerRun, failures: int) -> _Pull:
        now = self._site.now()
        self._news.say(pod, run, "Pulling", f'Pulling image "{run.image}"')
        return _Pull(now, now + 0.8 + Dice(hash_of(run.image), failures).part() * 2.4, failures)

    def _arrived(self, pod: Obj, run: ContainerRun, node: str, pull: _Pull) -> None:
        took = f"{pull.done - pull.began:.3f}s"
        size = 20_000_000 + hash_of(run.image) % 200_000_000
        self._present.add((node, run.image))
        said = (
            f'Successfully pulled image "{run.image}" in {took} ({took} including waiting). Image size: {size} bytes.'
        )
        self._news.say(pod, run, "Pulled", said)

    def _failed(self, pod: Obj, run: ContainerRun, pull: _Pull) -> float:
        """ErrImagePull, then ImagePullBackOff until the next try: 10, 20, 40 … 300 seconds."""
        now, why = self._site.now(), _why(run.image)
        if pull.failed_at is None:
            pull.failed_at = now
            run.reason, run.message = "ErrImagePull", why
            self._news.say(pod, run, "Failed", f'Failed to pull image "{run.image}": {why}', "Warning")
            self._news.say(pod, run, "Failed", "Error: ErrImagePull", "Warning")
            return now + _SHOWS_FAILURE
        retry = pull.failed_at + min(_LONGEST_BACKOFF, 10.0 * 2.0 ** min(pull.failures, 9))
        if now < retry:
            if run.reason != "ImagePullBackOff":
                run.reason = "ImagePullBackOff"
                run.message = f'Back-off pulling image "{run.image}": ErrImagePull: {why}'
                self._news.say(pod, run, "BackOff", f'Back-off pulling image "{run.image}"')
                self._news.say(pod, run, "Failed", "Error: ImagePullBackOff", "Warning")
            return retry
        again = self._begin(pod, run, pull.failures + 1)
        self._under_way[pod["metadata"]["uid"], run.name] = again
        return again.done

    def forget(self, uid: str) -> None:
        """A pod is gone."""
        for place in [place for place in self._under_way if place[0] == uid]:
            del self._under_way[place]


def hash_of(image: str) -> int:
    """A number that is always the same for an image."""
    return int.from_bytes(image.encode()[-8:].rjust(8), "little")


def _why(image: str) -> str:
    """containerd's words (recorded: list-pods, and AKS issue 5493 for the retired registry of Service Connector)."""
    host, _, rest = image.partition("/")
    if host.partition(":")[0].endswith(".invalid"):
        return (
            f'failed to pull and unpack image "{image}": failed to resolve image: failed to do request: Head '
            f'"https://{host}/v2/{rest.replace(":", "/manifests/")}": dial tcp: lookup {host}: no such host'
        )
    if host == "scaksextension.azurecr.io":
        repository = rest.partition(":")[0]
        return (
            f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": failed to authorize: '
            f"failed to fetch anonymous token: unexpected status from GET request to https://{host}/oauth2/token?"
            f"scope=repository%3A{repository.replace('/', '%2F')}%3Apull&service={host}: 401 Unauthorized"
        )
    return f'failed to pull and unpack image "{image}": failed to resolve image: {image}: not found'
