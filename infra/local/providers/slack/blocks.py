"""Slack's check of Block Kit: what it refuses, and the words it does it with.

Source: docs.slack.dev, "Block Kit" reference; the undocumented sum of all text (about 12,000 characters,
``msg_blocks_too_long``): github.com/slackapi/bolt-js/issues/2509.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.local.providers.slack.errors import ApiError

MAXIMUM_BLOCKS = 50
MAXIMUM_TEXT = 12_000
TEXT_KINDS = ("plain_text", "mrkdwn")
UNCHECKED_ELEMENTS = frozenset(
    {
        "checkboxes",
        "datepicker",
        "datetimepicker",
        "radio_buttons",
        "timepicker",
        "users_select",
        "conversations_select",
        "channels_select",
        "multi_static_select",
        "workflow_button",
    }
)


class Check:
    """Collects what is wrong with the blocks of one message. A block_id is unique in a message, an action_id in a
    block."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.action_ids: set[str] = set()
        self.block_ids: set[str] = set()
        self.length = 0

    def wrong(self, rule: str, pointer: str) -> None:
        self.problems.append(f"{rule} [json-pointer:{pointer}]")

    def known(self, value: dict[str, Any], pointer: str, required: str, optional: str = "") -> bool:
        """Whether all of ``required`` is there; fields that are in neither list are refused."""
        allowed = {"type", *required.split(), *optional.split()}
        for name in value:
            if name not in allowed:
                self.wrong(f"invalid additional property: {name}", pointer)
        missing = [name for name in required.split() if value.get(name) is None]
        for name in missing:
            self.wrong(f"missing required field: {name}", pointer)
        return not missing

    def string(self, value: object, pointer: str, limit: int, least: int = 1) -> None:
        if not isinstance(value, str):
            self.wrong("must be a string", pointer)
        elif len(value) > limit:
            self.wrong(f"must be less than {limit + 1} characters", pointer)
        elif len(value) < least:
            self.wrong(f"must be more than {least - 1} characters", pointer)

    def text(self, value: object, pointer: str, limit: int, kinds: tuple[str, ...] = TEXT_KINDS) -> None:
        """A text object."""
        if not isinstance(value, dict):
            return self.wrong("must provide an object", pointer)
        if value.get("type") not in kinds:
            return self.wrong(f"must be one of the types: {', '.join(kinds)}", f"{pointer}/type")
        optional = "emoji" if value["type"] == "plain_text" else "verbatim"
        if self.known(value, pointer, "text", optional):
            self.string(value["text"], f"{pointer}/text", limit)
            self.length += len(value["text"]) if isinstance(value["text"], str) else 0
        return None

    def items(self, value: object, pointer: str, most: int) -> list[tuple[str, Any]]:
        """The list's items with their pointers."""
        if not isinstance(value, list) or not value:
            self.wrong("must provide a non-empty array", pointer)
            return []
        if len(value) > most:
            self.wrong(f"no more than {most} items allowed", pointer)
        return [(f"{pointer}/{index}", item) for index, item in enumerate(value)]

    def address(self, value: object, pointer: str) -> None:
        self.string(value, pointer, 3000)
        if isinstance(value, str) and not value.startswith(("https://", "http://", "mailto:", "tel:")):
            self.wrong("Invalid URL", pointer)

    def unique(self, value: object, pointer: str, seen: set[str], name: str) -> None:
        if value is None:
            return
        self.string(value, f"{pointer}/{name}", 255)
        if isinstance(value, str):
            if value in seen:
                self.wrong(f"{name} `{value}` already exists", f"{pointer}/{name}")
            seen.add(value)

    def options(self, value: object, pointer: str, most: int) -> None:
        for place, option in self.items(value, pointer, most):
            if not isinstance(option, dict):
                self.wrong("must provide an object", place)
            elif self.known(option, place, "text", "value description url"):
                self.text(option["text"], f"{place}/text", 75)
                if option.get("value") is not None:
                    self.string(option["value"], f"{place}/value", 150)

    def button(self, value: dict[str, Any], pointer: str) -> None:
        if self.known(value, pointer, "text", "action_id url value style confirm accessibility_label"):
            self.text(value["text"], f"{pointer}/text", 75, ("plain_text",))
        if value.get("url") is not None:
            self.address(value["url"], f"{pointer}/url")
        if value.get("value") is not None:
            self.string(value["value"], f"{pointer}/value", 2000)
        if value.get("style") not in (None, "primary", "danger"):
            self.wrong("must be one of: primary, danger", f"{pointer}/style")

    def element(self, value: object, pointer: str, kinds: tuple[str, ...]) -> None:
        if not isinstance(value, dict) or value.get("type") not in (*kinds, *UNCHECKED_ELEMENTS):
            found = value.get("type") if isinstance(value, dict) else value
            return self.wrong(f"unsupported type: {found}", f"{pointer}/type")
        self.unique(value.get("action_id"), pointer, self.action_ids, "action_id")
        match value["type"]:
            case "button":
                self.button(value, pointer)
            case "static_select":
                if self.known(value, pointer, "options", "placeholder action_id initial_option confirm focus_on_load"):
                    self.options(value["options"], f"{pointer}/options", 100)
                if value.get("placeholder") is not None:
                    self.text(value["placeholder"], f"{pointer}/placeholder", 150, ("plain_text",))
            case "overflow":
                if self.known(value, pointer, "options", "action_id confirm"):
                    self.options(value["options"], f"{pointer}/options", 5)
            case "image":
                if self.known(value, pointer, "image_url alt_text"):
                    self.address(value["image_url"], f"{pointer}/image_url")
                    self.string(value["alt_text"], f"{pointer}/alt_text", 2000)
            case "plain_text" | "mrkdwn":
                self.text(value, pointer, 2000)
        return None


def _section(check: Check, block: dict[str, Any], pointer: str) -> None:
    check.known(block, pointer, "", "text fields accessory block_id expand")
    if block.get("text") is None and block.get("fields") is None:
        check.wrong("must define either `text` or `fields`", pointer)
    if block.get("text") is not None:
        check.text(block["text"], f"{pointer}/text", 3000)
    if block.get("fields") is not None:
        for place, field in check.items(block["fields"], f"{pointer}/fields", 10):
            check.text(field, place, 2000)
    if block.get("accessory") is not None:
        check.element(block["accessory"], f"{pointer}/accessory", ("button", "image", "static_select", "overflow"))


def _header(check: Check, block: dict[str, Any], pointer: str) -> None:
    if check.known(block, pointer, "text", "block_id"):
        check.text(block["text"], f"{pointer}/text", 150, ("plain_text",))


def _image(check: Check, block: dict[str, Any], pointer: str) -> None:
    if check.known(block, pointer, "image_url alt_text", "title block_id"):
        check.address(block["image_url"], f"{pointer}/image_url")
        check.string(block["alt_text"], f"{pointer}/alt_text", 2000)
    if block.get("title") is not None:
        check.text(block["title"], f"{pointer}/title", 2000, ("plain_text",))


def _actions(check: Check, block: dict[str, Any], pointer: str) -> None:
    if check.known(block, pointer, "elements", "block_id"):
        for place, element in check.items(block["elements"], f"{pointer}/elements", 25):
            check.element(element, place, ("button", "static_select", "overflow"))


def _context(check: Check, block: dict[str, Any], pointer: str) -> None:
    if check.known(block, pointer, "elements", "block_id"):
        for place, element in check.items(block["elements"], f"{pointer}/elements", 10):
            check.element(element, place, ("image", "plain_text", "mrkdwn"))


def _markdown(check: Check, block: dict[str, Any], pointer: str) -> None:
    if check.known(block, pointer, "text", "block_id"):
        check.string(block["text"], f"{pointer}/text", 12_000)
        check.length += len(str(block["text"]))


def _divider(check: Check, block: dict[str, Any], pointer: str) -> None:
    check.known(block, pointer, "", "block_id")


def _rich_text(check: Check, block: dict[str, Any], pointer: str) -> None:
    if check.known(block, pointer, "elements", "block_id"):
        check.items(block["elements"], f"{pointer}/elements", 1000)


BLOCKS: dict[str, Callable[[Check, dict[str, Any], str], None]] = {
    "section": _section,
    "header": _header,
    "image": _image,
    "actions": _actions,
    "context": _context,
    "markdown": _markdown,
    "divider": _divider,
    "rich_text": _rich_text,
}


def checked_blocks(blocks: object) -> list[dict[str, Any]]:
    """``blocks`` with a block_id in each. Raises invalid_blocks_format, invalid_blocks or msg_blocks_too_long."""
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    check = Check()
    if len(blocks) > MAXIMUM_BLOCKS:
        check.wrong(f"no more than {MAXIMUM_BLOCKS} items allowed", "/blocks")
    for index, block in enumerate(blocks):
        pointer = f"/blocks/{index}"
        if not isinstance(block, dict) or block.get("type") not in BLOCKS:
            found = block.get("type") if isinstance(block, dict) else block
            check.wrong(f"unsupported type: {found}", f"{pointer}/type")
            continue
        check.unique(block.get("block_id"), pointer, check.block_ids, "block_id")
        check.action_ids.clear()
        BLOCKS[block["type"]](check, block, pointer)
    if check.problems:
        messages = [f"[ERROR] {problem}" for problem in check.problems]
        raise ApiError("invalid_blocks", messages=messages, details={"errors": check.problems})
    if check.length > MAXIMUM_TEXT:
        raise ApiError("msg_blocks_too_long")
    return [{**block, "block_id": block.get("block_id") or f"b{index}"} for index, block in enumerate(blocks)]
