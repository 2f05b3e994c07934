from eventlens.insights.excluded import excluded
from tests.insights.world import World, ms


def test_by_reason_and_name(world: World):
    rows = [
        ("2026-03-10T00:00", "bot", "Googlebot", 3),
        ("2026-03-10T05:00", "bot", "Googlebot", 4),
        ("2026-03-10T05:00", "repeated", "", 9),
        ("2026-03-09T23:00", "bot", "Googlebot", 100),
        ("2026-03-11T00:00", "bot", "Googlebot", 100),
    ]
    world.insert(
        "excluded",
        [
            {"hour": ms(hour), "reason": reason, "name": name, "count": count}
            for hour, reason, name, count in rows
        ],
    )
    found = [(row.reason, row.name, row.count) for row in excluded(world.store, world.ask())]
    assert found == [("repeated", None, 9), ("bot", "Googlebot", 7)]
