"""Where the user's pip gets packages from, in the words of uv, which reads none of pip's settings.

Printed as lines for a shell. Run by infra/environment.sh with any Python that has pip, before anything is installed.
"""

from __future__ import annotations

import ast
import shlex
import subprocess
import sys

# pip: "Configuration"; uv: "Environment variables".
_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "no-index": "UV_NO_INDEX",
}
_SECTIONS = ("global", "install", ":env:")
"""From the weakest to the strongest."""


def in_words_of_uv(listed: str) -> dict[str, str]:
    """Environment variables for what ``pip config list`` has said; settings that have nothing to do with where
    packages come from are left out. Raises ValueError or SyntaxError for what pip does not write."""
    found: dict[str, str] = {}
    for section in _SECTIONS:
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            for setting, variable in _NAMES.items():
                if name == f"{section}.{setting}":
                    # Several values stand on lines, or between spaces; uv parts them at commas where pip takes paths.
                    values = str(ast.literal_eval(value)).split()
                    found[variable] = ("," if setting == "find-links" else " ").join(values)
    return found


def main() -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for variable, value in in_words_of_uv(listed).items():
        print(f"export {variable}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
