"""The one route of web-chat visitors that is answered here: a link code, for which the providers of all channels are
asked. It takes a session token instead of an API key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response as ApiResponse
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.api.linking import issue_link_code
from functions.api.requests import read_body, request_of
from functions.bootstrap import store, web_chat
from shared.errors import Conflict, InfrastructureError, RequestError, Unauthorized
from shared.http.response import Response

if TYPE_CHECKING:
    from shared.http.request import Request

router = APIGatewayHttpRouter()


@router.post("/chat/<account>/link-codes")
def make_link_code(account: str) -> ApiResponse[str]:
    """201: a code by which the visitor goes on elsewhere. Pages of other origins are refused, as everywhere in web
    chat, and errors can be read by an admitted page."""
    request = request_of(router)
    origin = request.headers.get("origin")
    headers = {"vary": "origin"}
    try:
        web_chat.sessions().check_origin(account, origin)
        if origin is not None:
            headers["access-control-allow-origin"] = origin
        response = Response.json(_code_for(account, request), 201)
    except RequestError as error:
        response = Response.problem(error)
    except InfrastructureError:
        response = Response.problem_of(503, "unavailable", "Service unavailable", "try again in a moment")
    return ApiResponse(
        status_code=response.status,
        content_type=response.headers["content-type"],
        body=response.body.decode(),
        headers=dict(headers),
    )


def _code_for(account: str, request: Request) -> dict[str, Any]:
    from shared.core.linking.issuing import LinkCodeRequest

    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("bad_session", "send Authorization: Bearer <session token>")
    session = web_chat.sessions().prove(token.strip(), account)
    stored = store.people().identity(session.identity_id)
    if stored is None:
        raise Conflict("no_conversation", "write something first; then there is a conversation to go on with")
    wanted = read_body(request, LinkCodeRequest) if request.body.strip() else LinkCodeRequest()
    by = {"type": "customer", "id": session.identity_id}
    return issue_link_code()(stored.identity.customer_id, wanted, by)
