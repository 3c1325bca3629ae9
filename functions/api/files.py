"""Routes of files that are to be sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.api.requests import answer, authenticated, read_body, request_of
from functions.bootstrap import objects
from shared.errors import Unprocessable
from shared.model.answers import UploadForm
from shared.model.identifiers import media_id
from shared.model.uploads import agent_upload_key

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

router = APIGatewayHttpRouter()
LARGEST_FILE = 25 * 1_048_576
FORM_SECONDS = 600


class FileRequest(msgspec.Struct, kw_only=True):
    """The body of POST /v1/media: what will be uploaded; ``size`` in bytes."""

    mime_type: str
    size: int


@router.post("/media")
def open_upload() -> ApiResponse[str]:
    """201 {media_id, url, fields}: post the fields and then the file to the url, and name the media_id in a reply's
    part."""
    authenticated(router, "write")
    wanted = read_body(request_of(router), FileRequest)
    if not 1 <= wanted.size <= LARGEST_FILE:
        raise Unprocessable("bad_size", f"a file has 1 to {LARGEST_FILE} bytes")
    identifier = media_id(time.time())
    form = objects.media_bucket().upload_form(agent_upload_key(identifier), wanted.mime_type, wanted.size, FORM_SECONDS)
    url, fields = form
    return answer(UploadForm(media_id=identifier, url=url, fields=dict(fields)), 201)
