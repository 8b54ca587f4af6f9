#!/bin/sh
# What the OpenGL backend needs to be built: a C compiler, pkg-config, and the headers
# of OpenGL, EGL and X11 (for GLFW). Without them descent is built for the CPU alone.
#
#   deps.sh install   install what is missing, where that takes no password; otherwise
#                     print the command that does, and succeed all the same
#   deps.sh cgo       print what CGO_ENABLED has to be with what is there: 1 or 0
#   deps.sh tags      print the build tags: noglfw where the headers of X11 are missing
#
# With DESCENT_REQUIRE_GL set, as in continuous integration, install also brings what
# the tests run on: Mesa's software renderer, Xvfb, and the shader validator.
set -u

has() { command -v "$1" >/dev/null 2>&1; }
header() { echo "#include <$1>" | "${CC:-cc}" -E -x c - >/dev/null 2>&1; }
headers() { for h in "$@"; do header "$h" || return 1; done; }

compiler() { has "${CC:-cc}" && header stdlib.h; }
opengl() { has pkg-config && pkg-config --exists gl && headers GL/gl.h EGL/egl.h EGL/eglext.h; }
window() {
	headers X11/Xlib.h X11/Xcursor/Xcursor.h X11/extensions/Xrandr.h X11/extensions/Xinerama.h \
		X11/extensions/XInput2.h X11/extensions/xf86vmode.h
}
renderer() {
	ls /usr/share/glvnd/egl_vendor.d /etc/glvnd/egl_vendor.d 2>/dev/null | grep -q json && has Xvfb && has glslangValidator
}

missing() {
	compiler || echo gcc libc6-dev
	opengl || echo pkg-config libgl-dev libegl-dev
	window || echo libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev
	[ -n "${DESCENT_REQUIRE_GL:-}" ] && ! renderer && echo libegl1 libgl1 libegl-mesa0 libgl1-mesa-dri xvfb glslang-tools
}

install() {
	packages=$(missing | tr '\n' ' ')
	[ -n "$packages" ] || return 0
	as_root=
	[ "$(id -u)" = 0 ] || as_root='sudo'
	if has apt-get && { [ -z "$as_root" ] || sudo -n true 2>/dev/null; }; then
		echo "installing $packages"
		# shellcheck disable=SC2086 # a list of words each
		if { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq -y --no-install-recommends $packages; } >/dev/null; then
			return 0
		fi
	fi
	if has apt-get; then
		echo "OpenGL will be left out, or a part of it, until this is run: $as_root apt-get install -y $packages" >&2
	else
		echo "OpenGL will be left out, or a part of it, until these packages are installed (Debian's names): $packages" >&2
	fi
}

case "${1:-}" in
install) install ;;
cgo) if compiler && opengl; then echo 1; else echo 0; fi ;;
tags) window || echo noglfw ;;
*)
	echo "usage: deps.sh install|cgo|tags" >&2
	exit 2
	;;
esac
