"""P1 and P2: fresh processes, from their start until an event is durable, or until a function is imported.

Everything runs on the folders that infra.packaging builds for this machine. Runs of all variants take turns, so that
whatever else the machine does hits them alike.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench import workload
from bench.report import Report, Table, Target
from bench.stub import Stub, running_stub

PROGRAMS = Path(__file__).parent / "programs"
TEMPLATE = Path(__file__).parents[1] / "template.yaml"
BUILT = Path(".build") / "bench"
RUNS = 11
COLUMNS = ["best", "median", "ratio", "CPU", "CPU ratio"]
FORBIDDEN = (
    "aws_lambda_powertools",
    "aws_xray_sdk",
    "boto3",
    "botocore",
    "email",
    "http.client",
    "msgspec",
    "pydantic",
    "requests",
    "slack_sdk",
    "wechatpy",
)
BOTO3_PARTS = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")

FIRST_EVENT = {
    "webhook": "receiving.receive_webhook,ingress/wechat",
    "chat": "web_chat.chat_service",
    "socket": "web_chat.chat_service",
    "email": "receiving.receive_mail",
    "ingest": "conversations.ingest,connector/wechat",
    "publish": "relay.event_stream,relay.recent_subscriptions,relay.wake_up_queue",
    "deliver": "channels.deliver,connector/wechat",
    "media": "channels.fetch_media,connector/wechat",
    "forward": "relay.forward,relay.webhook_endpoint",
    "helpdesk": "receiving.receive_desk_webhook,helpdesk_ingress/chatwoot",
    "watch": "conversations.window_watch,conversations.end_lease,conversations.follow_unread,connector/wechat",
    "api": "store.conversation_log,store.people,connector/wechat",
}
"""What the first event of each function makes it import: wirings of functions/bootstrap/, and what it asks of the
connectors' registry."""


@dataclass(frozen=True)
class Program:
    """A program of bench.programs, and what it is given; ``told`` comes on its standard input."""

    name: str
    arguments: Sequence[str]
    environment: dict[str, str]
    told: str = ""


class Start(NamedTuple):
    """Milliseconds: two moments after the start of the process, and the CPU time of all of it."""

    at: float
    ready: float
    cpu: float
    said: dict[str, Any]


def functions() -> list[str]:
    """The names of all functions, as the template has them: each is a module of functions/ with a ``handler``."""
    from infra.local.stack.template import read_template

    made = read_template(TEMPLATE)["Resources"].values()
    handlers = [each["Properties"]["Handler"] for each in made if each["Type"] == "AWS::Serverless::Function"]
    return [handler.split(".")[1] for handler in handlers]


def measure(report_progress: Callable[[str], None], runs: int = RUNS) -> Report:
    report = Report("imports")
    artefacts = {name: _built(name) for name in functions()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with running_stub(workload.ACCOUNTS, folder / "tls") as stub:
            report_progress("P1: the webhook function in fresh processes")
            _measure_webhook(report, artefacts["webhook"], stub, runs)
        report_progress("P2: every function's module in fresh processes")
        _measure_modules(report, artefacts, folder, runs)
    return report


def _measure_webhook(report: Report, artefact: Path, stub: Stub, runs: int) -> None:
    event = json.dumps(workload.webhook_event(workload.push("oBench-customer-1", 1)))
    environment = {**_environment(), **_addresses(stub)}
    programs = {
        "as built": Program("webhook_as_built", [str(artefact)], environment, event),
        "boto3 clients": Program("webhook_with_boto3", [str(artefact), _libraries()], environment, event),
    }
    starts = _take_turns(programs, runs)
    if any(start.said["status"] != 200 for found in starts.values() for start in found):
        raise RuntimeError("a webhook was refused: there is nothing to compare")
    ours, theirs = starts["as built"], starts["boto3 clients"]
    rows = [_row(name, found, theirs) for name, found in starts.items()]
    forbidden = _forbidden(ours[0].said["modules"])
    note = (
        "From process start until the encrypted WeChat push is verified, queued over TLS and answered; ms. "
        f"Modules imported: {len(ours[0].said['modules'])} as built, {len(theirs[0].said['modules'])} with boto3. "
        f"Forbidden modules on the path: {', '.join(forbidden) or 'none'}"
    )
    report.tables.append(Table("P1  Webhook, cold", ["variant", *COLUMNS], rows, note))
    ratio = median(each.at for each in ours) / median(each.at for each in theirs)
    report.targets.append(Target("P1", "webhook cold, of the same on boto3", ratio, 0.35, "x", at_most=True))
    report.targets.append(Target("P1", "forbidden modules on that path", len(forbidden), 0, "", at_most=True))


def _measure_modules(report: Report, artefacts: dict[str, Path], folder: Path, runs: int) -> None:
    bare = _without_bytecode(folder / "boto3")
    environment = _environment()
    programs = {
        "boto3 + client": Program("import_boto3", [_libraries()], environment),
        "boto3, no bytecode": Program("import_boto3", [str(bare)], environment),
    }
    for name, artefact in artefacts.items():
        arguments = [str(artefact), f"functions.{name}", FIRST_EVENT[name]]
        programs[name] = Program("import_function", arguments, environment)
    starts = _take_turns(programs, runs)
    baseline = starts["boto3 + client"]
    rows = [
        [*_row(name, found, baseline), f"{median(each.ready for each in found):.0f}"] for name, found in starts.items()
    ]
    note = (
        "From process start until the module is imported; ms. ready: and all that its first event imports besides. "
        "The comparison is with boto3 with its bytecode; as `sam build` leaves it, it has none."
    )
    report.tables.append(Table("P2  Import of each function", ["module", *COLUMNS, "ready"], rows, note))
    slowest = max(median(each.at for each in starts[name]) for name in artefacts)
    ratio = slowest / median(each.at for each in baseline)
    report.targets.append(Target("P2", "slowest import, of boto3 + client", ratio, 0.75, "x", at_most=True))


def _take_turns(programs: dict[str, Program], runs: int) -> dict[str, list[Start]]:
    found: dict[str, list[Start]] = {name: [] for name in programs}
    for run in range(runs + 1):
        for name, program in programs.items():
            start = _run(program)
            if run > 0:  # the first fills the system's caches
                found[name].append(start)
    return found


def _run(program: Program) -> Start:
    # -I and -S: neither the user's packages nor this environment's are on the path. -B: nothing is compiled for later.
    command = [sys.executable, "-I", "-S", "-B", str(PROGRAMS / f"{program.name}.py"), *program.arguments]
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        told.write(program.told.encode())
        told.seek(0)
        began = time.monotonic()
        process = subprocess.Popen(command, env=program.environment, stdin=told, stdout=output, stderr=errors)
        # The system tells the CPU time of a process to whoever waits for it, and only then.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{program.name} failed:\n{errors.read().decode()[-2000:]}")
        lines = output.read().decode().splitlines()
    said = json.loads(lines[-1])
    return Start(
        at=(said["at"] - began) * 1000,
        ready=(said.get("ready", said["at"]) - began) * 1000,
        cpu=(used.ru_utime + used.ru_stime) * 1000,
        said=said,
    )


def _row(name: str, found: list[Start], baseline: list[Start]) -> list[str]:
    middle = median(each.at for each in found)
    cpu = median(each.cpu for each in found)
    return [
        name,
        f"{min(each.at for each in found):.0f}",
        f"{middle:.0f}",
        f"{middle / median(each.at for each in baseline):.2f}x",
        f"{cpu:.0f}",
        f"{cpu / median(each.cpu for each in baseline):.2f}x",
    ]


def _forbidden(modules: list[str]) -> list[str]:
    return [name for name in FORBIDDEN if name in modules]


def _built(function: str) -> Path:
    """The function's folder, as it goes to AWS, but for this machine's processor."""
    from infra.packaging.bundle import bundle
    from infra.packaging.target import Target as Machine

    folder = BUILT / function
    shutil.rmtree(folder, ignore_errors=True)
    architecture = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    bundle(function, folder, Machine(architecture))
    return folder.resolve()


def _libraries() -> str:
    return sysconfig.get_path("purelib")


def _without_bytecode(folder: Path) -> Path:
    """boto3 and what it needs, as `sam build` leaves them: sources alone."""
    for name in BOTO3_PARTS:
        source = Path(_libraries()) / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder)
    return folder


def _addresses(stub: Stub) -> dict[str, str]:
    found = {"AWS_ENDPOINT_URL": stub.url, "INBOUND_QUEUE_URL": f"{stub.url}/123456789012/bench-inbound.fifo"}
    if stub.authorities is not None:
        # The standard library and botocore are told of their certificates by different names.
        found |= {"SSL_CERT_FILE": str(stub.authorities), "AWS_CA_BUNDLE": str(stub.authorities)}
    return found


def _environment() -> dict[str, str]:
    """What Lambda's environment holds, and nothing of the user's."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIABENCH",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_METRICS_NAMESPACE": "onethread",
        "SECRETS_PREFIX": workload.SECRETS_PREFIX,
        "TABLE_NAME": "bench",
        "DESK_ORIGINS": "",
        "LINKED_HISTORY": "provider,signed_token,code",
        "INBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/bench-inbound.fifo",
        "FORWARD_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/bench-forward.fifo",
        "TIMERS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/bench-timers",
        "HELPDESK_SECRETS_PREFIX": "bench-helpdesk/",
        "LOOPBACK_WEBHOOKS": "false",
        "MEDIA_BUCKET": "bench-media",
        "MAIL_BUCKET": "bench-mail",
        "MAIL_CONFIGURATION_SET": "bench-mail",
        "SEAL_SECRET": "bench-seal",
        "EVENTS_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:bench-events.fifo",
        "EVENT_SOURCE": "urn:onethread:bench",
        "SOCKET_URL": "wss://bench.execute-api.us-east-1.amazonaws.com/chat",
        "SOCKET_MANAGEMENT_URL": "https://bench.execute-api.us-east-1.amazonaws.com/chat",
        "SESSION_SECRET": workload.SESSION_SECRET,
    }
