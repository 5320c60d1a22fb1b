"""Fleet host projects: counted by their numbers, shown by their ids.

The address of a cluster at the Connect gateway has the number, on whatever road it was found; a fleet is asked for by
the id, and what number that has the gateway tells with the first address. A kubeconfig entry may be called by the id,
or by a wrong one, so its name is worth showing where nothing better is known, and nothing else.
"""

from __future__ import annotations

from tui.model.addresses import GatewayPlace


class Projects:
    """A quota is what `ClusterRef.quota` and `GatewayPlace.quota` say."""

    def __init__(self) -> None:
        self._quotas: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._called: dict[str, str] = {}

    def told(self, quota: str, place: GatewayPlace) -> None:
        """The gateway has said that memberships of the project `quota` are at `place`."""
        self._quotas[quota] = place.quota
        if not quota.isdigit():
            self._ids[place.quota] = quota

    def called(self, quota: str, name: str) -> None:
        """A kubeconfig entry calls its project so; "" where it does not say."""
        if name:
            self._called.setdefault(quota, name)

    def counted(self, quota: str) -> str:
        """The one under which all is counted that counts on `quota`, as far as the gateway has told."""
        return self._quotas.get(quota, quota)

    def certain(self, quota: str) -> str:
        """The project, to ask for and to act on: by its id where the gateway has told it, else by its number."""
        quota = self.counted(quota)
        return self._ids.get(quota) or quota.partition("@")[0]

    def shown(self, quota: str) -> str:
        """The project, to be read: what kubeconfig entries call it will do where the gateway has not told."""
        quota = self.counted(quota)
        return self._ids.get(quota) or self._called.get(quota) or quota.partition("@")[0]
