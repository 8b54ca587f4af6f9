#!/bin/sh
# Makes a virtual environment in build/peers/venv with libraries that the peers need on a CPU.
#
#   install.sh                      all libraries of requirements.txt; a failure leaves one out
#   install.sh LIBRARY…             these libraries; a failure is an error
#   install.sh --report LIBRARY…    for 'make report': these libraries, or NumPy and TensorFlow.
#                                   It says so on one line. A failure is one more line, and no error
#
# "none" for LIBRARY installs nothing. Versions are those of requirements.txt. PYTHON names the
# interpreter; otherwise it is python3.
set -u
here=$(cd "$(dirname "$0")" && pwd)
requirements=$here/requirements.txt
build=$here/../../build/peers
venv=$build/venv
python=${PYTHON:-python3}
report='' named='' new=''

if [ "${1:-}" = --report ]; then
	report=yes
	shift
	[ $# -gt 0 ] || set -- numpy tensorflow
fi
[ $# = 0 ] || named=yes
[ "$*" != none ] || exit 0

# own names the Python that 'descent run' takes before the one of build/peers/venv, if there is one.
own() {
	if [ -n "${DESCENT_PYTHON:-}" ]; then
		echo "$DESCENT_PYTHON"
	elif [ -n "${VIRTUAL_ENV:-}" ]; then
		echo "$VIRTUAL_ENV"
	elif [ "${CONDA_DEFAULT_ENV:-}" != base ] && [ -n "${CONDA_PREFIX:-}" ]; then
		echo "$CONDA_PREFIX"
	else
		return 1
	fi
}

# complete reports whether python3 has all the libraries itself.
complete() {
	[ -z "${PYTHON:-}" ] && [ ! -e "$venv" ] &&
		"$python" -c 'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, sys.argv[1:])))' "$@" 2>/dev/null
}

# discard removes an environment without libraries: 'descent run' would take it before python3.
discard() { [ -z "$new" ] || rm -rf "$venv"; }

# give_up ends the script. In a report that is no error.
give_up() { # WHY
	discard
	if [ -n "$report" ]; then
		echo "the report goes on without $libraries: $1"
		exit 0
	fi
	echo "$1" >&2
	exit 1
}

make_venv() {
	[ ! -x "$venv/bin/pip" ] || return 0
	new=yes
	"$python" -m venv --clear "$venv" >/dev/null 2>&1
}

# install runs pip. For a report pip writes to a file, gives up sooner, and compiles nothing.
install() {
	set -- install --quiet --disable-pip-version-check "$@"
	if [ -n "$report" ]; then
		"$venv/bin/pip" "$@" --retries 2 --only-binary :all: </dev/null >"$build/pip.log" 2>&1
	else
		"$venv/bin/pip" "$@" --constraint "$requirements" </dev/null
	fi
}

libraries=$(echo "${*:-the libraries}" | sed 's/ / and /g')
if [ -n "$report" ]; then
	if own=$(own); then
		echo "nothing is installed for the report: it runs Python from $own"
		exit 0
	fi
	! complete "$@" || exit 0
fi

# Debian's own Python lacks what makes one, until a package brings it.
if ! make_venv && [ -z "${PYTHON:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "installing python3-venv"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv; } >/dev/null
fi
make_venv || give_up "'$python -m venv' makes no virtual environment: install Python 3 with venv (Debian: apt install python3-venv), or name another Python with PYTHON=python3.12"
trap 'discard; exit 130' INT TERM HUP

# A library's requirement is the line of requirements.txt, and otherwise the name itself.
wanted=$build/wanted.txt
if [ -n "$named" ]; then
	for library; do
		grep -E "^$library(-cpu)?~=" "$requirements" || echo "$library"
	done >"$wanted"
else
	grep -v '^#' "$requirements" >"$wanted"
fi

if [ -n "$report" ]; then
	! install --no-index --requirement "$wanted" || exit 0 # they are there
	case "$*" in
	"numpy tensorflow") size=': 340 MB to download, 1.6 GB on the disk' ;;
	numpy) size=': 20 MB to download, 100 MB on the disk' ;;
	*) size= ;;
	esac
	echo "installing $libraries for the report, once, in build/peers/venv$size ('make report PEERS=none' installs nothing)"
fi
install --requirement "$wanted" && exit 0
[ -z "$named" ] || [ -n "$report" ] || give_up "pip could not install $libraries"

# One after the other, so that a failure costs one library. All others need the first, NumPy.
while read -r library; do
	if install "$library"; then
		new=
		continue
	fi
	why="pip could not install ${library%%[~;]*}"
	[ -z "$report" ] || why="$why (build/peers/pip.log: $(grep ERROR "$build/pip.log" | tail -n 1))"
	[ -z "$new" ] || give_up "$why"
	echo "${report:+the report goes on without it: }$why" >&2
done <"$wanted"
