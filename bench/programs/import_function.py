"""ARTEFACT MODULE USES: a function's module, and then all that its first event would import.

USES is a list with commas: ``store.people`` is a wiring of functions/bootstrap/, ``connector/wechat`` what the
registry is asked for.
"""

import sys


def main(artefact: str, module: str, uses: str) -> None:
    sys.path.insert(0, artefact)

    import time
    from importlib import import_module

    import_module(module)
    imported = time.monotonic()

    from connectors import registry

    for name in uses.split(","):
        kind, is_asked, named = name.partition("/")
        if is_asked:
            getattr(registry, kind)(named)
        else:
            subject, made = name.split(".")
            getattr(import_module(f"functions.bootstrap.{subject}"), made)()
    ready = time.monotonic()
    print(f'{{"at": {imported}, "ready": {ready}}}')


main(*sys.argv[1:])
