#!/bin/sh
# Makes a virtual environment in build/peers/venv with the libraries that the peers need on a CPU.
#
#   install.sh             all of requirements.txt; one that cannot be had is left out, with a word
#   install.sh numpy …     only these, in the versions of requirements.txt
#
# PYTHON names the interpreter; otherwise it is python3.
set -u
here=$(cd "$(dirname "$0")" && pwd)
requirements=$here/requirements.txt
venv=$here/../../build/peers/venv
python=${PYTHON:-python3}

make_venv() { [ -x "$venv/bin/pip" ] || "$python" -m venv --clear "$venv" >/dev/null 2>&1; }

# Debian's own Python lacks what makes one, until a package brings it.
if ! make_venv && [ -z "${PYTHON:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "installing python3-venv"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv; } >/dev/null
fi
if ! make_venv; then
	echo "$python -m venv makes no virtual environment: install Python 3 with venv (Debian: apt install python3-venv), or name another: make peers PYTHON=python3.12" >&2
	exit 1
fi

pip() { "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }

if [ $# -gt 0 ]; then
	pip --constraint "$requirements" "$@"
elif ! pip --requirement "$requirements"; then
	grep -v '^#' "$requirements" | while read -r library; do
		pip "$library" || echo "left out: $library" >&2
	done
fi
