"""Every declared route."""

from __future__ import annotations

from functions.api.contract import browsers, conversations, customers, stack
from functions.api.contract.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *conversations.OPERATIONS,
    *customers.OPERATIONS,
    *stack.OPERATIONS,
    *browsers.OPERATIONS,
)
