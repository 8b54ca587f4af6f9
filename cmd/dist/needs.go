package main

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Needs is what a program needs from a machine to start.
type Needs struct {
	Libraries []string // the sonames of shared libraries
	Glibc     string   // the oldest version that is enough, as "2.3.2"; "" without glibc
}

// readNeeds reads from a Linux program what it needs.
func readNeeds(program string) (Needs, error) {
	f, err := elf.Open(program)
	if err != nil {
		return Needs{}, fmt.Errorf("%s: %w", program, err)
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	if err != nil {
		return Needs{}, fmt.Errorf("%s: the libraries it needs: %w", program, err)
	}
	versions, err := f.DynamicVersionNeeds()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) { // a static program has no symbols
		return Needs{}, fmt.Errorf("%s: the versions it needs: %w", program, err)
	}
	var names []string
	for _, library := range versions {
		for _, need := range library.Needs {
			names = append(names, need.Dep)
		}
	}
	glibc, err := newestGlibc(names)
	return Needs{libraries, glibc}, err
}

// newestGlibc returns the newest version of glibc among symbol versions such as GLIBC_2.3.2, and ""
// if none belongs to glibc.
func newestGlibc(names []string) (string, error) {
	var newest []int
	text := ""
	for _, name := range names {
		version, ours := strings.CutPrefix(name, "GLIBC_")
		if !ours {
			continue
		}
		if version == "ABI_DT_RELR" { // packed relocations, since 2.36
			version = "2.36"
		}
		var numbers []int
		for field := range strings.SplitSeq(version, ".") {
			n, err := strconv.Atoi(field)
			if err != nil {
				return "", fmt.Errorf("symbol version %s is of no release of glibc", name)
			}
			numbers = append(numbers, n)
		}
		if slices.Compare(numbers, newest) > 0 {
			newest, text = numbers, version
		}
	}
	return text, nil
}
