// Dist builds the archive for other machines. It holds descent, gpu-check.sh, which measures
// everything that a machine can run, a README made from README.md, and needs-glibc.
package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

func main() {
	var b build
	out := flag.String("out", "dist", "folder for the archive")
	flag.StringVar(&b.Version, "version", "unknown", "version of the program")
	flag.StringVar(&b.Target, "target", "", "platform of the archive, as OS/ARCH")
	flag.Parse()
	archive, err := b.archive(*out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
	fmt.Println(archive)
}

// A build is one archive.
type build struct {
	Version string
	Target  string // OS/ARCH
	OpenGL  bool   // built with cgo
	Needs   Needs  // of a Linux program
}

// Platform is the target as it stands in file names, as linux-amd64.
func (b *build) Platform() string { return strings.ReplaceAll(b.Target, "/", "-") }

// archive builds the program, writes out/descent-OS-ARCH.tar.gz, and returns its path. The same
// sources, version and tools give the same bytes.
func (b *build) archive(out string) (string, error) {
	root, err := goEnv("GOMOD")
	if err != nil {
		return "", err
	}
	root = filepath.Dir(root)
	dir, err := os.MkdirTemp("", "descent-dist-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	program, err := b.program(dir)
	if err != nil {
		return "", err
	}
	files, err := b.files(program)
	if err != nil {
		return "", err
	}
	packed, err := pack("descent-"+b.Version+"-"+b.Platform(), files, sourceTime(root))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	name := filepath.Join(out, "descent-"+b.Platform()+".tar.gz")
	return name, os.WriteFile(name, packed, 0o644)
}

// program builds descent in dir. It leaves out GLFW, which needs X11 to start, and the parts of
// libc that look up hosts and users.
func (b *build) program(dir string) (string, error) {
	goos, goarch, ok := strings.Cut(b.Target, "/")
	if !ok {
		return "", fmt.Errorf("target %q is not OS/ARCH", b.Target)
	}
	env := append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch)
	cgo, err := goEnv("CGO_ENABLED", env...)
	if err != nil {
		return "", err
	}
	b.OpenGL = cgo == "1"
	flags := "-s -w -buildid= -X main.version=" + b.Version
	if b.OpenGL && goos == "linux" {
		objects, err := oldGlibc(dir)
		if err != nil {
			return "", err
		}
		if len(objects) > 0 {
			// A path may have spaces.
			flags += ` -extldflags '"` + strings.Join(objects, `" "`) + `"'`
		}
	}
	program := filepath.Join(dir, "descent")
	if goos == "windows" {
		program += ".exe"
	}
	cmd := exec.Command("go", "build", "-tags", "noglfw,netgo,osusergo", "-trimpath", "-buildvcs=false",
		"-ldflags", flags, "-o", program, "descent/cmd/descent")
	cmd.Env = env
	if _, err := output(cmd); err != nil {
		return "", err
	}
	if goos == "linux" {
		b.Needs, err = readNeeds(program)
	}
	return program, err
}

// A file is a file of the archive.
type file struct {
	name string // in the archive's folder
	mode int64
	data []byte
}

//go:embed gpu-check.sh
var gpuCheck []byte

//go:embed README.md
var readme string

// files returns the files of the archive, sorted by name.
func (b *build) files(program string) ([]file, error) {
	binary, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	text, err := template.New("README.md").Parse(readme)
	if err != nil {
		return nil, err
	}
	var rendered bytes.Buffer
	if err := text.Execute(&rendered, b); err != nil {
		return nil, err
	}
	files := []file{
		{filepath.Base(program), 0o755, binary},
		{"gpu-check.sh", 0o755, gpuCheck},
		{"README.md", 0o644, rendered.Bytes()},
		{"needs-glibc", 0o644, []byte(cmp.Or(b.Needs.Glibc, "none") + "\n")},
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	return files, nil
}

// pack makes a compressed tar file of files in one folder. All have the time t and no owner.
func pack(folder string, files []file, t time.Time) ([]byte, error) {
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	archive := tar.NewWriter(compressed)
	for _, f := range files {
		h := &tar.Header{
			Typeflag: tar.TypeReg, Name: path.Join(folder, f.name), Mode: f.mode, Size: int64(len(f.data)),
			ModTime: t, Format: tar.FormatUSTAR,
		}
		if err := archive.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := errors.Join(archive.Close(), compressed.Close())
	return out.Bytes(), err
}

// sourceTime returns the time of the sources: SOURCE_DATE_EPOCH if that is set, otherwise the time
// of the commit, and outside a repository 1970.
func sourceTime(root string) time.Time {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		out, _ := exec.Command("git", "-C", root, "log", "-1", "--format=%ct").Output()
		text = strings.TrimSpace(string(out))
	}
	seconds, _ := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0)
}

// goEnv returns a setting of the go command. Its environment is env, or the one of this process.
func goEnv(name string, env ...string) (string, error) {
	cmd := exec.Command("go", "env", name)
	cmd.Env = env
	out, err := output(cmd)
	return strings.TrimSpace(string(out)), err
}

// output runs cmd and returns its stdout. An error contains its stderr.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}
