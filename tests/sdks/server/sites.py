"""A small site in each framework: `python sites.py FRAMEWORK PORT URL ID SECRET`. SIGTERM ends it."""

import asyncio
import sys
from typing import Any

import uvicorn

from event_lens_sdk import Client
from event_lens_sdk.middleware.asgi import EventLensMiddleware

PAGE = "<!doctype html><title>Pricing</title>"


def fastapi_site(client: Client) -> Any:
    from fastapi import FastAPI, Request
    from fastapi.responses import HTMLResponse

    app = FastAPI()
    app.add_middleware(
        EventLensMiddleware,
        client=client,
        views=True,
        profile_id=lambda scope: scope.get("user"),
        skip=lambda scope: scope["path"] == "/health",
    )

    @app.get("/pricing")
    async def pricing() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.get("/health")
    def health() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.get("/lost")
    async def lost() -> HTMLResponse:
        return HTMLResponse(PAGE, 404)

    @app.post("/buy")
    def buy(request: Request) -> dict[str, bool]:  # in a thread: the visitor comes along
        request.scope["user"] = "user-7"
        client.track("bought", {"plan": "team"})
        return {"ok": True}

    return app


def flask_site(client: Client) -> Any:
    from flask import Flask, g

    from event_lens_sdk.middleware.flask import EventLens

    app = Flask(__name__)
    EventLens(
        app,
        client,
        views=True,
        profile_id=lambda _: g.get("user"),
        skip=lambda request: request.path == "/health",
    )
    app.get("/pricing")(lambda: PAGE)
    app.get("/health", endpoint="health")(lambda: PAGE)
    app.get("/lost", endpoint="lost")(lambda: (PAGE, 404))

    @app.post("/buy")
    async def buy() -> dict[str, bool]:
        g.user = "user-7"
        await asyncio.sleep(0)
        client.track("bought", {"plan": "team"})
        return {"ok": True}

    return app.wsgi_app


def django_site(kind: str, options: dict[str, Any]) -> Any:
    import django
    from django.conf import settings
    from django.http import HttpResponse, JsonResponse
    from django.urls import path

    def user_of(request: Any) -> str | None:
        return getattr(request, "who", None)

    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="made up",
        MIDDLEWARE=["event_lens_sdk.middleware.django.event_lens"],
        EVENT_LENS={
            **options,
            "views": True,
            "profile_id": user_of,
            "skip": lambda request: request.path == "/health",
        },
    )
    django.setup()
    from event_lens_sdk.middleware.django import client

    def buy(request: Any) -> JsonResponse:
        request.who = "user-7"
        client().track("bought", {"plan": "team"})
        return JsonResponse({"ok": True})

    async def buy_later(request: Any) -> JsonResponse:
        await asyncio.sleep(0)
        return buy(request)

    globals()["urlpatterns"] = [
        path("pricing", lambda _: HttpResponse(PAGE.encode())),
        path("health", lambda _: HttpResponse(PAGE.encode())),
        path("lost", lambda _: HttpResponse(PAGE.encode(), status=404)),
        path("buy", buy if kind == "django" else buy_later),
    ]
    if kind == "django":
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()
    from django.core.asgi import get_asgi_application

    return get_asgi_application()


def main() -> None:
    """Serve until SIGTERM; the client sends what waits as the process ends."""
    kind, port, url, client_id, secret = sys.argv[1:]
    options: dict[str, Any] = {
        "url": url,
        "client_id": client_id,
        "client_secret": secret,
        "catch_sigterm": True,
    }
    if kind.startswith("django"):
        site = django_site(kind, options)
    else:
        site = {"fastapi": fastapi_site, "flask": flask_site}[kind](Client(**options))
    interface: Any = "wsgi" if kind in ("flask", "django") else "asgi3"
    uvicorn.run(site, port=int(port), interface=interface, log_level="warning", forwarded_allow_ips="*")


if __name__ == "__main__":
    main()
