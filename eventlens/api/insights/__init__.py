"""`/insights/{projectId}/…`: every question there is. Each module has the routes of one kind of question."""

from eventlens.api.insights import (
    attribution,
    cohorts,
    explorers,
    export,
    funnels,
    goals,
    paths,
    people,
    pickers,
    reports,
    retention,
    revenue,
    saved,
    series,
    specials,
)
from eventlens.api.route import Route

QUESTIONS: tuple[Route, ...] = (
    *reports.ROUTES,
    *pickers.ROUTES,  # before `events/{id}`
    *explorers.ROUTES,
    *paths.ROUTES,
    *people.ROUTES,
    *export.ROUTES,
    *funnels.ROUTES,
    *retention.ROUTES,
    *revenue.ROUTES,
    *series.ROUTES,
    *goals.ROUTES,
    *attribution.ROUTES,
    *specials.ROUTES,
    *cohorts.ROUTES,
)

ROUTES: tuple[Route, ...] = (*QUESTIONS, *saved.over(QUESTIONS))
