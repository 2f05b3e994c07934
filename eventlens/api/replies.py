"""What the collection routes answer in JSON: the shapes that `doors` sends and OpenAPI describes."""

import msgspec


class Accepted(msgspec.Struct, rename="camel"):
    """A durable event, and the ids that it got; the session id is provisional."""

    success: bool
    device_id: str
    session_id: str


class Rejected(msgspec.Struct):
    """An event of a batch that was not taken."""

    index: int
    code: str
    message: str


class BatchAccepted(msgspec.Struct):
    """How many of a batch are durable, and which are not taken."""

    success: bool
    accepted: int
    rejected: list[Rejected]


class BotName(msgspec.Struct):
    """A bot, and of which kind it is."""

    name: str
    type: str


class BotAnswer(msgspec.Struct):
    """The sender is a bot: its event is counted apart."""

    bot: BotName


class DeviceIds(msgspec.Struct, rename="camel"):
    """The ids that an event of this sender would get; `sessionId` is '' without a session."""

    device_id: str
    session_id: str
    message: str


class WireProblem(msgspec.Struct):
    """A 400 of an OpenPanel-compatible route; the message begins with the field's path."""

    status: int
    error: str
    message: str
