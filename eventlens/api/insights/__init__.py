"""`/insights/{projectId}/…`: every question there is. Each module has the routes of one kind of question."""

from eventlens.api.insights import explorers, people, reports, revenue, series
from eventlens.api.route import Route

ROUTES: tuple[Route, ...] = (
    *reports.ROUTES,
    *explorers.ROUTES,
    *people.ROUTES,
    *revenue.ROUTES,
    *series.ROUTES,
)
