"""The table of the command line's commands, written from its parser."""

from __future__ import annotations

from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from typing import TYPE_CHECKING

from infra.documentation.tables import table

if TYPE_CHECKING:
    from infra.documentation.words import Language

HEADINGS = {"en": ["Command", "Takes", "Does"], "zh-CN": ["命令", "参数", "作用"]}

CHINESE = {
    "channel set": "保存账号的设置，合并到已有的设置里。",
    "channel list": "列出账号，不含设置。",
    "channel check": "调用平台，证明账号可用。",
    "channel remove": "删除账号；七天之内可以用 `set` 恢复。",
    "helpdesk set": "保存账号的设置，并为它订阅栈的事件。",
    "helpdesk list": "列出账号，不含设置。",
    "helpdesk check": "调用客服系统，证明账号可用。",
    "helpdesk remove": "删除账号及其订阅。",
    "key create": "生成密钥，只显示这一次。",
    "key list": "列出密钥，包括已吊销的；密钥本身不保存在任何地方。",
    "key revoke": "吊销密钥；函数最多再接受它一分钟。",
    "subscription add": "订阅一个地址，签名密钥只显示这一次。",
    "subscription list": "列出订阅。",
    "subscription show": "显示一个订阅，以及其端点的状况。",
    "subscription pause": "暂时不发送，保留位置。",
    "subscription resume": "从原处继续，等待中的立即重试。",
    "subscription replay": "重新发送事件，每个会话内有序。",
    "subscription skip": "跳过会话卡住的那个事件。",
    "subscription test": "立即发送一个事件，试一试端点。",
    "subscription rotate": "生成新的签名密钥，只显示这一次。",
    "subscription attempts": "显示最近一周的失败。",
    "subscription remove": "不再发送，也不再记得位置。",
    "dlq list": "统计每个队列里有多少。",
    "dlq show": "显示失败的消息涉及什么；消息留在原处。",
    "dlq redrive": "把消息送回原来的队列。可以随时中断。",
    "schema": "输出消息、事件等的 JSON Schema。不需要栈。",
    "openapi": "输出 HTTP 接口的 OpenAPI 文档。不需要栈。",
    "asyncapi": "输出事件的 AsyncAPI 文档。不需要栈。",
    "tail": "跟随事件流，直到 Ctrl-C。会显示人写的内容。",
    "send": "回复一个会话，并显示回复走的途径。",
}
"""What each command does. In English the parser says it."""


def commands_table(language: Language, folder: str) -> str:
    """One row per command, with its arguments and the options that are its own. Raises KeyError for a command that has
    no Chinese words."""
    from infra.cli.main import build_parser

    root = build_parser()
    everywhere = {option for action in root._actions for option in action.option_strings}
    rows = [
        [f"`{name}`", _takes(parser, everywhere), str(parser.description) if language == "en" else CHINESE[name]]
        for name, parser in commands(root)
    ]
    return table(HEADINGS[language], rows)


def commands(parser: ArgumentParser, name: str = "") -> Iterator[tuple[str, ArgumentParser]]:
    """Every command that does something, by its words."""
    below = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if name and not below:
        yield name, parser
    for action in below:
        for word, each in action.choices.items():
            yield from commands(each, f"{name} {word}".strip())


def _takes(parser: ArgumentParser, everywhere: set[str]) -> str:
    own = [action for action in parser._actions if not everywhere & set(action.option_strings)]
    positional = [_positional(action) for action in own if not action.option_strings]
    return " ".join(f"`{each}`" for each in positional + [_option(action) for action in own if action.option_strings])


def _positional(action: Action) -> str:
    name = f"<{action.metavar or action.dest}>"
    return {"*": f"[{name} ...]", "?": f"[{name}]"}.get(str(action.nargs), name)


def _option(action: Action) -> str:
    """The option with the word for its value, in brackets when it may be left out. A bar would end the cell."""
    name = action.option_strings[-1]
    values = "/".join(map(str, action.choices)) if action.choices else action.metavar or action.dest.upper()
    words = name if action.nargs == 0 else f"{name} {values}"
    return words if action.required else f"[{words}]"
