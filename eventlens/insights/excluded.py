"""`excluded`: what was accepted but is in no number, by reason and name."""

from msgspec import Struct

from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.store.base import Store


class ExcludedRow(Struct):
    """`reason`: why (bot, …); `name`: which one; null where the reason has no names."""

    reason: str
    name: str | None
    count: int


def excluded(store: Store, question: Question) -> list[ExcludedRow]:
    """Counts of the hours that begin in the span, largest first."""
    plan = Plan(question)
    rows = plan.run(
        store,
        f"""SELECT x.reason AS reason, x.name AS name, sum(x.count) AS total
FROM excluded AS x
WHERE x.project_id = {plan.project} AND x.hour >= {plan.start} AND x.hour < {plan.end}
GROUP BY reason, name
ORDER BY total DESC, reason, name
{plan.page()}""",
    ).rows
    return [ExcludedRow(reason, name or None, count) for reason, name, count in rows]
