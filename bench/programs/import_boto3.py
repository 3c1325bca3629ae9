"""LIBRARIES: boto3 and one client."""

import sys


def main(libraries: str) -> None:
    sys.path.insert(0, libraries)

    import time

    import boto3

    boto3.client("dynamodb")
    imported = time.monotonic()
    print(f'{{"at": {imported}, "ready": {imported}}}')


main(*sys.argv[1:])
