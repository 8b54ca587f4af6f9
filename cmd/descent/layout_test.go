package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// mayImport says which packages of this module a package may import: those before it in the list,
// of which it names all that it does import. So imports flow one way, and whoever adds one decides
// here that it should be.
var mayImport = []struct {
	folder  string
	imports string
}{
	{"dataset", ""},
	{"dataset/file", "dataset"},
	{"cpu/isa", ""},
	{"cpu/internal/kernel", "cpu/isa"},
	{"cpu", "cpu/internal/kernel dataset"},
	{"shaders", ""},
	{"shaders/check", "shaders"},

	{"bench/internal/jsonl", ""},
	{"bench/internal/proc", ""},
	{"bench/stats", ""},
	{"bench/machine", ""},
	{"bench", "bench/internal/jsonl bench/internal/proc dataset dataset/file"},
	{"bench/journal", "bench bench/internal/jsonl bench/internal/proc bench/machine bench/stats cpu/isa dataset"},
	{"bench/driver", "bench bench/internal/proc bench/journal bench/machine bench/stats dataset"},
	{"bench/typeset", "bench/stats"},
	{"bench/report", "bench bench/journal bench/machine bench/stats bench/typeset"},
	{"bench/sweep", "bench bench/journal bench/machine bench/report bench/stats bench/typeset"},
	{"bench/sweep/measure", "bench bench/driver bench/journal bench/machine bench/stats bench/sweep bench/typeset dataset"},
	{"bench/conformance", "bench bench/journal dataset"},
	{"bench/peers", "bench dataset"},
	{"bench/benchtest", "bench bench/conformance bench/peers dataset"},
	{"bench/benchtest/fake", "bench bench/driver bench/journal bench/report cpu dataset"},

	{"gpu/internal/egl", ""},
	{"gpu/internal/glfwctx", ""},
	{"gpu/internal/glx", ""},
	{"gpu/graph", ""},
	{"gpu/internal/gltest", ""},
	{"gpu/device", "bench dataset gpu/internal/egl gpu/internal/glfwctx gpu/internal/glx shaders"},
	{"gpu", "dataset gpu/device gpu/graph shaders"},

	{"cmd/internal/builtin", "bench bench/typeset cpu dataset gpu gpu/device"},
	{"cmd/internal/ceilings", "bench/journal cpu dataset"},
	{"cmd/internal/screen", "bench/driver bench/journal bench/sweep/measure bench/typeset"},
	{"cmd/internal/forms", "bench/typeset cmd/internal/builtin cmd/internal/screen dataset gpu gpu/device"},
	{"cmd/internal/results", "bench bench/journal bench/report bench/typeset"},
	{"cmd/internal/nearest", ""},
	{"cmd/internal/stdout", ""},
	{"cmd/internal/value", ""},
	{"cmd/study", "bench bench/driver bench/journal bench/report bench/stats bench/sweep bench/sweep/measure bench/typeset cmd/internal/screen cpu dataset"},
	{"cmd/dist", ""},
	{"cmd/descent", "bench bench/conformance bench/driver bench/journal bench/machine bench/peers bench/report bench/sweep bench/sweep/measure bench/typeset cmd/internal/builtin cmd/internal/ceilings cmd/internal/forms cmd/internal/nearest cmd/internal/results cmd/internal/screen cmd/internal/stdout cmd/internal/value cpu dataset dataset/file gpu gpu/device gpu/graph"},
}

// A source is a Go file of this module.
type source struct {
	path   string // from the root of the module
	text   []byte
	syntax *ast.File
}

func (s source) folder() string { return filepath.ToSlash(filepath.Dir(s.path)) }
func (s source) test() bool     { return strings.HasSuffix(s.path, "_test.go") }

func (s source) generated() bool { return ast.IsGenerated(s.syntax) }

// sources parses the Go files of this module, whatever their build tags. Nested modules and
// testdata are others' rooms.
func sources(t *testing.T) (*token.FileSet, []source) {
	t.Helper()
	const root = "../.."
	set, out := token.NewFileSet(), []source(nil)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			name := entry.Name()
			if path != root && (nested == nil || name == "testdata" || name == "build" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		relative, _ := filepath.Rel(root, path)
		out = append(out, source{filepath.ToSlash(relative), text, syntax})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return set, out
}

func TestImportsFlowOneWay(t *testing.T) {
	const module = "descent/"
	found := map[string]map[string]bool{}
	_, all := sources(t)
	for _, s := range all {
		if s.test() {
			continue
		}
		if found[s.folder()] == nil {
			found[s.folder()] = map[string]bool{}
		}
		for _, spec := range s.syntax.Imports {
			if path, _ := strconv.Unquote(spec.Path.Value); strings.HasPrefix(path, module) {
				found[s.folder()][strings.TrimPrefix(path, module)] = true
			}
		}
	}
	var before []string
	for _, room := range mayImport {
		allowed := strings.Fields(room.imports)
		got := slices.Sorted(maps.Keys(found[room.folder]))
		for _, path := range got {
			if !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s, which the table does not allow", room.folder, path)
			}
		}
		for _, path := range allowed {
			if !slices.Contains(got, path) {
				t.Errorf("%s does not import %s any more: take it out of the table", room.folder, path)
			}
			if !slices.Contains(before, path) {
				t.Errorf("%s may import %s, which does not stand before it in the table", room.folder, path)
			}
		}
		if found[room.folder] == nil {
			t.Errorf("%s has no Go files: take it out of the table", room.folder)
		}
		delete(found, room.folder)
		before = append(before, room.folder)
	}
	for folder := range found {
		t.Errorf("%s is not in the table", folder)
	}
}

func TestRoomsAndFunctionsAreSmall(t *testing.T) {
	const mostFiles, mostLines = 25, 60
	set, all := sources(t)
	files := map[string]int{}
	for _, s := range all {
		if s.test() || s.generated() {
			continue
		}
		files[s.folder()]++
		for _, decl := range s.syntax.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; lines > mostLines {
				t.Errorf("%s: %s has %d lines, more than %d", s.path, f.Name.Name, lines, mostLines)
			}
		}
	}
	for folder, n := range files {
		if n > mostFiles {
			t.Errorf("%s has %d Go files beside its tests, more than %d", folder, n, mostFiles)
		}
	}
}

// A line with a comment ends at column 100, so that two of them fit beside each other on a screen.
// A tab counts as four.
func TestCommentsWrap(t *testing.T) {
	const most = 100
	set, all := sources(t)
	for _, s := range all {
		if s.generated() {
			continue
		}
		lines := bytes.Split(s.text, []byte("\n"))
		for _, group := range s.syntax.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(c.Text, "//go:") {
					continue
				}
				n := set.Position(c.Pos()).Line
				line := lines[n-1]
				if width := utf8.RuneCount(line) + 3*bytes.Count(line, []byte("\t")); width > most {
					t.Errorf("%s:%d: the comment ends in column %d", s.path, n, width)
				}
			}
		}
	}
}

// TestExportedNamesAreUsed finds exported names that only tests use. It goes by names alone: a name
// that two packages declare is used if one of them is.
func TestExportedNamesAreUsed(t *testing.T) {
	dynamic := []string{ // called by interfaces of the libraries
		"Error", "Unwrap", "Is", "String", "Set", "Type", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "Write", "Read",
	}
	forTests := []string{"bench/benchtest", "bench/benchtest/fake", "gpu/internal/gltest"}
	// The plain Go twin of the OpenGL executor, which the tests of gpu hold against it.
	twins := []string{"NewExecutor"}
	declared, used := map[string]string{}, map[string]int{}
	set, all := sources(t)
	for _, s := range all {
		if s.test() {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name]++
			}
			return true
		})
		if slices.Contains(forTests, s.folder()) || s.syntax.Name.Name == "main" {
			continue
		}
		for _, id := range exported(s.syntax) {
			declared[id.Name] = fmt.Sprintf("%s:%d", s.path, set.Position(id.Pos()).Line)
			used[id.Name]-- // the declaration itself
		}
	}
	for name, place := range declared {
		if used[name] <= 0 && !slices.Contains(dynamic, name) && !slices.Contains(twins, name) {
			t.Errorf("%s: nothing but tests uses %s", place, name)
		}
	}
}

// exported returns the exported names that a file declares: functions, methods, types, variables
// and constants.
func exported(file *ast.File) (names []*ast.Ident) {
	note := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id)
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			note(decl.Name)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					note(spec.Name)
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						note(id)
					}
				}
			}
		}
	}
	return names
}
