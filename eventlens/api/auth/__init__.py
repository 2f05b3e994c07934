"""`/auth/…`: signing in and out, and one's own account."""

from eventlens.api.auth import account, invited, oauth, security, sessions, signing
from eventlens.api.route import Route

ROUTES: tuple[Route, ...] = (
    *signing.ROUTES,
    *invited.ROUTES,
    *oauth.ROUTES,
    *account.ROUTES,
    *sessions.ROUTES,
    *security.ROUTES,
)
