"""Every declared route."""

from __future__ import annotations

from functions.api.contract import browsers, conversations, customers, stack, subscriptions
from functions.api.contract.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *conversations.OPERATIONS,
    *customers.OPERATIONS,
    *subscriptions.OPERATIONS,
    *stack.OPERATIONS,
    *browsers.OPERATIONS,
)
