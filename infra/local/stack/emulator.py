"""MiniStack with one difference, run as a file of its own: an HTTP API without CorsConfiguration routes OPTIONS.

So does AWS ("Configure CORS for HTTP APIs in API Gateway"): only an API with a configuration answers preflights itself.
MiniStack 1.5.33 answers 403 in that case, and our functions, which alone know the admitted origins, would not
be asked.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Any

from ministack import app
from ministack.services import apigateway


class _Routed(str):
    """A request's method that is not recognised as a preflight's."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other != "OPTIONS" and str.__eq__(self, other)


_execute = apigateway._handle_execute_in_scope


async def _execute_with_options(api_id: str, stage: str, path: str, method: str, *rest: Any) -> Any:
    configured = apigateway._apis.get(api_id, {}).get("corsConfiguration")
    return await _execute(api_id, stage, path, method if configured else _Routed(method), *rest)


if __name__ == "__main__":
    apigateway._handle_execute_in_scope = _execute_with_options
    # The first deployment needs it and its import takes seconds: meanwhile the caller packs the functions.
    threading.Thread(target=import_module, args=["samtranslator.translator.transform"], daemon=True).start()
    sys.exit(app.main())
