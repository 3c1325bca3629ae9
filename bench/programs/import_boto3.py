"""LIBRARIES: boto3 and one client."""

import sys

sys.path.insert(0, sys.argv[1])

import time

import boto3

boto3.client("dynamodb")
imported = time.monotonic()
print(f'{{"at": {imported}, "ready": {imported}}}')
