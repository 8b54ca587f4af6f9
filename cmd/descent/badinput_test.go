package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// mistakes are command lines, their exit statuses, and a part of the first line that they print.
// They run in a folder that holds mistakeFiles and the empty folder "folder".
var mistakes = []struct {
	args   string
	status int
	want   string
}{
	{"jump", 2, `there is no command "jump"`},
	{"help jump", 2, `there is no command "jump"`},
	{"help run jump", 2, `there is no command "jump"`},
	{"completion tcsh", 2, `there is no command "tcsh"`},
	{"run extra", 2, `argument "extra" is one too many`},
	{"run --jump", 2, "unknown flag: --jump"},
	{"run --n", 2, "flag needs an argument"},
	{"run --n 0", 2, "N=0"},
	{"run --n -5", 2, "N=-5"},
	{"run --n ten", 2, `"ten" is not a whole number`},
	{"run --n 1.5", 2, `"1.5" is not a whole number`},
	{"run --n 1e30", 2, `"1e30" is not a whole number`},
	{"run --n 1e15", 2, "1000000000000000"},
	{"run --epochs 9223372036854775807", 2, `"9223372036854775807" is not a whole number below`},
	{`run --data ""`, 2, "--data is given without a value"},
	{`run --contenders ""`, 2, "--contenders is given without a value"},
	{`run --out "" --n 5`, 2, "--out is given without a value"},
	{`fit ""`, 2, "the data file is missing"},
	{`fit --target "" good.csv`, 2, "--target is given without a value"},
	{"run --features 0", 2, "P=0"},
	{"run --features -1", 2, "P=-1"},
	{"run --features 1e6 --n 100", 2, "--features 1000000 needs 7450.6 GiB for the exact answer"},
	{"run --epochs 0", 2, "--epochs 0: at least 1"},
	{"run --rate 5", 2, "rate 5 diverges"},
	{"run --rate 0", 2, "--rate 0: it must be positive"},
	{"run --rate -1", 2, "--rate -1: it must be positive"},
	{"run --rate NaN", 2, "--rate NaN: it must be positive"},
	{"run --rate fast", 2, `invalid argument "fast"`},
	{"run --noise -1", 2, "oise"},
	{"run --noise Inf", 2, "oise"},
	{"run --weights 1", 2, "weights"},
	{"run --weights 1,2,3", 2, "weights"},
	{"run --weights a,b", 2, "invalid argument"},
	{"run --weights NaN,2", 2, "NaN"},
	{"run --seed -1", 2, "invalid argument"},
	{"run --contenders tpu", 2, `no contender matches "tpu"`},
	{"run --contenders loop,tpu", 2, `--contenders: no contender matches "tpu"`},
	{"run --contenders [", 2, "syntax error in pattern"},
	{"run --precision f16", 2, `precision "f16" is neither f32 nor f64`},
	{"run --precision f32 --contenders loop/f64", 2, `no contender matches "loop/f64"`},
	{"run --program mine", 2, "it is not NAME/PRECISION=COMMAND ARGUMENTS"},
	{"run --program mine/f64=", 2, "it is not NAME/PRECISION=COMMAND ARGUMENTS"},
	{"run --program mine/f16=true", 2, `precision "f16" is neither f32 nor f64`},
	{"run --program loop/f64=true", 2, "loop/f64 is the name of another contender"},
	{"run --program my,prog/f64=true", 2, `the name "my,prog" has ',' in it, and a name has only letters, digits and - _ . +: use a name such as my-prog`},
	{"run --program my'prog/f64=true", 2, "use a name such as my-prog"},
	{"run --program my\a/f64=true", 2, `has '\a' in it`},
	{"run --program a*/f64=true", 2, "has '*' in it"},
	{"run --program my/prog/f64=true", 2, `precision "prog/f64" is neither f32 nor f64`},
	{"run --program my=prog/f64=true", 2, "it is not NAME/PRECISION=COMMAND ARGUMENTS"},
	{"run --program mine/f64=true --precision f32", 2, "--program mine/f64: --precision f32 leaves it out"},
	{"run --threads -1", 2, "--threads -1"},
	{"run --budget 0s", 2, "--budget 0s: it must be positive"},
	{"run --budget soon", 2, "invalid argument"},
	{"run --timeout 0s", 2, "--timeout 0s: it must be positive"},
	{"run --memory lots", 2, `"lots" is not a size such as 512MiB or 2GiB`},
	{"run --memory 0", 2, `"0" is no size`},
	{"fit --memory -1G good.csv", 2, `"-1G" is no size`},
	{"run --processes -1", 2, "--processes -1: it cannot be negative"},
	{"run --resolution 0", 2, "--resolution 0: it is a share of the time"},
	{"run --resolution NaN", 2, "--resolution NaN: it is a share of the time"},
	{"run --resume missing.csv", 2, "missing.csv: no such file"},
	{"run --resume good.csv", 2, `good.csv:1: "x,y" is not a JSON object`},
	{"run --resume r.jsonl --out r.jsonl", 2, "--out and --resume exclude each other"},
	{"compare", 2, "the old results file is missing"},
	{"compare a.jsonl", 2, "the new results file is missing"},
	{"compare missing.csv missing.csv", 1, "missing.csv: no such file"},
	{"compare --fail-above lots a b", 2, `"lots" is no share, as 5% or 0.05`},
	{"compare --fail-above -1% a b", 2, `"-1%" is no share`},
	{"compare --format yaml a b", 2, `format "yaml" is not one of`},
	{"run --blocks 0", 2, "--blocks 0: at least 1"},
	{"run --gl-provider wgl", 2, `--gl-provider "wgl" is not one of auto, glfw, egl`},
	{"run --format yaml", 2, `format "yaml" is not one of bench, csv, json, markdown, text`},
	{"run --out good.csv", 2, "it exists, and results are not overwritten"},
	{"run --out none/r.jsonl --n 10 --contenders loop", 1, "no such file or directory"},
	{"run --append --n 5", 2, "--append needs --out"},
	{"run --append --out good.csv", 2, `good.csv:1: "x,y" is not a JSON object`},
	{"run --append --out folder", 2, "is not a regular file"},
	{"run --append --out none/r.jsonl --n 10 --contenders loop", 1, "no such file or directory"},
	{"run --target y", 2, "--target is for --data"},
	{"run --standardize", 2, "--standardize is for --data"},
	{"run --data good.csv --rate 3", 2, "rate 3 diverges"},
	{"run --data good.csv --n 5", 2, "--n is for generated data"},
	{"run --data missing.csv", 1, "missing.csv: no such file"},
	{"run --data good.csv --separator pipe", 2, `--separator "pipe" is not one of`},
	{"run --data good.csv --header perhaps", 2, `--header "perhaps" is not one of`},
	{"run --data good.csv --target z", 2, `"z"`},
	{"run --data const.csv", 1, `column "c": every value is 5`},
	{"run --data big.csv --standardize=false --contenders loop", 2, "1e+100 is beyond f32"},
	{"sweep --n 10..5", 2, `"10..5" goes down: write 5..10`},
	{"sweep --n 0..1", 2, "0 is below 1"},
	{"sweep --n 5", 2, "--n 5: one size is no sweep"},
	{"sweep --n 7,7", 2, "--n 7: one size is no sweep"},
	{"sweep --n few", 2, `"few" is not a whole number`},
	{"sweep --n 1e3..1e12", 2, "--n 1000000000000 --features 1 needs 14901.2 GiB for the data alone, and this machine has"},
	{"sweep --n 1e3,1e6 --features 1,1e6", 2, "--n 1000000 --features 1000000 needs"},
	{"sweep --features 1e9", 2, "--n 1024 --features 1000000000 needs"},
	{"sweep --features 1e6 --n 8,16", 2, "--features 1000000 needs 7450.6 GiB for the exact answer, and this machine has"},
	{"sweep --features 0,1", 2, "0 is below 1"},
	{"sweep --features 1,2 --weights 1,2", 2, "--weights are of one number of features, and --features 1,2 are several"},
	{"sweep --weights 1", 2, "weights"},
	{"sweep --rate 5", 2, "rate 5 diverges"},
	{"sweep --rate 0", 2, "--rate 0: it must be positive"},
	{"sweep --epochs 0", 2, "--epochs 0: at least 1"},
	{"sweep --noise -1", 2, "oise"},
	{"sweep --blocks 0", 2, "--blocks 0: at least 1"},
	{"sweep --budget 0s", 2, "--budget 0s: it must be positive"},
	{"sweep --timeout 0s", 2, "--timeout 0s: it must be positive"},
	{"sweep --resolution 1", 2, "--resolution 1: it is a share of the time"},
	{"sweep --processes 3", 2, "unknown flag: --processes"},
	{"sweep --data good.csv", 2, "--data is about a data file, and a sweep generates data of many sizes"},
	{"sweep --target y --data good.csv", 2, "--data is about a data file"},
	{"sweep --standardize", 2, "--standardize is about a data file"},
	{"sweep loop", 2, `"loop" is a second side, and there is no first one`},
	{"sweep --details trust", 2, `argument "trust" is one too many`},
	{"sweep --between loop simd numpy", 2, `argument "numpy" is one too many`},
	{`sweep --between loop ""`, 2, "the second side is empty"},
	{`sweep --between ""`, 2, "--between is given without a value"},
	{"sweep --between nosuch", 2, `--between: no contender matches "nosuch"`},
	{"sweep --between loop", 2, "--between loop names 1 side, and a sweep is between two"},
	{"sweep --between loop,simd,numpy", 2, "--between loop,simd,numpy names 3 sides, and a sweep is between two"},
	{"sweep --between loop,nosuch", 2, `--between: no contender matches "nosuch"`},
	{"sweep --between loop,smid", 2, `--between: no contender matches "smid"`},
	{"sweep --between loop,[", 2, "syntax error in pattern"},
	{"sweep --between loop, simd", 2, `--between: no contender matches ""`},
	{"sweep --between loop simd,", 2, `--between: no contender matches ""`},
	{"sweep --between loop,simd/f32", 2, `--between: no contender matches "simd/f32" in the precisions of the sweep`},
	{"sweep --between loop/f64,simd/f32 --precision f32,f64", 2, "loop/f64 and simd/f32 have no precision in common"},
	{"sweep --between simd,s*", 2, "--between: simd/f64 is on both sides"},
	{"sweep --between loop,gram", 2, "--between: gram is another algorithm (†)"},
	{"sweep --between loop,simd --contenders loop", 2, "--contenders and --between exclude each other"},
	{"sweep --between loop,simd --peers numpy", 2, "--peers and --between exclude each other"},
	{"sweep --between loop,simd --program mine/f64=true", 2, "--program mine/f64 is on no side of --between"},
	{"sweep --program mine/f32=true", 2, "--program mine/f32: without --precision only f64 is measured"},
	{"sweep --contenders tpu", 2, `no contender matches "tpu"`},
	{"sweep --precision f16", 2, `precision "f16" is neither f32 nor f64`},
	{"sweep --cost 0.40", 2, `"0.40" is not a name and its price`},
	{"sweep --cost cpu=1", 2, "--cost has one price, and each side needs one"},
	{"sweep --cost cpu=1,tpu=2", 2, `--cost: there is no side "tpu"`},
	{"sweep --cost cpu=1,gpu=-2", 2, "a price must be positive"},
	{"sweep --cost cpu=1,first=2", 2, "--cost cpu=1,first=2: a side has two prices"},
	{"sweep --between loop,simd --cost cpu=1,gpu=2", 2, `--cost: there is no side "cpu" or "gpu"`},
	{"sweep --between loop,simd gonum --cost loop,simd=1,gonum=2", 2, "first and second name the sides too"},
	{"sweep --format yaml", 2, `format "yaml" is not one of`},
	{"sweep --details=nonsense", 2, `--details: `},
	{"sweep --out good.csv", 2, "it exists, and results are not overwritten"},
	{"sweep --append", 2, "--append needs --out"},
	{"sweep --resume missing.csv", 2, "missing.csv: no such file"},
	{"sweep --resume good.csv --out r.jsonl", 2, "--out and --resume exclude each other"},
	{"sweep --gl-provider wgl", 2, `--gl-provider "wgl" is not one of auto, glfw, egl`},
	{"fit", 2, "the data file is missing"},
	{"fit a b", 2, `argument "b" is one too many`},
	{"fit missing.csv", 1, "missing.csv: no such file"},
	{"fit folder", 1, "folder"},
	{"fit notes.pdf", 1, "notes.pdf"},
	{"fit empty.csv", 1, "empty.csv"},
	{"fit header.csv", 1, "header.csv"},
	{"fit one.csv", 1, "one.csv"},
	{"fit word.csv", 1, `word.csv:3: column 2 ("b"): "n/a" is not a number`},
	{"fit hole.csv", 1, "hole.csv:3: column 1"},
	{"fit nan.csv", 1, "nan.csv:3: column 1"},
	{"fit inf.csv", 1, "inf.csv:3: column 1"},
	{"fit ragged.csv", 1, "ragged.csv:3"},
	{"fit quote.csv", 1, "quote.csv:2"},
	{"fit bad.npy", 1, "bad.npy"},
	{"fit short.csv.gz", 1, "short.csv.gz"},
	{"fit twins.csv", 1, `rank 2 of 3; these columns are combinations of the intercept and those before them: "b"`},
	{"fit few.csv", 1, "2 samples"},
	{"fit --target z good.csv", 2, `"z"`},
	{"fit --target x --ignore x good.csv", 2, "the target, column 1, is ignored too"},
	{"fit --ignore x good.csv", 2, "a target and at least one feature are needed"},
	{"fit --target 9 good.csv", 2, "columns are numbered from 1 to 2"},
	{"fit --solver magic good.csv", 2, `--solver "magic" is not one of gd, ols`},
	{"fit --solver ols --rate 1 good.csv", 2, "--rate is for --solver gd"},
	{"fit --solver ols --epochs 5 good.csv", 2, "--epochs is for --solver gd"},
	{"fit --contender gl-* good.csv", 2, "contenders, one is needed"},
	{"fit --contender tpu good.csv", 2, `no contender matches "tpu"`},
	{"fit --rate -1 good.csv", 2, "--rate -1: it must be positive"},
	{"fit --rate 100 good.csv", 2, "rate 100 diverges"},
	{"fit --epochs 0 good.csv", 2, "--epochs 0: at least 1"},
	{"fit --tolerance 2 good.csv", 2, "--tolerance 2"},
	{"fit --format csv good.csv", 2, `--format "csv" is not one of text, json`},
	{"devices --format csv", 2, `--format "csv" is not one of text, json`},
	{"devices extra", 2, `argument "extra" is one too many`},
	{"devices --probe=often", 2, `invalid argument "often" for "--probe"`},
	{"devices --contenders gl-graph", 2, "--contenders is for --selftest"},
	{"devices --probe --contenders gl-graph", 2, "--contenders is for --selftest"},
	{"devices --selftest --contenders loop", 2, `no contender matches "loop"`},
	{`devices --selftest --contenders ""`, 2, "--contenders is given without a value"},
	{"devices --selftest --contenders [", 2, "syntax error in pattern"},
	{"devices --gl-provider wgl", 2, `--gl-provider "wgl" is not one of`},
	{"report", 1, "there is no results file in"},
	{`report ""`, 2, "the name of a results file is empty"},
	{"report --list r.jsonl", 2, `--list takes no file, and "r.jsonl" is one`},
	{"report --list --format csv", 2, `--format "csv" is not one of text, json`},
	{"report --wide r.jsonl", 2, "--wide is for --format csv"},
	{"report --sort speed r.jsonl", 2, `--sort "speed" is not one of time, order`},
	{"report missing.csv", 1, "missing.csv: no such file"},
	{"report good.csv", 1, `good.csv:1: "x,y" is not a JSON object`},
	{"report --format yaml good.csv", 2, `format "yaml" is not one of`},
	{"worker", 2, "the contender's name is missing"},
	{"worker tpu/f64", 2, `there is no contender "tpu/f64"`},
}

// mistakeFiles are the contents of data files, by name.
var mistakeFiles = map[string]string{
	"good.csv":     "x,y\n1,2\n2,4\n3,7\n",
	"const.csv":    "c,x,y\n5,1,2\n5,2,4\n5,3,6\n",
	"big.csv":      "x,y\n1,1e100\n2,2\n",
	"notes.pdf":    "x",
	"empty.csv":    "",
	"header.csv":   "a,b\n",
	"one.csv":      "a\n1\n2\n",
	"word.csv":     "a,b\n1,2\n1,n/a\n",
	"hole.csv":     "a,b\n1,2\n,3\n",
	"nan.csv":      "a,b\n1,2\nNaN,3\n",
	"inf.csv":      "a,b\n1,2\n1e999,3\n",
	"ragged.csv":   "a,b\n1,2\n1\n",
	"quote.csv":    "a,b\n1,\"2\n",
	"bad.npy":      "not numpy at all",
	"short.csv.gz": "not gzip",
	"twins.csv":    "a,b,y\n1,2,1\n2,4,2\n3,6,4\n4,8,5\n",
	"few.csv":      "a,b,y\n1,2,1\n2,5,2\n",
}

// Every mistake gives exit status 1 or 2, and one line that says what is wrong. No worker is
// started.
func TestMistakesGiveOneClearLine(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range mistakeFiles {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range mistakes {
		t.Run(c.args, func(t *testing.T) {
			before := listing(t, dir)
			var stdout, stderr bytes.Buffer
			status := run(fields(c.args), strings.NewReader(""), &stdout, &stderr)
			if status != c.status {
				t.Errorf("exit status %d, want %d", status, c.status)
			}
			line, rest, _ := strings.Cut(stderr.String(), "\n")
			if !strings.HasPrefix(line, "descent: error: ") || !strings.Contains(line, c.want) {
				t.Errorf("stderr %q, want %q in its first line", stderr.String(), c.want)
			}
			if rest != "" && (!strings.HasPrefix(rest, "descent: hint: ") || strings.Count(rest, "\n") != 1) {
				t.Errorf("after the error stands %q, not one hint", rest)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout %q", stdout.String())
			}
			if after := listing(t, dir); after != before {
				t.Errorf("files before: %s; after: %s", before, after)
			}
		})
	}
}

// fields splits a command line at blanks; "" stands for an empty argument.
func fields(line string) []string {
	args := strings.Fields(line)
	for i := range args {
		if args[i] == `""` {
			args[i] = ""
		}
	}
	return args
}

// listing names the files in dir.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
