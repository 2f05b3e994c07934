"""What senders say of groups, and of who belongs to them."""

from eventlens.events import AssignGroup, Group
from eventlens.ingest.payload.checks import (
    MAX_NAME,
    MAX_PROFILE_ID,
    Moment,
    group_ids,
    identifier,
    ids_refusal,
    profile_refusal,
    stated_time,
    too_long,
)
from eventlens.ingest.payload.properties import encoded_each
from eventlens.ingest.payload.refusal import Refusal
from eventlens.ingest.payload.shapes import AssignGroupPayload, GroupPayload


def group_of(payload: GroupPayload, moment: Moment) -> Group | Refusal:
    """What a payload says of a group."""
    when = stated_time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = (
        profile_refusal(payload.id, "payload/id")
        or _text_refusal(payload.type, MAX_NAME, "payload/type")
        or _text_refusal(payload.name, MAX_PROFILE_ID, "payload/name")
    )
    if refusal:
        return refusal
    properties = encoded_each(payload.properties or {})
    if isinstance(properties, Refusal):
        return properties
    return Group(
        group_id=identifier(payload.id),
        type=payload.type,
        name=payload.name,
        timestamp=moment.now if when is None else when,
        properties=properties,
    )


def assignment_of(payload: AssignGroupPayload, moment: Moment) -> AssignGroup | Refusal:
    """Who belongs to which groups, as a payload says."""
    when = stated_time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = ids_refusal(payload.id, payload.device_id)
    if refusal:
        return refusal
    profile_id = "" if payload.profile_id is None else identifier(payload.profile_id)
    if len(profile_id) > MAX_PROFILE_ID:
        return too_long(MAX_PROFILE_ID, "payload/profileId")
    groups = group_ids(payload.group_ids, "payload/groupIds")
    if isinstance(groups, Refusal):
        return groups
    return AssignGroup(
        profile_id=profile_id,
        group_ids=groups,
        timestamp=moment.now if when is None else when,
        id=payload.id or "",
        device_id=payload.device_id or "",
    )


def _text_refusal(text: str, limit: int, where: str) -> Refusal | None:
    if not text:
        return Refusal("invalid", "Expected a string that is not empty", where)
    return too_long(limit, where) if len(text) > limit else None
