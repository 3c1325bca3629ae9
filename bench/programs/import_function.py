"""ARTEFACT MODULE USE-CASES: a function's module, and then all that its first event would import."""

import sys


def main(artefact: str, module: str, uses: str) -> None:
    sys.path.insert(0, artefact)

    import time
    from importlib import import_module

    import_module(module)
    imported = time.monotonic()

    from connectors import registry
    from functions import bootstrap

    for name in uses.split(","):
        if name.startswith("connector/"):
            registry.connector(name.removeprefix("connector/"))
        else:
            getattr(bootstrap, name)()
    ready = time.monotonic()
    print(f'{{"at": {imported}, "ready": {ready}}}')


main(*sys.argv[1:])
