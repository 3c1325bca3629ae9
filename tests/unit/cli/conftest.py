"""What every test of the command line stands on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from boto3.session import Session
from botocore.loaders import Loader
from moto.server import ThreadedMotoServer

from infra.cli.main import main
from tests.unit.cli.stage import REGION, FakeApi, Result, Stack

TEMPLATE = Path(__file__).with_name("stack.yaml")


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session", autouse=True)
def service_descriptions() -> Iterator[None]:
    """Reads botocore's descriptions of AWS services once for all commands: each reading takes a tenth of a second."""
    loader = Loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", lambda search_path: loader)
        yield


@pytest.fixture(scope="session")
def aws_session() -> Session:
    return Session("AKIDEXAMPLE", "example", region_name=REGION)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without anything of this machine's own AWS configuration, and a home without a stack."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "ONETHREAD_"))]:
        monkeypatch.delenv(name)
    values = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "ONETHREAD_HOME": str(tmp_path / "home"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def api() -> Iterator[FakeApi]:
    fake = FakeApi()
    server = fake.start()
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def stack(aws_url: str, aws_session: Session, api: FakeApi, tmp_path: Path) -> Stack:
    """A stack named ``shop``, which is also the one that --local finds."""
    with urlopen(Request(f"{aws_url}/moto-api/reset", method="POST")) as answer:
        answer.read()
    stacks = aws_session.client("cloudformation", endpoint_url=aws_url)
    stacks.create_stack(
        StackName="shop",
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": "ApiUrl", "ParameterValue": api.url}],
    )
    found = stacks.describe_stacks(StackName="shop")["Stacks"][0]["Outputs"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found}
    _write_local_file(tmp_path / "home" / "local.json", aws_url, outputs)
    return Stack("shop", aws_url, outputs, aws_session)


def _write_local_file(path: Path, aws_url: str, outputs: dict[str, str]) -> None:
    value = {
        "stack": "shop",
        "url": outputs["Url"],
        "socket_url": outputs["SocketUrl"],
        "api_key": "ot_local_key",
        "aws": {
            "endpoint_url": aws_url,
            "region": REGION,
            "access_key_id": "AKIDLOCAL",
            "secret_access_key": "local",
        },
        "table": outputs["TableName"],
        "events_topic_arn": outputs["EventsTopicArn"],
        "secrets_prefix": outputs["SecretsPrefix"],
    }
    path.parent.mkdir()
    path.write_text(json.dumps(value))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Runs the command line as a shell would."""

    def run_command(*words: str) -> Result:
        capsys.readouterr()
        code = main(words)
        printed = capsys.readouterr()
        return Result(code, printed.out, printed.err)

    return run_command
