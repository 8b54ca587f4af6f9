package shaders

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// comps returns the names of the .comp files without their suffix.
func comps(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(files, "*.comp")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".comp")
	}
	return names
}

// split cuts a file into its header, the comment it opens with, and the rest.
func split(t *testing.T, name string) (header, body string) {
	t.Helper()
	header, body, ok := strings.Cut(read(name+".comp"), "\n\n")
	if !ok || !strings.HasPrefix(header, "//") {
		t.Fatalf("%s.comp does not open with a header", name)
	}
	return header, body
}

// table returns the rows of a header's table whose title begins with the given
// column, as fields.
func table(header, column string) [][]string {
	var rows [][]string
	inside := false
	for line := range strings.Lines(header) {
		fields := strings.Fields(strings.TrimPrefix(line, "//"))
		switch {
		case len(fields) == 0:
			inside = false
		case fields[0] == column:
			inside = true
		case inside:
			rows = append(rows, fields)
		}
	}
	return rows
}

func matches(pattern, text string) [][]string {
	var rows [][]string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		rows = append(rows, m[1:])
	}
	return rows
}

func TestHeadersListTheBindingsAsDeclared(t *testing.T) {
	access := map[string]string{"readonly": "read", "writeonly": "write", "coherent": "both", "": "both"}
	numbers := map[string]int{}
	for _, b := range bindings {
		numbers[b.name] = b.number
	}
	for _, name := range comps(t) {
		header, body := split(t, name)
		declared := map[string]string{}
		for _, m := range matches(`binding = BINDING_(\w+)\) (?:(\w+) )?restrict buffer \w+ \{ (\w+) (\w+)\[\]; \}`, body) {
			declared[m[3]] = fmt.Sprint(numbers[m[0]], " ", m[2], " ", access[m[1]])
		}
		if got := len(matches(`(\bbuffer\b)`, body)); got != len(declared) {
			t.Errorf("%s.comp declares %d blocks, of which %d were understood", name, got, len(declared))
		}
		listed := map[string]string{}
		for _, row := range table(header, "binding") {
			for _, field := range row[3:] {
				if field == "read" || field == "write" || field == "both" {
					listed[row[1]] = row[0] + " " + row[2] + " " + field
				}
			}
		}
		if diff := cmp.Diff(declared, listed); diff != "" {
			t.Errorf("%s.comp: blocks, declared (-) and listed in its header (+):\n%s", name, diff)
		}
	}
}

func TestHeadersListTheUniformsAsDeclared(t *testing.T) {
	for _, name := range comps(t) {
		header, body := split(t, name)
		declared := map[string]string{}
		for _, m := range matches(`location = LOCATION_(\w+)\) uniform (\w+) (\w+);`, body) {
			if m[0] != m[2] {
				t.Errorf("%s.comp: uniform %s has the location of %s", name, m[2], m[0])
			}
			declared[m[2]] = m[1]
		}
		if got := len(matches(`(\buniform\b)`, body)); got != len(declared) {
			t.Errorf("%s.comp declares %d uniforms, of which %d were understood", name, got, len(declared))
		}
		listed := map[string]string{}
		for _, row := range table(header, "location") {
			want := LocationReal
			if i := slices.Index(Uniforms[name], row[1]); i >= 0 {
				want = LocationUint + i
			}
			if row[0] != fmt.Sprint(want) {
				t.Errorf("%s.comp lists %s at location %s, and it is at %d", name, row[1], row[0], want)
			}
			listed[row[1]] = row[2]
		}
		if diff := cmp.Diff(declared, listed); diff != "" {
			t.Errorf("%s.comp: uniforms, declared (-) and listed in its header (+):\n%s", name, diff)
		}
		for _, u := range Uniforms[name] {
			if declared[u] != "uint" {
				t.Errorf("%s.comp: Uniforms lists %s, declared as %q", name, u, declared[u])
			}
		}
	}
}

func TestHeadersNameTheLocalSizeAndTheTwin(t *testing.T) {
	for _, name := range comps(t) {
		header, body := split(t, name)
		if !strings.Contains(header, fmt.Sprintf("\n// Local size: %d", LocalSize)) {
			t.Errorf("%s.comp: its header does not say Local size: %d", name, LocalSize)
		}
		if !strings.Contains(body, "layout(local_size_x = LOCAL_SIZE) in;") {
			t.Errorf("%s.comp does not take its local size from LOCAL_SIZE", name)
		}
		for _, word := range []string{"Groups: ", "Barrier owed by the caller: "} {
			if !strings.Contains(header, "\n// "+word) {
				t.Errorf("%s.comp: its header lacks %q", name, word)
			}
		}
		twin := matches(`\n// CPU twin: (\w+) in (\S+)\.\n`, header)
		if len(twin) != 1 {
			t.Errorf("%s.comp names no CPU twin", name)
			continue
		}
		source, err := os.ReadFile("../" + twin[0][1])
		if err != nil {
			t.Errorf("%s.comp: %v", name, err)
		} else if len(matches(`(?m)^(?:func|type) `+twin[0][0]+`(\b)`, string(source))) != 1 {
			t.Errorf("%s.comp: %s has no %s", name, twin[0][1], twin[0][0])
		}
	}
}

func TestVariantsHoldWhatShapesAskFor(t *testing.T) {
	known := map[string]bool{}
	for _, k := range Variants() {
		if known[k.Name] {
			t.Errorf("%q is there twice", k.Name)
		}
		known[k.Name] = true
	}
	sizes := []int{1, 2, 3, 15, 16, 17, 255, 256, 257, 1000, 65536, 100_000_000}
	for _, m := range sizes {
		if k := MatMulReduce(Float, ReduceBlockFor(m)); !known[k.Name] {
			t.Errorf("size %d: %q is no variant", m, k.Name)
		}
		for _, n := range sizes {
			if k := Transpose(Float, TransposeTileFor(m, n)); !known[k.Name] {
				t.Errorf("%d×%d: %q is no variant", m, n, k.Name)
			}
			for _, inner := range sizes {
				if k := MatMul(Double, MatMulTileFor(m, n, inner)); !known[k.Name] {
					t.Errorf("%d×%d by %d×%d: %q is no variant", m, inner, inner, n, k.Name)
				}
			}
		}
	}
}

func TestTilesFitTheirShapes(t *testing.T) {
	for _, tt := range []struct {
		m, n, k int
		want    MatMulTile
	}{
		{1, 1, 1, MatMulTile{1, 1, 1}},
		{10_000, 1, 2, MatMulTile{256, 1, 2}},
		{2, 1, 10_000, MatMulTile{2, 1, 1024}},
		{65, 1, 1_000_000, MatMulTile{8, 1, 1024}},
		{65, 1, 1023, MatMulTile{128, 1, 64}},
		{1_000_000, 1, 65, MatMulTile{256, 1, 32}},
		{1000, 1000, 1000, MatMulTile{16, 16, 32}},
		{1000, 4, 1000, MatMulTile{64, 4, 32}},
	} {
		if got := MatMulTileFor(tt.m, tt.n, tt.k); got != tt.want {
			t.Errorf("%d×%d by %d×%d: tile %v, want %v", tt.m, tt.k, tt.k, tt.n, got, tt.want)
		}
	}
}

// The work group and the shared memory of every matmul variant stay within what OpenGL
// 4.3 promises, and the sums within the roundings that the header states.
func TestTilesKeepTheirLimits(t *testing.T) {
	for _, tile := range matMulTiles() {
		shared := 8 * (tile.shared() + LocalSize)
		if shared > 32<<10 {
			t.Errorf("%v takes %d bytes of shared memory", tile, shared)
		}
		if run := tile.K * tile.M * tile.N / LocalSize; run > longest || tile.M*tile.N > LocalSize {
			t.Errorf("%v: %d products in a row in a group of %d", tile, run, LocalSize)
		}
	}
}

func TestPartsCoverTheInnerDimension(t *testing.T) {
	for _, m := range []int{1, 2, 65, 10_000, 100_000_000} {
		for _, k := range []int{1, 2, 65, 255, 256, 257, 1023, 1024, 1025, 10_000, 1_000_000, 100_000_000, MaxElements - 1} {
			for _, most := range []int{1, 3, MaxGroups} {
				tile := MatMulTileFor(m, 1, k)
				span := tile.Span(m, 1, k, most)
				parts := (k + span - 1) / span
				if span%tile.K != 0 || parts < 1 || parts > min(most, matMulGroups) || parts > 1 && span < shortest {
					t.Errorf("m = %d, k = %d: %d parts of %d, in tiles of %d", m, k, parts, span, tile.K)
				}
			}
		}
	}
}

func TestSourcesAreCompleteAndPlain(t *testing.T) {
	for _, k := range Variants() {
		if !strings.HasPrefix(k.Source, "#version 430 core\n") {
			t.Errorf("%s does not begin with the version", k.Name)
		}
		for i, c := range k.Source {
			if c > 126 {
				t.Errorf("%s: character %q at %d: drivers take ASCII only", k.Name, c, i)
				break
			}
		}
	}
}

// The macros are of type int. NVIDIA's compiler finds min(int, uint) ambiguous, which other
// compilers convert.
func TestNoMacroIsAnOperandOfAnOverloadedFunction(t *testing.T) {
	for _, name := range comps(t) {
		body := expand(name + ".comp")
		for _, call := range matches(`\b((?:min|max|clamp|mix|mod|abs)\((?:[^()]|\([^()]*\))*\))`, body) {
			for _, operand := range strings.Split(call[0][strings.Index(call[0], "(")+1:len(call[0])-1], ",") {
				operand = strings.TrimSpace(operand)
				if regexp.MustCompile(`^([A-Z]+(_[A-Z]+)*|\d+)$`).MatchString(operand) && !strings.Contains(body, "uint "+operand+" ") && !strings.Contains(body, "uint "+operand+";") {
					t.Errorf("%s.comp: %s: operand %s is an int", name, call[0], operand)
				}
			}
		}
	}
}

// A driver's message about line n is about line n of one of the files.
func TestLineNumbersAreThoseOfTheFiles(t *testing.T) {
	var files [][]string
	for _, name := range []string{"fused.comp", "accumulate.glsl", "segment.glsl", "rows.glsl"} {
		files = append(files, strings.Split(comment.ReplaceAllString(read(name), ""), "\n"))
	}
	_, source, _ := strings.Cut(Fused(Float, FusedShapeFor(1), PlainFused).Source, "#line 1\n")
	at := 1
	for _, line := range strings.Split(source, "\n") {
		if n, _ := fmt.Sscanf(line, "#line %d", &at); n == 1 {
			continue
		}
		if !slices.ContainsFunc(files, func(f []string) bool { return at <= len(f) && f[at-1] == line }) {
			t.Errorf("no file has %q at line %d", line, at)
		}
		at++
	}
}
