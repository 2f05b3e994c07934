"""Values of dimensions as they were sent, not as the text under which they are grouped."""

from typing import Any

import msgspec

from eventlens.insights.dimensions import DIMENSIONS, PROPERTY_PREFIX
from eventlens.insights.filters import sent_as_text_sql, text_sql
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.store.base import Store


def typed_values(store: Store, question: Question, dimension: str, texts: set[str]) -> dict[str, Any]:
    """Text → the value that was sent: null where unknown, and a text where any event sent it as a text."""
    typed: dict[str, Any] = {text: text or None for text in texts}
    known = DIMENSIONS.get(dimension)
    if known is not None and not known.numeric:
        return typed
    decoded = {text: _decoded(text) for text in texts if text}
    candidates = sorted(text for text, value in decoded.items() if value is not None)
    if candidates and dimension.startswith(PROPERTY_PREFIX):
        plan = Plan(question)
        value = text_sql(dimension, plan.binder)
        asked = plan.binder.any_of("value", candidates, "String")
        rows = plan.run(
            store,
            f"""SELECT {value} AS value{plan.events_where(plan.in_span, people=False)}
  AND {asked} AND {sent_as_text_sql(dimension, plan.binder)}
GROUP BY value""",
        ).rows
        candidates = sorted({*candidates} - {text for (text,) in rows})
    return typed | {text: decoded[text] for text in candidates}


def _decoded(text: str) -> Any:
    """The number, truth value, array or object that a JSON text stands for; None for any other text."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return None if isinstance(value, str) else value
