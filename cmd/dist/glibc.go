package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// moved lists the functions that moved to libc in glibc 2.34, by the library that had them before.
// A program linked with 2.34 wants them from libc, under a version that older glibc lacks. Every
// glibc still has them in the old place too.
var moved = map[string][]string{
	"libpthread.so.0": {
		"pthread_attr_getstack", "pthread_attr_getstacksize", "pthread_create", "pthread_detach",
		"pthread_getattr_np", "pthread_key_create", "pthread_setspecific", "pthread_sigmask",
	},
	"libdl.so.2": {"dlclose", "dlerror", "dlopen", "dlsym"},
}

//go:embed glibc/start.c
var startC []byte

// oldGlibc makes objects in dir that bind a program to the oldest version of each moved function,
// if they are linked before libc. They are start.c, and libraries that define the names only. It
// returns their paths, or none if the C compiler's target is not glibc on amd64: such a program
// needs the glibc that it is linked with.
func oldGlibc(dir string) ([]string, error) {
	cc, err := goEnv("CC")
	if err != nil {
		return nil, err
	}
	compiler := strings.Fields(cc)
	macros, err := compile(compiler, "#include <stdlib.h>\n", "-E", "-dM", "-")
	if err != nil {
		return nil, err
	}
	for _, macro := range []string{"__GLIBC__", "__x86_64__"} {
		if !bytes.Contains(macros, []byte("#define "+macro+" ")) {
			return nil, nil
		}
	}
	start := filepath.Join(dir, "start.o")
	if _, err := compile(compiler, string(startC), "-O2", "-c", "-o", start, "-"); err != nil {
		return nil, err
	}
	paths := []string{start}
	for _, library := range slices.Sorted(maps.Keys(moved)) {
		path, versions := filepath.Join(dir, library), filepath.Join(dir, library+".map")
		if err := os.WriteFile(versions, []byte("GLIBC_2.2.5 { *; };\n"), 0o644); err != nil {
			return nil, err
		}
		source := &strings.Builder{}
		for _, f := range moved[library] {
			fmt.Fprintf(source, "void %s(void) {}\n", f)
		}
		if _, err := compile(compiler, source.String(), "-w", "-fno-builtin", "-nostdlib", "-shared",
			"-Wl,-soname,"+library, "-Wl,--version-script,"+versions, "-o", path, "-"); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// compile runs the C compiler on a source and returns its output.
func compile(compiler []string, source string, args ...string) ([]byte, error) {
	args = append(append(compiler[1:len(compiler):len(compiler)], "-x", "c"), args...)
	cmd := exec.Command(compiler[0], args...)
	cmd.Stdin = strings.NewReader(source)
	return output(cmd)
}
