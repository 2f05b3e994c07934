"""`/insights/{projectId}/…`: every question there is. Each module has the routes of one kind of question."""

from eventlens.api.insights import explorers, goals, people, pickers, reports, revenue, series
from eventlens.api.route import Route

ROUTES: tuple[Route, ...] = (
    *reports.ROUTES,
    *pickers.ROUTES,  # before `events/{id}`
    *explorers.ROUTES,
    *people.ROUTES,
    *revenue.ROUTES,
    *series.ROUTES,
    *goals.ROUTES,
)
