"""The declared routes of the stack itself: files, channel accounts, and the documents of the contract."""

from __future__ import annotations

from functions.api.contract.operation import CURSOR, LIMIT, Body, Document, Operation, Page
from functions.api.files import FileRequest
from shared.model.answers import ChannelAccount, Notice, UploadForm

OPERATIONS = (
    Operation(
        "POST",
        "/v1/media",
        "open_upload",
        "files",
        "write",
        "Where to upload a file that is to be sent.",
        {201: UploadForm},
        body=Body(FileRequest),
        problems=("422 bad_size",),
    ),
    Operation(
        "GET",
        "/v1/channels",
        "list_channels",
        "channels",
        "read",
        "The channel accounts, what each can do, and whether it works.",
        {200: Page(ChannelAccount)},
    ),
    Operation(
        "GET",
        "/v1/channels/{channel}/{account}/notices",
        "list_notices",
        "channels",
        "read",
        "What there is to know of an account that belongs to no conversation: the latest first.",
        {200: Page(Notice)},
        parameters=(CURSOR, LIMIT),
        problems=("400 bad_parameter",),
    ),
    *(
        Operation(
            "GET",
            f"/v1/{name}",
            operation_id,
            "contract",
            "anybody",
            summary,
            {200: Document("application/json", kind)},
            problems=("500 internal_error",),
        )
        for name, operation_id, summary, kind in (
            ("schema", "get_schema", "The JSON Schema of messages, events and the rest.", "A JSON Schema 2020-12."),
            ("openapi.json", "get_openapi", "The OpenAPI document of this interface.", "An OpenAPI 3.1 document."),
            ("asyncapi.json", "get_asyncapi", "The AsyncAPI document of the events.", "An AsyncAPI 3.0 document."),
        )
    ),
)
