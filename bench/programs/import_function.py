"""ARTEFACT MODULE USE-CASES: a function's module, and then all that its first event would import."""

import sys

sys.path.insert(0, sys.argv[1])

import time
from importlib import import_module

import_module(sys.argv[2])
imported = time.monotonic()

from functions import bootstrap

for name in sys.argv[3].split(","):
    if "/" in name:
        from connectors import registry

        registry.connector(name.removeprefix("connector/"))
    elif name:
        getattr(bootstrap, name)()
ready = time.monotonic()
print(f'{{"at": {imported}, "ready": {ready}}}')
