"""The API function: authentication, routing, and errors as problem+json."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler import Response as ApiResponse
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from functions.api import (
    channels,
    control,
    conversations,
    customers,
    documents,
    events,
    files,
    linking,
    messages,
    subscriptions,
    visitors,
)
from functions.api.cross_origin import preflight, readable
from functions.telemetry import conclude, logger
from shared.errors import InfrastructureError, NotFound, RequestError, WriteConflict
from shared.http.response import Response

SERVICE = "api"
LONGEST_PATH = 512
"""Characters. No id of ours is that long, and the table takes no key over 2,048 bytes."""

app = APIGatewayHttpResolver()
for routes in (conversations, control, events, subscriptions, messages, customers, linking, channels, documents, files):
    app.include_router(routes.router, prefix="/v1")
app.include_router(visitors.router)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One request in, one response out. Nothing that a caller sends makes this raise."""
    answer = readable(event, _answer(event, context))
    status = answer["statusCode"]
    # The route, not the path: a path holds ids of conversations and customers.
    failed = {"api_failed": 1} if status >= 500 else {}
    conclude(SERVICE, failed, route=event.get("routeKey"), method=_method(event), status=status)
    return answer


def _answer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if len(event["rawPath"]) > LONGEST_PATH:
        return _unknown_route().to_http_api()
    permission = preflight(event)
    return app.resolve(event, context) if permission is None else permission.to_http_api()


@app.exception_handler(RequestError)
def refused(error: RequestError) -> ApiResponse[str]:
    return _problem(Response.problem(error))


@app.exception_handler(WriteConflict)
def contended(error: WriteConflict) -> ApiResponse[str]:
    return _problem(Response.problem_of(503, "busy", "Service unavailable", "try again in a moment"))


@app.exception_handler(InfrastructureError)
def failed(error: InfrastructureError) -> ApiResponse[str]:
    logger(SERVICE).error("store failed", error=type(error).__name__)
    return _problem(Response.problem_of(503, "unavailable", "Service unavailable", "try again in a moment"))


@app.exception_handler(Exception)
def broken(error: Exception) -> ApiResponse[str]:
    # The class only: an error's text may quote what a customer wrote.
    logger(SERVICE).error("request failed", error=type(error).__name__)
    return _problem(Response.problem_of(500, "internal_error", "Internal server error", "it has been logged"))


@app.exception_handler(NotFoundError)
def unknown_route(error: NotFoundError) -> ApiResponse[str]:
    return _problem(_unknown_route())


def _unknown_route() -> Response:
    return Response.problem(NotFound("unknown_route", "there is no such route and method"))


def _problem(response: Response) -> ApiResponse[str]:
    return ApiResponse(
        status_code=response.status,
        content_type=response.headers["content-type"],
        body=response.body.decode(),
    )


def _method(event: dict[str, Any]) -> str:
    return str(event["requestContext"]["http"]["method"])
