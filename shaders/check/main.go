// Command check has glslangValidator, the reference compiler of GLSL, look at every
// variant of every shader.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"descent/shaders"
)

func main() {
	variants := shaders.Variants()
	if err := check(variants); err != nil {
		fmt.Fprintln(os.Stderr, "shadercheck: error:", err)
		os.Exit(1)
	}
	fmt.Printf("%d shader variants are valid\n", len(variants))
}

// refused matches the validator's report on one file: its path, then the errors. Files in
// order have their path alone.
var refused = regexp.MustCompile(`(?m)^.*\n(ERROR:.*\n)+`)

// check has one process look at all of them, since starting it takes longer than a shader.
func check(variants []shaders.Kernel) error {
	dir, err := os.MkdirTemp("", "shadercheck")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	args := []string{"-S", "comp"}
	for _, k := range variants {
		path := filepath.Join(dir, k.Name)
		if err := os.WriteFile(path, []byte(k.Source), 0o600); err != nil {
			return err
		}
		args = append(args, path)
	}
	out, err := exec.Command("glslangValidator", args...).CombinedOutput()
	if err == nil {
		return nil
	}
	if first := refused.Find(out); first != nil {
		out = first
	}
	return fmt.Errorf("glslangValidator: %w\n%s", err, out)
}
