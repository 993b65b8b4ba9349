"""The floor a callback is compared with: FastAPI giving a body back, served as the bot is."""

import sys

from fastapi import FastAPI, Request
from starlette.responses import Response

from bot.roles import serve


def create_echo() -> FastAPI:
    """Build the application."""
    app = FastAPI(docs_url=None, openapi_url=None)

    @app.post("/echo")
    async def echo(request: Request) -> Response:
        return Response(await request.body(), media_type="application/xml")

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    serve(create_echo(), "127.0.0.1", int(sys.argv[1]))
