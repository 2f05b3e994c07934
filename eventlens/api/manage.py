"""`/manage/…`: what members, and a root client of its own project, may see and change."""

from eventlens.api import (
    manage_clients,
    manage_dead_letters,
    manage_filters,
    manage_members,
    manage_names,
    manage_notes,
    manage_organisations,
    manage_people,
    manage_projects,
    manage_reports,
    manage_segments,
    manage_shares,
    manage_usage,
)

ROUTES = (
    *manage_projects.ROUTES,
    *manage_clients.ROUTES,
    *manage_filters.ROUTES,
    *manage_dead_letters.ROUTES,
    *manage_people.ROUTES,
    *manage_segments.ROUTES,
    *manage_reports.ROUTES,
    *manage_notes.ROUTES,
    *manage_names.ROUTES,
    *manage_members.ROUTES,
    *manage_organisations.ROUTES,
    *manage_shares.ROUTES,
    *manage_usage.ROUTES,
)
