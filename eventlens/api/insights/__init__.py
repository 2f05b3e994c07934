"""`/insights/{projectId}/…`: every question there is. Each module has the routes of one kind of question."""

from eventlens.api.insights import (
    attribution,
    explorers,
    export,
    funnels,
    goals,
    people,
    pickers,
    reports,
    retention,
    revenue,
    series,
)
from eventlens.api.route import Route

ROUTES: tuple[Route, ...] = (
    *reports.ROUTES,
    *pickers.ROUTES,  # before `events/{id}`
    *explorers.ROUTES,
    *people.ROUTES,
    *export.ROUTES,
    *funnels.ROUTES,
    *retention.ROUTES,
    *revenue.ROUTES,
    *series.ROUTES,
    *goals.ROUTES,
    *attribution.ROUTES,
)
