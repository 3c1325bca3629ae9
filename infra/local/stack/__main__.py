"""``python -m infra.local.stack up|down|status|logs``: the local stack of this folder (ONETHREAD_HOME)."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from infra.local.stack.lifecycle import LocalStack, StackError
from infra.local.stack.logs import print_logs
from infra.local.stack.settings import Settings
from infra.packaging.bundle import FUNCTIONS


def main() -> int:
    arguments = _arguments()
    try:
        settings = Settings.from_environment()
        stack = LocalStack(settings, lambda line: print(line, flush=True))
        match arguments.command:
            case "up":
                _up(stack)
            case "down":
                _down(stack)
            case "status":
                print(_summary(stack.description()))
            case _:
                print_logs(settings, arguments.function, follow=arguments.follow)
    except (StackError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.stack", description="The local stack.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start it, or bring a running one up to date")
    commands.add_parser("down", help="stop it")
    commands.add_parser("status", help="where it is; exit code 1 when it is not running")
    logs = commands.add_parser("logs", help="what the functions have logged")
    logs.add_argument("function", nargs="?", choices=FUNCTIONS, help="one function; without it, all")
    logs.add_argument("--follow", "-f", action="store_true", help="go on until interrupted")
    return parser.parse_args()


def _up(stack: LocalStack) -> None:
    began = time.monotonic()
    print(f"Starting the local stack in {stack.settings.home}", flush=True)
    local = stack.up()
    print(f"Ready after {time.monotonic() - began:.1f} s.\n\n{_summary(local)}\n\n{_things_to_try(local)}")


def _down(stack: LocalStack) -> None:
    print("Stopped." if stack.down() else "Nothing was running.")


def _summary(local: dict[str, Any]) -> str:
    lines = {
        "Page and API": local["url"],
        "API key": local["api_key"],
        "Local AWS": local["aws"]["endpoint_url"],
        "Mail (SMTP)": f"{local['smtp']['host']}:{local['smtp']['port']}",
    }
    return "\n".join(f"  {name:<14}{value}" for name, value in lines.items())


def _things_to_try(local: dict[str, Any]) -> str:
    return (
        f"Three things to try:\n"
        f"  1. Open {local['url']} and be customer and agent at once.\n"
        f"  2. Watch the event stream:  .venv/bin/onethread --local tail\n"
        f'  3. List conversations:      curl -H "Authorization: Bearer {local["api_key"]}" '
        f"'{local['url']}/v1/conversations?status=open'\n"
        f"Every start is a fresh one: make down forgets all conversations."
    )


if __name__ == "__main__":
    sys.exit(main())
