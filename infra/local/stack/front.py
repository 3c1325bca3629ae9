"""The front server as a background process, and the file that tells it what there is."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from infra.local.stack.demo import DemoAccount
from infra.local.stack.demo_helpdesks import DemoHelpdesk
from infra.local.stack.ministack import credentials, write_private
from infra.local.stack.processes import Process
from infra.local.stack.settings import REGION, Settings
from infra.local.stack.waiting import answers, wait_until
from infra.packaging.libraries import ROOT

READY_SECONDS = 15.0


def process(settings: Settings) -> Process:
    return Process("front", settings.home / "run")


def write_settings(
    settings: Settings,
    outputs: dict[str, str],
    api_key: str,
    accounts: Iterable[DemoAccount],
    helpdesks: Iterable[DemoHelpdesk],
) -> None:
    """The settings file of infra.local.front."""
    names: dict[str, list[str]] = {}
    providers: dict[str, Any] = {}
    for account in accounts:
        names.setdefault(account.channel, []).append(account.name)
        if account.stand_in is not None:
            providers.setdefault(account.channel, {"accounts": {}})["accounts"][account.name] = account.stand_in
    for desk in helpdesks:
        providers.setdefault("helpdesks", {}).setdefault(desk.helpdesk, {})[desk.name] = desk.stand_in
    if "email" in providers:
        providers["email"] |= {"smtp_port": settings.smtp_port, "aws": _mail_resources(settings, outputs)}
    content = {
        "gateway_url": f"{settings.aws_url}/_aws/execute-api/{outputs['ApiId']}",
        "api_key": api_key,
        "port": settings.port,
        "socket_url": outputs["SocketUrl"],
        "content_origins": [settings.aws_url],
        "accounts": names,
        "providers": providers,
        "folder": str(settings.providers_folder),
    }
    write_private(settings.front_file, json.dumps(content, indent=2))


def _mail_resources(settings: Settings, outputs: dict[str, str]) -> dict[str, str]:
    """Where the mail stand-in puts received mail and publishes what became of sent mail, and its key."""
    key = credentials(settings)
    return {
        "url": settings.aws_url,
        "region": REGION,
        "access_key_id": key.access_key_id,
        "secret_access_key": key.secret_access_key,
        "bucket": outputs["MailBucket"],
        "topic_arn": outputs["MailTopicArn"],
        "configuration_set": outputs["MailConfigurationSet"],
    }


def start(settings: Settings) -> None:
    """Starts it, without waiting for it."""
    command = [sys.executable, "-m", "infra.local.front", "--settings", str(settings.front_file)]
    environment = {"PATH": os.defpath, "HOME": str(Path.home()), "LANG": "C.UTF-8"}
    process(settings).start(command, environment, ROOT, settings.logs / "front.log")


def wait_until_ready(settings: Settings) -> bool:
    running = process(settings).running

    def settled() -> bool:
        return answers(settings.port, "/_local/health") or not running()

    return wait_until(settled, READY_SECONDS) and running()
