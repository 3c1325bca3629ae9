"""MiniStack with two differences, run as a file of its own.

An HTTP API without CorsConfiguration routes OPTIONS. So does AWS ("Configure CORS for HTTP APIs in API Gateway"): only
an API with a configuration answers preflights itself. MiniStack 1.5.33 answers 403 in that case, and our functions,
which alone know the admitted origins, would not be asked.

A FIFO queue that is handed on one message at a time occupies several workers, one for each group, as on AWS ("Using
Lambda with Amazon SQS", "FIFO queues"). MiniStack takes one batch after the other, because its batches hold several
groups; one that holds a single message cannot, and a queue shows no other message of a group while one is out.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Any

from ministack import app
from ministack.services import apigateway, lambda_svc


class _Routed(str):
    """A request's method that is not recognised as a preflight's."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other != "OPTIONS" and str.__eq__(self, other)


_execute = apigateway._handle_execute_in_scope


async def _execute_with_options(api_id: str, stage: str, path: str, method: str, *rest: Any) -> Any:
    configured = apigateway._apis.get(api_id, {}).get("corsConfiguration")
    return await _execute(api_id, stage, path, method if configured else _Routed(method), *rest)


_concurrency = lambda_svc._sqs_esm_concurrency


def _concurrency_by_group(mapping: dict[str, Any], function: Any, configuration: Any, queue: Any = None) -> int:
    single = mapping.get("BatchSize") == 1
    allowed: int = _concurrency(mapping, function, configuration, None if single else queue)
    return allowed


if __name__ == "__main__":
    lambda_svc._sqs_esm_concurrency = _concurrency_by_group
    apigateway._handle_execute_in_scope = _execute_with_options
    # The first deployment needs it and its import takes seconds: meanwhile the caller packs the functions.
    threading.Thread(target=import_module, args=["samtranslator.translator.transform"], daemon=True).start()
    sys.exit(app.main())
