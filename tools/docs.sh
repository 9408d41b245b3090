#!/usr/bin/env bash
# Build the reference of all modules, plugins and roles as HTML: build/docs/build/html/index.html
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/.venv/bin:$PATH"
rm -rf build/docs
(umask 022 && mkdir -p build/docs/rst) # antsibull-docs writes only into directories that nobody else can write to
antsibull-docs sphinx-init --use-current --lenient --squash-hierarchy --sphinx-theme alabaster \
    --dest-dir build/docs genesys_engage.chat >/dev/null
cd build/docs
cat >>conf.py <<'CONF'
project = title = html_short_title = 'genesys_engage.chat'
copyright = 'genesys_engage.chat contributors'
intersphinx_mapping = {}  # nothing is fetched, so labels of Ansible's own documentation stay unresolved
suppress_warnings = ['ref.ref']
CONF
echo 'docs: collecting the documentation'
timeout 300 antsibull-docs --config-file antsibull-docs.cfg collection --cleanup everything --use-current \
    --squash-hierarchy --dest-dir rst genesys_engage.chat
echo 'docs: writing HTML'
timeout 300 sphinx-build -M html rst build -c . -q
echo 'docs: build/docs/build/html/index.html'
