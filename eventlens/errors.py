"""What can go wrong, as a tree. Errors know what happened; `api/errors.py` knows the status.

EventLensError
├── ConfigurationError      a setting, file or port stops the start      exit code 2
├── InvalidInput            the caller's input is wrong, with its field  400
├── Unauthenticated         no or wrong credentials                      401
│   └── TwoFactorNeeded     a code of the second factor is missing
├── Forbidden               known, but not allowed                       403
├── NotFound                no such thing                                404
├── Conflict                something else stands in the way             409
├── TooLarge                a body or a batch over its limit             413
├── RateLimited             too many requests                            429
├── OutboundRefused         a request of the server itself failed        502
└── Unavailable             try again later                              503
    ├── QueueFull           the queue can hold no more
    ├── QueueLost           the queue's server has been emptied
    ├── StoreUnavailable    the event store does not answer              503
    │   ├── StoreUnreachable    nothing answers at its address
    │   └── ShardMissing    it answers, but not all of its shards do
    ├── ProcessEnded        a process of ours ended; another is started
    ├── TakenOver           another process does this now
    ├── QueryLimit          a question over the memory or time cap
    └── Abandoned           whoever asked has gone, and nobody reads the answer

Refusals of single events inside a batch are values (`ingest.payload.Refusal`), not exceptions.
"""


class EventLensError(Exception):
    """Something went wrong in Event Lens."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())

    @property
    def message(self) -> str:
        return str(self)


class ConfigurationError(EventLensError):
    """A setting is wrong."""


class InvalidInput(EventLensError):
    """The input is wrong; `field` names the offending part (`startDate`, `events/3/name`)."""

    def __init__(self, message: str, field: str = "", code: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class Unauthenticated(EventLensError):
    """Credentials are missing or wrong."""


class TwoFactorNeeded(Unauthenticated):
    """A code of the second factor is missing or wrong."""


class Forbidden(EventLensError):
    """These credentials do not give access to this."""


class NotFound(EventLensError):
    """There is no such thing."""


class Conflict(EventLensError):
    """Something else depends on this as it is."""


class TooLarge(EventLensError):
    """The body is over the limit."""


class RateLimited(EventLensError):
    """Too many requests."""

    retry_after: float = 1.0


class OutboundRefused(EventLensError):
    """A request of the server itself may not go there, or came to nothing."""


class Unavailable(EventLensError):
    """Event Lens cannot answer right now; try again after `retry_after` seconds."""

    retry_after: float = 1.0


class QueueFull(Unavailable):
    """The queue can hold no more events right now."""


class QueueLost(Unavailable):
    """The server holds no queue: it was emptied, or has lost what it held."""


class StoreUnavailable(Unavailable):
    """The event store does not answer."""


class StoreUnreachable(StoreUnavailable):
    """Nothing answers where the event store should be."""


class ShardMissing(StoreUnavailable):
    """A shard of the event store does not answer."""

    surely: bool = False
    """Whether it could not be reached at all, else the connection broke off."""


class ProcessEnded(Unavailable):
    """The process that applies events has ended; the next claim starts another one."""


class TakenOver(Unavailable):
    """Another process has taken this over."""


class QueryLimit(Unavailable):
    """The question needs more memory or time than is allowed."""


class Abandoned(Unavailable):
    """Whoever asked has gone; the question was ended."""
