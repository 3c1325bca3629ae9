"""The embedded default: MiniStack, this repository deployed into it, demo accounts, and the front server.

From Python: ``with running(home) as stack: stack["url"] ...`` (infra.local.stack.lifecycle).
"""

from infra.local.stack.lifecycle import LocalStack, StackError, running
from infra.local.stack.settings import Settings

__all__ = ["LocalStack", "Settings", "StackError", "running"]
