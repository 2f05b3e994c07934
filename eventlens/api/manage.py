"""`/manage/…`: what a root client may see and change of its own project."""

from eventlens.api import manage_clients, manage_filters, manage_projects, manage_reports, manage_segments

ROUTES = (
    *manage_projects.ROUTES,
    *manage_clients.ROUTES,
    *manage_filters.ROUTES,
    *manage_segments.ROUTES,
    *manage_reports.ROUTES,
)
