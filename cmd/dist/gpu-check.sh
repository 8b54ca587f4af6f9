#!/bin/sh
# Measures everything that this machine can run, with the descent in the same folder, into one
# results file. It needs a POSIX shell and the usual small tools.
# shellcheck disable=SC2086 # $gl is a list of words
set -u
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LC_ALL=C
export PATH LC_ALL
unset CDPATH
here=$(cd -- "$(dirname -- "$0")" && pwd) || exit 1
descent=$here/descent

# The sizes after the article's, as N:FEATURES, if they fit. First powers of ten, the most important
# first. Then 64 MiB of f32 data with more features, larger powers of ten, and 1 GiB with more
# features.
sizes='1000000:1 1000:1 100000:1 100:1 10000000:1 2396745:7 262144:64 32768:512
	100000000:1 38347922:7 4194304:64 524288:512 1000000000:1 10000000000:1'

help() {
	cat <<'END'
usage: gpu-check.sh [--minutes M] [--allow-software] [--gl-provider P] [--out DIR]

Measures and tests the processors of this machine: the latencies and bandwidths of the GPU,
the fastest form of the work for each size, the time of the article's problem, the answers of
the GPU, the size from which the GPU wins, and the times of problems from 100 rows to the
largest size that fits. All samples go to one results file. What is printed also goes to a
log beside it. Without a GPU it measures the CPU.

  --minutes M        time for everything, as 8 or 0.5 (default 8)
  --allow-software   let a software renderer run the OpenGL contenders; it is no GPU
  --gl-provider P    where OpenGL contexts come from: auto, glfw or egl (default auto)
  --out DIR          folder for the results and the log (default the current folder)
  --help             this text

  sh gpu-check.sh
  sh gpu-check.sh --minutes 30 --out /tmp/results
  sh gpu-check.sh --minutes 1 --allow-software

Ctrl-C keeps what was measured. Exit status: 0 all fine; 1 something failed; 2 a mistake
on the command line; 3 a wrong answer; 130 interrupted.
END
}

usage() { # ERROR
	echo "gpu-check: error: $1" >&2
	echo "gpu-check: hint: 'gpu-check.sh --help' lists the options, with examples" >&2
	exit 2
}

minutes=8 software='' provider=auto out=.
while [ $# -gt 0 ]; do
	case $1 in
	--help | -h) help && exit ;;
	--allow-software) software=--allow-software ;;
	--minutes=* | --gl-provider=* | --out=*)
		option=${1%%=*} value=${1#*=}
		shift
		set -- "$option" "$value" "$@"
		continue
		;;
	--minutes | --gl-provider | --out)
		[ -n "${2:-}" ] || usage "$1 is given without a value"
		case $1 in
		--minutes) minutes=$2 ;;
		--gl-provider) provider=$2 ;;
		--out) out=$2 ;;
		esac
		shift
		;;
	*) usage "there is no option \"$1\"" ;;
	esac
	shift
done
case $provider in
auto | glfw | egl) ;;
*) usage "--gl-provider \"$provider\" is not one of auto, glfw, egl" ;;
esac
seconds=$(awk -v m="$minutes" 'BEGIN { if (m !~ /^([0-9]+[.]?[0-9]*|[.][0-9]+)$/ || m * 60 < 1 || m > 1e6) exit 1; printf "%d", m * 60 }') ||
	usage "--minutes \"$minutes\" is not a number of minutes, as 8 or 0.5"
{ mkdir -p -- "$out" && out=$(cd -- "$out" && pwd) && [ -w "$out" ]; } 2>/dev/null ||
	usage "--out \"$out\" is not a folder that can be written to"

start=$(date +%s)
deadline=$((start + seconds))
# The budget of each size, in seconds. A run takes about twice its budget: it also starts processes
# of sixteen contenders, and most of them first compile shaders and try variants.
budget=$((seconds / 36 > 1 ? seconds / 36 : 1))
gl="--gl-provider $provider $software"
opening=$((seconds < 60 ? seconds : 60)) # seconds for opening a device; some devices hang
log=/dev/null wrong='' failed='' stopped='' interrupted='' child='' stuck=''
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'interrupted=yes; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' INT TERM HUP
trap 'stuck=$child' USR1 # the timer in limited sends it

left() { echo $((deadline - $(date +%s))); }

# show copies stdin to the user and to the log.
show() { tee -ai "$log"; }
say() { printf '%s\n' "$*" | show; }

# limited runs a command for SECONDS at most and keeps its output in a file. It sets status, and
# stopped if the time was up. The command runs in the background: a signal interrupts a wait, but no
# command in the foreground.
limited() { # SECONDS COMMAND...
	limit=$(($1 > 1 ? $1 : 1)) stopped='' stuck=''
	shift
	rm -f "$tmp/stopped"
	"$@" >"$tmp/output" 2>&1 &
	child=$!
	[ -z "$interrupted" ] || kill -TERM "$child" 2>/dev/null # the trap came before the child
	# The timer ends by itself within a second after the command. It is not killed: a shell loses a
	# signal that comes while it starts.
	running=$tmp/running-$child
	: >"$running"
	while [ -e "$running" ]; do
		case $limit in
		0) : >"$tmp/stopped"; kill -TERM "$child" ;;
		-10) kill -KILL "$child" ;; # it hangs, as in a GPU's driver
		-15) kill -USR1 $$ ;;       # it hangs in the kernel, will not end, and is left behind
		esac
		limit=$((limit - 1))
		sleep 1
	done >/dev/null 2>&1 &
	wait "$child" 2>/dev/null
	status=$?
	while [ "$stuck" != "$child" ] && kill -0 "$child" 2>/dev/null; do # a signal interrupted the wait
		wait "$child" 2>/dev/null
		status=$?
	done
	child=''
	rm -f "$running"
	[ ! -e "$tmp/stopped" ] || stopped=yes
}

# step runs a command by limited, shows its output, and records how it ended. A time limit is no
# failure.
step() { # NAME SECONDS COMMAND...
	name=$1
	shift
	[ -z "$interrupted" ] || return
	limited "$@"
	show <"$tmp/output"
	case $status in
	0) ;;
	3) wrong=yes ;;
	*)
		if [ -n "$stuck" ]; then
			failed=yes
			say "gpu-check: $name hangs in a driver and cannot be ended: it is left behind"
		elif [ -n "$interrupted" ]; then
			say "gpu-check: interrupted in $name"
		elif [ -n "$stopped" ]; then
			say "gpu-check: $name was stopped after $1 s: more --minutes give it more time"
		else
			failed=yes
			say "gpu-check: $name ended with status $status"
		fi
		;;
	esac
}

# glibc prints the C library of this machine, with its version last.
glibc() {
	getconf GNU_LIBC_VERSION 2>/dev/null && return
	command -v ldd >/dev/null && ldd --version 2>&1 | sed 1q | grep . || echo "a C library of unknown version"
}

# older reports whether version $1, as 2.3.2, comes before $2.
older() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		split(a, x, "."); n = split(b, y, ".")
		for (i = 1; i <= n; i++) if (x[i] + 0 != y[i] + 0) exit !(x[i] + 0 < y[i] + 0)
		exit 1
	}'
}

if ! "$descent" --version >"$tmp/output" 2>&1; then
	read -r needed <"$here/needs-glibc"
	have=$(glibc)
	if [ "$needed" != none ] && older "${have##* }" "$needed"; then
		echo "gpu-check: error: this descent needs glibc $needed or newer, and this machine has $have" >&2
	else
		echo "gpu-check: error: $descent does not start: $(cat "$tmp/output")" >&2
	fi
	exit 1
fi

# The files are named after the device that a run takes: the first, hardware before software.
limited $opening "$descent" devices --peers none --format json $gl
device=$(awk -F '"' '
	function take() {
		if (renderer != "" && !error && (best == "" || software < rank)) { best = renderer; rank = software }
		renderer = ""; error = software = 0
	}
	$2 == "provider" { take() }
	$2 == "renderer" { renderer = $4 }
	$2 == "software" && /true/ { software = 1 }
	$2 == "error" { error = 1 }
	END { take(); print best }' "$tmp/output")
slug=$(printf '%s' "${device:-cpu-only}" |
	sed 's/[(/].*//; y/ABCDEFGHIJKLMNOPQRSTUVWXYZ/abcdefghijklmnopqrstuvwxyz/; s/[^a-z0-9]\{1,\}/-/g; s/^-//; s/-$//')
files=$out/gpu-check-${slug:-gpu}-$(date +%Y%m%d-%H%M%S)
[ ! -e "$files.jsonl" ] || files=$files-$$
results=$files.jsonl log=$files.log

say "gpu-check: $("$descent" --version), at most $seconds s, results in $results"
say ''
if [ -n "$device" ]; then
	say '== devices, and what the first can do'
	# The forms take up to a minute, if the driver has not compiled their variants before.
	forms=''
	[ $seconds -ge 240 ] || forms=--forms=false
	step probe $((seconds / 4 + 2)) "$descent" devices --peers none --probe $forms $gl
else
	say '== devices'
	step devices $opening "$descent" devices $gl
	say '' && say '== no GPU can be used, for the reasons above: the CPU goes on alone'
fi

# obstacle prints why a run is not possible on that many bytes of data, predicted to take that many
# seconds. It fails if the run is possible. Memory holds the data three times: in the program, and
# in a worker as they were read and in its own layout. The temporary folder holds them once.
obstacle() { # BYTES SECONDS
	memory=$(awk '/^MemAvailable:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo 2>/dev/null)
	disk=$(df -Pk "${TMPDIR:-/tmp}" 2>/dev/null | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')
	if [ $((3 * $1)) -gt "${memory:-$((3 * $1))}" ]; then
		echo "it needs $((3 * $1 >> 20)) MiB of memory, and $((memory >> 20)) are free"
	elif [ "$1" -gt "${disk:-$1}" ]; then
		echo "it needs $(($1 >> 20)) MiB in ${TMPDIR:-/tmp}, and $((disk >> 20)) are free"
	elif [ "$2" -gt "$(left)" ]; then
		echo "it would take about $2 s, and $(left) are left"
	else
		return 1
	fi
}

# quietly runs a command of descent without its report: all reports are printed at the end.
# shellcheck disable=SC2317 # limited calls it
quietly() { exec "$descent" "$@" --quiet >/dev/null; }

# measure runs one size into the results file, if it fits. A run takes longer than its budget. The
# difference is a fixed time, estimated from the last small run, and a time a byte for generating,
# writing and loading the data, estimated from the last large run.
measure() { # ROWS FEATURES BUDGET
	[ -z "$interrupted" ] || return
	bytes=$((8 * $1 * ($2 + 1)))
	expected=$(($3 + fixed + bytes * pace / 1000000000))
	if why=$(obstacle $bytes $expected); then
		say "== N = $1, features = $2: left out: $why"
		return
	fi
	say "== N = $1, features = $2"
	began=$(date +%s)
	# The timeout of one exchange is longer than the whole run: only a device that hangs loses its
	# rows.
	step "N = $1" "$(left)" quietly run --n "$1" --features "$2" --budget "$3s" --timeout $((expected + 30))s \
		--append --out "$results" $gl
	beside=$(($(date +%s) - began - $3))
	if [ $bytes -lt 100000000 ]; then # the compiling of shaders would pass for a time a byte
		fixed=$((beside > 0 ? beside : 0))
	else
		pace=$((beside > fixed ? (beside - fixed) * 1000000000 / bytes : 10))
	fi
	measured=$((measured + 1))
}

say ''
fixed=0 pace=50 measured=0 # s; ns a byte; runs
measure 10000 1 $((2 * budget))
if [ -n "$device" ]; then
	say '' && say '== selftest'
	step selftest $((seconds / 4 + 2)) "$descent" devices --peers none --selftest $gl
	say '' && say '== from which size the device wins'
	step sweep "$(left)" quietly sweep --budget $((seconds / 4 + 1))s --timeout $((seconds / 4 + 31))s \
		--append --out "$results" $gl
	say ''
fi
for size in $sizes; do
	measure "${size%:*}" "${size#*:}" "$budget"
done

if [ -e "$results" ]; then
	say '' && say '== report'
	limited 60 "$descent" report "$results"
	show <"$tmp/output"
	[ "$status" = 0 ] || failed=yes
	say "results: $results"
	if grep -q '"wrong":' "$results"; then wrong=yes; fi # also from a run that was stopped
else
	failed=yes
fi
say "log:     $log"
ended='no answer was wrong' status=0
[ -z "$failed" ] || ended='something failed, see above' status=1
[ -z "$interrupted" ] || ended=interrupted status=130
[ -z "$wrong" ] || ended='WRONG ANSWERS, see above' status=3
say "gpu-check: $measured sizes tried on ${device:-the CPU alone} in $(($(date +%s) - start)) s: $ended"
exit $status
