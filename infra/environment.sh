#!/bin/sh
# usage: infra/environment.sh local|frontend|development|sam|helpdesk
# Makes the virtual environment (.venv; .venv-sam for the AWS SAM command line, .venv-helpdesk for the helpdesk of the
# tests) and installs requirements/<set>.txt into it, unless that has been done. uv installs in seconds what takes pip
# minutes. Packages come from wherever the user's pip is set up to get them.
set -eu
cd "$(dirname "$0")/.."

set_name=$1
folder=.venv
case $set_name in sam | helpdesk) folder=.venv-$set_name ;; esac
requirements=requirements/$set_name.txt

is_suitable() { # a Python of at least 3.12 that can make virtual environments
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

find_python() { # 3.13 is what the functions run on
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 "$HOME"/.pyenv/versions/3.13*/bin/python \
        python3.14 python3.12 "$HOME"/.pyenv/versions/3.1[24]*/bin/python python3 python; do
        if is_suitable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "error: onethread needs Python 3.13 (3.12 or later works) with venv and ensurepip; none was found." >&2
    echo "       Install it (pyenv install 3.13, brew install python@3.13, apt install python3.13-venv)," >&2
    echo "       or name it: make PYTHON=/path/to/python up" >&2
    exit 1
}

digest() { cksum <"requirements/$1.txt"; }

installed() { [ -f "$folder/.installed-$1" ] && [ "$(cat "$folder/.installed-$1")" = "$(digest "$1")" ]; }

install_with_pip() {
    "$folder/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-compile \
        --require-hashes --requirement "$1"
}

install_with_uv() { # with the one of .venv if it is there; fails where uv does not run or finds no packages
    uv=.venv/bin/uv
    if [ ! -x "$uv" ]; then
        install_with_pip requirements/installer.txt || return
        uv=$folder/bin/uv
    fi
    # The hashes say what a package is, so any index that has it will do, as with pip.
    (
        settings=$("$folder/bin/python" infra/pip_settings.py) && eval "$settings" &&
            "$uv" pip install --quiet --python "$folder/bin/python" --index-strategy unsafe-best-match --no-deps \
                --require-hashes --requirement "$requirements"
    )
}

if ! is_suitable "$folder/bin/python"; then
    python=$(find_python)
    echo "Creating $folder with $("$python" --version)"
    rm -rf "$folder"
    "$python" -m venv "$folder"
fi

# The development set includes all others but those that have an environment of their own.
if ! installed "$set_name" && ! { [ "$folder" = .venv ] && installed development; }; then
    echo "Installing $requirements"
    # Everything is pinned, so nothing needs resolving; modules are compiled as they are first imported.
    install_with_uv || install_with_pip "$requirements"
    digest "$set_name" >"$folder/.installed-$set_name"
fi

if [ "$folder" = .venv ] && [ ! -x .venv/bin/onethread ]; then
    cat >.venv/bin/onethread <<END
#!$PWD/.venv/bin/python
import sys

sys.path.insert(0, "$PWD")

from infra.cli.main import main

sys.exit(main())
END
    chmod +x .venv/bin/onethread
fi
