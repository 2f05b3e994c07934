"""What claims touched (`store/touches.py`)."""

from tests.support.pipeline import Pipeline


def touches(pipeline: Pipeline) -> dict[int, int]:
    """Hour → how often it was touched."""
    sql = "SELECT hour, sum(count) FROM touches WHERE project_id = {project:String} GROUP BY hour"
    return dict(pipeline.store.query(sql, {"project": pipeline.project}).rows)


def hours_since(pipeline: Pipeline, before: dict[int, int]) -> set[int]:
    """Which hours were touched since."""
    return {hour for hour, count in touches(pipeline).items() if count > before.get(hour, 0)}
