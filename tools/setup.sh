#!/usr/bin/env bash
# Make the development environment: .venv (Python 3.11), the pinned tools, and the collection linked into it.
# Safe to repeat. `make setup` runs it only when a requirements file has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*"; }

# A version manager's shim can be on PATH and still not run, so each candidate is tried, not just found.
find_python() {
    local candidate
    local candidates=("${PYTHON:-}")
    while read -r candidate; do candidates+=("$candidate"); done < <(type -ap python3.11 python3 || true)
    candidates+=(/usr/bin/python3.11 /usr/local/bin/python3.11 "$HOME"/.pyenv/versions/3.11*/bin/python3.11)
    for candidate in "${candidates[@]}"; do
        [ -n "$candidate" ] || continue
        if timeout 20 "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; then
            # the interpreter itself, so that the environment does not depend on the shim
            timeout 20 "$candidate" -c 'import sys; print(sys._base_executable)'
            return
        fi
    done
    return 1
}

if ! timeout 20 .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; then
    python=$(find_python) || {
        say "no working Python 3.11 found; install one (Debian: apt-get install python3.11 python3.11-venv) or name it: make PYTHON=/path/to/python3.11" >&2
        exit 1
    }
    say "creating .venv with $python"
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "that Python lacks venv: installing python3.11-venv"
            timeout 300 apt-get update -qq && timeout 300 apt-get install -y -qq --no-install-recommends python3.11-venv >/dev/null
            "$python" -m venv .venv
        else
            say "that Python cannot make virtual environments; on Debian: apt-get install python3.11-venv" >&2
            exit 1
        fi
    fi
fi

say "installing requirements-dev.txt (a minute on a slow network)"
if timeout 300 .venv/bin/python -m pip install --quiet --disable-pip-version-check uv \
    && timeout 600 .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python -r requirements-dev.txt; then
    :
else
    say "uv did not do it; trying pip"
    timeout 1200 .venv/bin/python -m pip install --disable-pip-version-check -r requirements-dev.txt
fi

# ansible-core looks for ansible_collections in site-packages: with this link every tool finds the checkout itself.
site_packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mkdir -p "$site_packages/ansible_collections/genesys_engage"
ln -sfn "$PWD" "$site_packages/ansible_collections/genesys_engage/chat"
# Read whole: a reader that leaves early would have the writer fail.
version=$(.venv/bin/ansible --version)
say "ready: ${version%%$'\n'*}"
