"""Answers that were given before, as long as nothing has happened that would change them.

An answer is kept under the whole question, resolved: the project, the route, instants instead of names of
spans, definitions instead of the names of cohorts, and everything else that was asked. Beside it stands how
often something had touched what it was computed from (`store/touches.py`), as read before it was computed.
It is given again only while that count is the same, so it is dropped by the first event, merge, alias or
deletion that touches its hours, and in any case after five minutes.

The same question at the same time is computed once: whoever comes second waits for the first one's answer.

While a shard of the store does not answer nothing is kept, and nothing given again: what is read then, of
answers and of touches alike, is not all there is.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, LiteralString

import msgspec

from eventlens.caches.base import Cache
from eventlens.clock import HOUR, MINUTE, Clock
from eventlens.errors import Abandoned
from eventlens.insights.answers import told_as_partial
from eventlens.insights.filters import on_people
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.meters import ANSWERS
from eventlens.store.base import Store
from eventlens.store.tickets import is_partial
from eventlens.store.touches import count_touches

SECONDS = 300.0
"""How long an answer may be given again."""
_TURN_MS = 15 * MINUTE
"""Every day of every zone begins at a multiple of this: what an answer says of "now" holds until then."""

How = Literal["hit", "joined", "miss"]
"""Given again; computed at the same time for somebody else; computed for this one."""


class _Entry(msgspec.Struct, array_like=True):
    touched: int
    answer: bytes


@dataclass(frozen=True, slots=True)
class Memo:
    """A question as it is recognised. `details`: everything that was asked beside it.

    `spans`: where something must have been touched to change the answer; None: anywhere in the project.
    """

    question: Question
    route: str
    details: str
    spans: tuple[Span, ...] | None

    def key(self, now: int) -> str:
        """Different for everything that is another question."""
        text = repr((self.route, self.question, self.details, now // _TURN_MS))
        return f"answer:{self.question.project_id}:{blake2b(text.encode(), digest_size=20).hexdigest()}"


def own_spans(question: Question, details: str) -> tuple[Span, ...] | None:
    """The question's spans, where nothing else changes an answer.

    None where more does: what people did at other times, or their profiles.
    """
    if question.condition is not None and on_people(question.condition):
        return None
    if "profile." in details or "cohort" in details:
        return None
    return (question.span,) if question.compared is None else (question.span, question.compared)


class Answers:
    """Gives answers again. Safe from any thread."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._lock = threading.Lock()
        self._computing: dict[tuple[str, int], Future[bytes]] = {}

    def answer(self, store: Store, memo: Memo, compute: Callable[[], Any]) -> tuple[bytes, How]:
        """The answer as JSON: a known one, else what `compute` gives. Raises what that raises."""
        answer, how = self._answer(store, memo, compute)
        ANSWERS.labels(how).inc()
        return answer, how

    def _answer(self, store: Store, memo: Memo, compute: Callable[[], Any]) -> tuple[bytes, How]:
        touched = _touched(store, memo)
        key = memo.key(self._clock())
        known = None if is_partial() else self._known(key, touched)
        if known is not None:
            return known, "hit"
        place = (key, touched)
        while True:
            mine = Future[bytes]()
            with self._lock:
                first = self._computing.setdefault(place, mine)
            if first is mine:
                return self._computed(place, mine, compute), "miss"
            try:
                return first.result(), "joined"
            except Abandoned:  # its caller has gone, not this one
                continue

    def _known(self, key: str, touched: int) -> bytes | None:
        found = self._cache.get(key)
        if found is None:
            return None
        try:
            entry = msgspec.msgpack.decode(found, type=_Entry)
        except msgspec.DecodeError:  # another version's, in a shared cache
            return None
        return entry.answer if entry.touched == touched else None

    def _computed(self, place: tuple[str, int], mine: Future[bytes], compute: Callable[[], Any]) -> bytes:
        try:
            computed = compute()
            partial = is_partial()
            answer = msgspec.json.encode(told_as_partial(computed) if partial else computed)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            key, touched = place
            if not partial:
                self._cache.put(key, msgspec.msgpack.encode(_Entry(touched, answer)), SECONDS)
            mine.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._computing[place]


_IN_SPANS: LiteralString = """SELECT sum(count) FROM touches WHERE project_id = {project:String} AND (
  (hour >= {first:UInt32} AND hour <= {last:UInt32})
  OR (hour >= {then_first:UInt32} AND hour <= {then_last:UInt32}))"""


def _touched(store: Store, memo: Memo) -> int:
    """How often something was touched that the answer depends on."""
    project_id = memo.question.project_id
    if memo.spans is None:
        return count_touches(store, project_id)
    parameters: dict[str, Any] = {"project": project_id}
    for prefix, span in zip(("", "then_"), (memo.spans[0], memo.spans[-1]), strict=True):
        parameters[f"{prefix}first"] = max(span.start, 0) // HOUR
        parameters[f"{prefix}last"] = max(span.end - 1, 0) // HOUR
    return store.recent(_IN_SPANS, parameters).rows[0][0]
