"""ARTEFACT: the webhook on standard input, through the webhook function as it is built."""

import sys


def main(artefact: str) -> None:
    sys.path.insert(0, artefact)

    import json
    import time
    from functools import cache

    from functions import webhook
    from functions.bootstrap import environment
    from shared.aws.client import AwsClient

    class TwoHosts(AwsClient):
        """On AWS every service has a host, and so a connection, of its own."""

        def endpoint(self, service: str) -> str:
            address = super().endpoint(service)
            return address.replace("127.0.0.1", "localhost") if service == "secretsmanager" else address

    vars(environment)["client"] = cache(TwoHosts.from_environment)
    answer = webhook.handler(json.loads(sys.stdin.read()), None)
    done = time.monotonic()
    print(json.dumps({"at": done, "status": answer["statusCode"], "modules": sorted(sys.modules)}))


main(*sys.argv[1:])
