"""ARTEFACT EVENT: one webhook through the webhook function as it is built."""

import sys

sys.path.insert(0, sys.argv[1])

import json
import time
from functools import cache
from pathlib import Path

from functions import bootstrap, webhook
from shared.aws.client import AwsClient


class TwoHosts(AwsClient):
    """On AWS every service has a host, and so a connection, of its own."""

    def endpoint(self, service: str) -> str:
        address = super().endpoint(service)
        return address.replace("127.0.0.1", "localhost") if service == "secretsmanager" else address


vars(bootstrap)["client"] = cache(TwoHosts.from_environment)
answer = webhook.handler(json.loads(Path(sys.argv[2]).read_text()), None)
done = time.monotonic()
print(json.dumps({"at": done, "status": answer["statusCode"], "modules": sorted(sys.modules)}))
