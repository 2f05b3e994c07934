"""The servers at which a store can be asked: any answers for all, so one that is away is passed over."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from clickhouse_connect.driver.exceptions import OperationalError

C = TypeVar("C")


class Hosts(Generic[C]):
    """Opens clients. Safe from any thread."""

    def __init__(self, openers: Mapping[str, Callable[[], C]]) -> None:
        """`openers`: how to open a client of each server, by its address; one at least."""
        self._openers = openers
        self._newest = 0
        self.several = len(openers) > 1

    def open(self) -> C:
        """A client of the server that answered last, else of the next one that does.

        Raises OperationalError where none does.
        """
        openers = tuple(self._openers.values())
        first, failure = self._newest, None
        for step in range(len(openers)):
            place = (first + step) % len(openers)
            try:
                client = openers[place]()
            except OperationalError as error:
                failure = failure or error
                continue
            self._newest = place
            return client
        assert failure is not None
        raise failure

    def single(self) -> list["Hosts[C]"]:
        """Each of them alone."""
        return [Hosts({address: opener}) for address, opener in self._openers.items()]
