package file

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sbinet/npyio/npy"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// npyFile puts a header of format version 1.0 before values.
func npyFile(dict string, values ...any) []byte {
	file := append([]byte(npyMagic), 1, 0)
	file = binary.LittleEndian.AppendUint16(file, uint16(len(dict)))
	file = append(file, dict...)
	for _, v := range values {
		file, _ = binary.Append(file, binary.LittleEndian, v)
	}
	return file
}

func npyDict(dtype, order, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", dtype, order, shape)
}

// testdata/npy holds the 5×3 matrix with entries 10i − j, its first column as a matrix, and its
// first column as a vector. NumPy 2 wrote them, with every type, byte order, memory order and
// format version.
func TestReadNPYReadsWhatNumPyWrites(t *testing.T) {
	files, err := filepath.Glob("testdata/npy/*.npy")
	if err != nil || len(files) != 20 {
		t.Fatalf("%d files, want 20 (%v)", len(files), err)
	}
	for _, file := range files {
		want := &npyArray{Shape: []int{5, 3}}
		cols := 3
		switch {
		case strings.Contains(file, "vector"):
			want.Shape, cols = []int{5}, 1
		case strings.Contains(file, "column"):
			want.Shape, cols = []int{5, 1}, 1
		}
		for i := range 5 {
			for j := range cols {
				want.Data = append(want.Data, float64(10*i-j))
			}
		}
		got, err := readNPY(file)
		if err != nil {
			t.Errorf("%v", err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

var goodNPY = npyFile(npyDict("<f8", "False", "(2, 3)"), []float64{1, 2, 3, 4, 5, 6})

func npyOfTwo(dict string) []byte { return npyFile(dict, 1.0, 2.0) }

func npyVersion2(length uint32, rest string) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(npyMagic+"\x02\x00"), length), rest...)
}

var malformedNPY = []struct {
	name string
	file []byte
	want string
}{
	{"empty", nil, `an empty file`},
	{"magic", []byte("1,2\n3,4\n5,6\n"), `not a .npy file: it starts with "1,2\n3,", not "\x93NUMPY"`},
	{"short magic", []byte("\x93NU"), `not a .npy file: it starts with "\x93NU", not "\x93NUMPY"`},
	{"cut in the length", goodNPY[:9], `the file ends in its header, after 9 bytes`},
	{"version 0", append([]byte(npyMagic+"\x00\x01"), goodNPY[8:]...), `format version 0.1; versions 1.0, 2.0 and 3.0 are read`},
	{"version 4", append([]byte(npyMagic+"\x04\x00"), goodNPY[8:]...), `format version 4.0; versions 1.0, 2.0 and 3.0 are read`},
	{"cut in the header", goodNPY[:40], `the header claims 59 bytes, but only 30 bytes follow`},
	{"header of 4 GiB", npyVersion2(math.MaxUint32, "{}"), `the header claims 4294967295 bytes, but only 2 bytes follow`},
	{"header of 64 KiB", npyVersion2(1<<16, strings.Repeat(" ", 1<<16)), `a header of 65536 bytes; an array of numbers needs at most 65535`},
	{"no dict", npyOfTwo("hello"), `header: found "hello" instead of "{"`},
	{"empty header", npyOfTwo(""), `header: it ends before "{"`},
	{"dict not closed", npyOfTwo("{'descr': '<f8'"), `header: it ends before "}"`},
	{"no value", npyOfTwo("{'descr'}"), `header: found "}" instead of ":"`},
	{"string not closed", npyOfTwo("{'descr"), `header: a string that never ends`},
	{"key not a string", npyOfTwo("{descr: 1}"), `header: found "descr: 1}" instead of a string`},
	{"no descr", npyOfTwo("{'fortran_order': False, 'shape': (2,)}"), `header: no key "descr"`},
	{"no order", npyOfTwo("{'descr': '<f8', 'shape': (2,)}"), `header: no key "fortran_order"`},
	{"no shape", npyOfTwo("{'descr': '<f8', 'fortran_order': False}"), `header: no key "shape"`},
	{"key twice", npyOfTwo("{'descr': '<f8', 'descr': '<f8'}"), `header: the key "descr" twice`},
	{"unknown key", npyOfTwo("{'name': 'x'}"), `header: an unknown key "name"`},
	{"text after the dict", npyOfTwo(npyDict("<f8", "False", "(2,)") + " x"), `header: "x" after the dict`},
	{"order not a boolean", npyOfTwo(npyDict("<f8", "0", "(2,)")), `header: found "0, 'shape': (2,), }" instead of True or False`},
	{"shape not a tuple", npyOfTwo(npyDict("<f8", "False", "[2]")), `header: found "[2], }" instead of "("`},
	{"shape not of numbers", npyOfTwo(npyDict("<f8", "False", "(two,)")), `header: found "two,), }" instead of a whole number`},
	{"shape not closed", npyOfTwo(npyDict("<f8", "False", "(2")), `header: found "}" instead of a whole number`},
	{"negative dimension", npyOfTwo(npyDict("<f8", "False", "(-2,)")), `header: a dimension of -2`},
	{"dimension past int64", npyOfTwo(npyDict("<f8", "False", "(99999999999999999999,)")), `header: a dimension of 99999999999999999999`},
	{"type object", npyOfTwo(npyDict("|O", "False", "(2,)")), `values of type "|O"; f4, f8, i4 and i8 are read: save it with .astype('<f8')`},
	{"type string", npyOfTwo(npyDict("<U8", "False", "(2,)")), `values of type "<U8"; f4, f8, i4 and i8 are read: save it with .astype('<f8')`},
	{"type complex", npyOfTwo(npyDict("<c16", "False", "(1,)")), `values of type "<c16"; f4, f8, i4 and i8 are read: save it with .astype('<f8')`},
	{"type f2", npyOfTwo(npyDict("<f2", "False", "(8,)")), `values of type "<f2"; f4, f8, i4 and i8 are read: save it with .astype('<f8')`},
	{"type without order", npyOfTwo(npyDict("f8", "False", "(2,)")), `values of type "f8"; f4, f8, i4 and i8 are read: save it with .astype('<f8')`},
	{"type structured", npyOfTwo("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}"), `header: values of a structured type; save one field with .astype('<f8')`},
	{"no dimension", npyOfTwo(npyDict("<f8", "False", "()")), `shape (): arrays of 1 and 2 dimensions are read`},
	{"three dimensions", npyOfTwo(npyDict("<f8", "False", "(1, 2, 1)")), `shape (1, 2, 1): arrays of 1 and 2 dimensions are read`},
	{"no rows", npyOfTwo(npyDict("<f8", "False", "(0, 3)")), `shape (0, 3): no values`},
	{"no columns", npyOfTwo(npyDict("<f8", "False", "(3, 0)")), `shape (3, 0): no values`},
	{"cut in the values", goodNPY[:len(goodNPY)-1], `shape (2, 3) of <f8 takes more than the 47 bytes that follow the header; the file is cut off or its header wrong`},
	{"values after the end", append(goodNPY[:len(goodNPY):len(goodNPY)], 0), `shape (2, 3) of <f8 takes 48 bytes, but 49 follow the header`},
	{"absurd shape", npyOfTwo(npyDict("<f8", "False", "(1000000000000,)")), `shape (1000000000000,) of <f8 takes more than the 16 bytes that follow the header; the file is cut off or its header wrong`},
	{"shape past 2⁶⁴ bytes", npyOfTwo(npyDict("<f8", "False", "(4294967296, 4294967296)")), `shape (4294967296, 4294967296) of <f8 takes more than the 16 bytes that follow the header; the file is cut off or its header wrong`},
	{"NaN", npyFile(npyDict("<f8", "False", "(2, 2)"), []float64{1, 2, math.NaN(), 4}), `element [1, 0], counted from 0, is NaN; remove the row, give the value, or ignore the column`},
	{"Inf in a vector", npyFile(npyDict("<f4", "False", "(3,)"), []float32{1, 2, float32(math.Inf(-1))}), `element [2], counted from 0, is -Inf; remove the row, give the value, or ignore the column`},
	{"NaN in Fortran order", npyFile(npyDict("<f8", "True", "(2, 2)"), []float64{1, math.NaN(), 3, 4}), `element [1, 0], counted from 0, is NaN; remove the row, give the value, or ignore the column`},
	{"integer past 2⁵³", npyFile(npyDict("<i8", "False", "(2,)"), []int64{1 << 60, 1<<53 + 1}), `element [1], counted from 0, is 9007199254740993, an integer that a float64 does not hold exactly`},
}

func TestDecodeNPYRefusesMalformedFilesAtTheirPlace(t *testing.T) {
	for _, test := range malformedNPY {
		t.Run(test.name, func(t *testing.T) {
			_, err := decodeNPY(bytes.NewReader(test.file), int64(len(test.file)))
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestDecodeNPYTakesAnyHeaderPythonWould(t *testing.T) {
	for _, dict := range []string{
		npyDict("<f8", "False", "(2,)"),
		`{"shape":(2,),"descr":"<f8","fortran_order":False}`,
		"  {'fortran_order' : True , 'shape' : ( 2 , 1 ) , 'descr' : '<f8' , }  \n",
		npyDict("<f8", "False", "(2L, 1L)"),
		npyDict("<f8", "False", "(1, 2)"),
	} {
		file := npyFile(dict, 1.5, -2.5)
		a, err := decodeNPY(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Errorf("%s: %v", dict, err)
		} else if diff := cmp.Diff([]float64{1.5, -2.5}, a.Data); diff != "" {
			t.Errorf("%s (-want +got):\n%s", dict, diff)
		}
	}
}

func TestDecodeNPYHoldsIntegersExactly(t *testing.T) {
	values := []int64{0, 1, -1, 1 << 53, -1 << 53, 1<<53 + 2, 1 << 62, math.MinInt64, math.MaxInt64 - 1023}
	file := npyFile(npyDict("<i8", "False", fmt.Sprintf("(%d,)", len(values))), values)
	a, err := decodeNPY(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if int64(a.Data[i]) != v {
			t.Errorf("%d read as %g", v, a.Data[i])
		}
	}
}

// The shapes hold whole bands of rows, or a value more or less.
func TestNPYBandsCoverTheWholeArray(t *testing.T) {
	for _, shape := range [][2]int{
		{1, 1}, {npyBandValues - 1, 1}, {npyBandValues, 1}, {npyBandValues + 1, 1}, {1, npyBandValues + 1},
		{npyBandValues/3 + 1, 3}, {511, 300}, {512, 300}, {513, 300}, {2, npyBandValues},
	} {
		rows, cols := shape[0], shape[1]
		cValues, fValues := make([]float64, rows*cols), make([]float64, rows*cols)
		for i := range rows {
			for j := range cols {
				v := float64(i*cols + j)
				cValues[i*cols+j], fValues[j*rows+i] = v, v
			}
		}
		for order, values := range map[string][]float64{"False": cValues, "True": fValues} {
			file := npyFile(npyDict("<f8", order, fmt.Sprintf("(%d, %d)", rows, cols)), values)
			a, err := decodeNPY(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range a.Data {
				if v != float64(k) {
					t.Fatalf("shape %v, fortran %s: value %d is %g", shape, order, k, v)
				}
			}
		}
	}
}

func TestDecodeNPYNamesTheFirstOfManyBadValues(t *testing.T) {
	const n = 5 * npyBandValues
	for range 10 {
		values := make([]float64, n)
		for k := npyBandValues + 7; k < n; k += 1000 {
			values[k] = math.NaN()
		}
		file := npyFile(npyDict("<f8", "False", fmt.Sprintf("(%d,)", n)), values)
		_, err := decodeNPY(bytes.NewReader(file), int64(len(file)))
		want := fmt.Sprintf("element [%d], counted from 0, is NaN; remove the row, give the value, or ignore the column", npyBandValues+7)
		if err == nil || err.Error() != want {
			t.Fatalf("got  %v\nwant %s", err, want)
		}
	}
}

// npyio is a reader that shares no code with this package.
func TestWriteNPYIsReadAlikeByNpyioAndByReadNPY(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 20).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "cols")
		data := rapid.SliceOfN(rapid.Float64(), rows*cols, rows*cols).Draw(t, "data")
		if err := WriteNPY(path, data, rows, cols); err != nil {
			t.Fatal(err)
		}
		a, err := readNPY(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&npyArray{Shape: []int{rows, cols}, Data: data}, a); diff != "" {
			t.Errorf("readNPY (-want +got):\n%s", diff)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var m mat.Dense
		if err := npy.Read(bytes.NewReader(file), &m); err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(&m, mat.NewDense(rows, cols, data)) {
			t.Errorf("npyio reads %v, want %v", mat.Formatted(&m), data)
		}
	})
}

func TestWriteNPYAlignsItsValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	for _, n := range []int{1, 9, 10, 99, 100, 1000, 10000} {
		if err := WriteNPY(path, make([]float64, n)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if offset := info.Size() - 8*int64(n); offset%64 != 0 {
			t.Errorf("%d values start at byte %d, not a multiple of 64", n, offset)
		}
	}
}

func TestWriteNPYLeavesNothingBehindWhenItFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "taken.npy"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, shape := range map[string][]int{
		"taken.npy":   {2},
		"none/at.npy": {2},
		"short.npy":   {3},
		"minus.npy":   {-1, -2},
		"deep.npy":    {1, 2, 1},
	} {
		if err := WriteNPY(filepath.Join(dir, path), []float64{1, 2}, shape...); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	if err := WriteNPY(filepath.Join(dir, "empty.npy"), nil); err == nil {
		t.Error("an array without values: no error")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left: %v (%v), want taken.npy only", entries, err)
	}
}

func TestWriteNPYReplacesAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	for _, data := range [][]float64{{1, 2, 3}, {4}} {
		if err := WriteNPY(path, data); err != nil {
			t.Fatal(err)
		}
		a, err := readNPY(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(data, a.Data); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestLittleEndianIsWhatTheMachineWrites(t *testing.T) {
	values := make([]float64, 64<<10/8+1)
	for i := range values {
		values[i] = math.Sqrt(float64(i))
	}
	var slow bytes.Buffer
	if err := writeLittleEndian(&slow, values); err != nil {
		t.Fatal(err)
	}
	want, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil || !bytes.Equal(slow.Bytes(), want) {
		t.Errorf("bytes differ (%v)", err)
	}
}

// FuzzReadNPY checks that a decoded array has the shape of its header and finite values.
func FuzzReadNPY(f *testing.F) {
	for _, file := range []string{"f8_little_C", "i4_big_F", "f4_big_C", "i8_little_F", "f8_little_C_version3", "f8_little_C_vector"} {
		data, err := os.ReadFile("testdata/npy/" + file + ".npy")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(npyFile("{'shape':(1,2L),'fortran_order':True,'descr':'>i4'}", int64(0)))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := decodeNPY(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			if msg := err.Error(); msg == "" || len(msg) > 1000 {
				t.Errorf("an error of %d bytes", len(msg))
			}
			return
		}
		count := 1
		for _, n := range a.Shape {
			count *= n
		}
		if len(a.Shape) < 1 || len(a.Shape) > 2 || count != len(a.Data) || count < 1 || count*4 > len(file) {
			t.Errorf("shape %v, %d values from %d bytes", a.Shape, len(a.Data), len(file))
		}
		if i, why := findNotFinite(a.Data); why != "" {
			t.Errorf("value %d is %s", i, why)
		}
	})
}

// BenchmarkReadNPY reads a file, and compares with os.ReadFile, which only copies the bytes.
func BenchmarkReadNPY(b *testing.B) {
	const n = 16 << 20
	path := filepath.Join(b.TempDir(), "a.npy")
	if err := WriteNPY(path, make([]float64, n)); err != nil {
		b.Fatal(err)
	}
	b.Run("descent", func(b *testing.B) {
		b.SetBytes(8 * n)
		for b.Loop() {
			if _, err := readNPY(path); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("os.ReadFile", func(b *testing.B) {
		b.SetBytes(8 * n)
		for b.Loop() {
			if _, err := os.ReadFile(path); err != nil {
				b.Fatal(err)
			}
		}
	})
}
