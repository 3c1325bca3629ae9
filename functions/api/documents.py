"""Routes of the contract's documents; public, like what they state. Each is made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.api.requests import answer

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

router = APIGatewayHttpRouter()


@router.get("/schema")
def get_schema() -> ApiResponse[str]:
    """The JSON Schema of messages, events and the rest."""
    from shared.model.schema import schema

    return answer(schema())


@router.get("/openapi.json")
def get_openapi() -> ApiResponse[str]:
    """The OpenAPI document of the HTTP interface."""
    from functions.api.contract.openapi import openapi

    return answer(openapi())


@router.get("/asyncapi.json")
def get_asyncapi() -> ApiResponse[str]:
    """The AsyncAPI document of the events and of web chat's socket."""
    from functions.api.contract.asyncapi import asyncapi

    return answer(asyncapi())
