package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/mem"
	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/peers"
	"descent/bench/report"
	"descent/cmd/internal/screen"
	"descent/dataset"
	"descent/dataset/file"
)

// problemFlags choose the data and the descent.
type problemFlags struct {
	n, features, epochs countFlag
	rate, noise         float64
	weights             []float64
	seed                uint64
	file                fileFlags
	data                string
	standardize         bool
}

// fileFlags say how to read a data file.
type fileFlags struct {
	target, separator, header string
	ignore                    []string
}

func (f *fileFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", "", "the `column` to predict, by its name or its number, counted from 1 (default the last)")
	flags.StringSliceVar(&f.ignore, "ignore", nil, "`columns` to leave out, by name or number; they may hold text (default none)")
	flags.StringVar(&f.separator, "separator", "auto", "what stands between the fields of a CSV file: auto, comma, semicolon or tab")
	flags.StringVar(&f.header, "header", "auto", "does the CSV file begin with column names? auto, yes or no")
	complete(cmd, "separator", "auto", "comma", "semicolon", "tab")
	complete(cmd, "header", "auto", "yes", "no")
}

func (f *fileFlags) options() (file.Options, error) {
	o := file.Options{Target: f.target, Ignore: f.ignore}
	separators := map[string]byte{"auto": 0, "comma": ',', "semicolon": ';', "tab": '\t', ",": ',', ";": ';', "\t": '\t'}
	headers := map[string]file.HeaderMode{"auto": file.HeaderAuto, "yes": file.HeaderYes, "no": file.HeaderNo}
	var ok bool
	if o.Separator, ok = separators[f.separator]; !ok {
		return o, usage(fmt.Errorf("--separator %q is not one of auto, comma, semicolon, tab", f.separator), "")
	}
	if o.Header, ok = headers[f.header]; !ok {
		return o, usage(fmt.Errorf("--header %q is not one of auto, yes, no", f.header), "")
	}
	return o, nil
}

func (f *problemFlags) register(cmd *cobra.Command) {
	f.n, f.features, f.epochs = 10_000, 1, 10_000
	flags := cmd.Flags()
	flags.Var(&f.n, "n", "N, the number of rows to generate")
	flags.Var(&f.features, "features", "the number of features to generate")
	flags.Var(&f.epochs, "epochs", "how many times the weights are updated")
	flags.Float64Var(&f.rate, "rate", 0.001, "step size; it must be below 2/λmax, and a larger one is refused")
	flags.Float64Var(&f.noise, "noise", 0.1, "standard deviation of the noise on the generated targets")
	flags.Float64SliceVar(&f.weights, "weights", nil, "intercept and slopes to generate from, as `numbers`: 3,2")
	flags.Lookup("weights").DefValue = "3,2, and more for more features"
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the generated data, and of the order of the samples")
	flags.StringVar(&f.data, "data", "", "read the data from this `file`: .csv, .tsv or .txt (with .gz too), or .npy (default generated data)")
	flags.BoolVar(&f.standardize, "standardize", false, "bring each feature and the target of --data to mean 0 and standard deviation 1 (default off)")
	f.file.register(cmd)
}

// problem generates or reads the data, and writes into the plan what they are.
func (f *problemFlags) problem(cmd *cobra.Command, plan *journal.Plan) (*dataset.Problem, error) {
	if err := atLeastOne("epochs", int(f.epochs)); err != nil {
		return nil, err
	}
	plan.Epochs, plan.Rate, plan.Seed = int(f.epochs), f.rate, f.seed
	var p *dataset.Problem
	var err error
	if f.data != "" {
		p, err = f.read(cmd)
		plan.Data = f.data
	} else {
		p, err = f.generate(cmd, plan)
	}
	if err != nil {
		return nil, err
	}
	plan.N, plan.Features = p.N, p.P
	return p, nil
}

// source says where the data come from.
func (f *problemFlags) source() string {
	if f.data != "" {
		return "reading " + f.data
	}
	return fmt.Sprintf("generating %s rows", report.Count(int(f.n)))
}

func (f *problemFlags) generate(cmd *cobra.Command, plan *journal.Plan) (*dataset.Problem, error) {
	for _, name := range []string{"target", "ignore", "standardize", "separator", "header"} {
		if cmd.Flags().Changed(name) {
			return nil, usage(fmt.Errorf("--%s is for --data, and no data file is named", name), "")
		}
	}
	weights := f.weights
	if weights == nil {
		weights = dataset.DefaultWeights(max(0, int(f.features)))
	}
	plan.Noise, plan.Weights = f.noise, weights
	if err := checkMemory(int(f.n), int(f.features)); err != nil {
		return nil, err
	}
	p, err := dataset.Generate(dataset.Spec{N: int(f.n), P: int(f.features), Noise: f.noise, Weights: weights, Seed: f.seed})
	return p, usage(err, "")
}

// checkMemory refuses data that exceed the machine's memory: n×(features+1) float64. Contenders
// need more than that, and say so when they load.
func checkMemory(n, features int) error {
	memory, err := mem.VirtualMemory()
	if err != nil {
		return nil // the size of the memory is not known, so the allocation will show
	}
	if need := 8 * float64(n) * (float64(features) + 1); need > float64(memory.Total) {
		return usage(fmt.Errorf("--n %d --features %d needs %.1f GiB for the data alone, and this machine has %.1f GiB", n, features, need/(1<<30), float64(memory.Total)/(1<<30)), "")
	}
	return nil
}

func (f *problemFlags) read(cmd *cobra.Command) (*dataset.Problem, error) {
	for _, name := range []string{"n", "features", "noise", "weights"} {
		if cmd.Flags().Changed(name) {
			return nil, usage(fmt.Errorf("--%s is for generated data, and --data names a file", name), "")
		}
	}
	o, err := f.file.options()
	if err != nil {
		return nil, err
	}
	table, err := file.Open(f.data, o)
	if err != nil {
		return nil, err
	}
	if !f.standardize {
		return table.Problem, nil
	}
	p, _, err := standardize(table)
	return p, err
}

// contenderFlags choose who runs, and within what limits.
type contenderFlags struct {
	contenders []string
	precisions []string
	programs   []string
	workers    workerOptions
	timeout    time.Duration
	memory     sizeFlag
}

func (f *contenderFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.contenders, "contenders", nil, "who runs: `names` or globs, such as simd/f64,loop,'gl-*' (default all)")
	flags.StringSliceVar(&f.precisions, "precision", nil, "run only contenders of these `precisions`: f32, f64 (default both)")
	flags.StringArrayVar(&f.programs, "program", nil, "run an outside program too, given as `NAME/PRECISION=COMMAND`; it must speak the worker protocol; the flag may be given several times (default none)")
	f.registerWorkers(cmd)
	complete(cmd, "contenders", bench.Names(contenders(workerOptions{}))...)
	complete(cmd, "precision", "f32", "f64")
}

// registerWorkers adds the flags that each worker is told, and the limits on its time and memory.
func (f *contenderFlags) registerWorkers(cmd *cobra.Command) {
	f.workers.register(cmd)
	cmd.Flags().DurationVar(&f.timeout, "timeout", 5*time.Minute, "the longest wait for one answer of a worker; then the worker is killed")
	cmd.Flags().Var(&f.memory, "memory", "the most memory a worker may use, such as 512MiB or 2GiB; on Linux only (default no limit)")
}

func (f *contenderFlags) limits() bench.Limits {
	return bench.Limits{Timeout: f.timeout, Memory: int64(f.memory)}
}

// selected returns the contenders that the flags name, and the precisions of --precision, none if
// it is not given.
func (f *contenderFlags) selected() (chosen []bench.Contender, precisions []dataset.Precision, err error) {
	if err := positive("timeout", f.timeout); err != nil {
		return nil, nil, err
	}
	if f.memory > 0 {
		if err := bench.CanLimitMemory(); err != nil {
			return nil, nil, usage(fmt.Errorf("--memory: %w", err), "leave it out, or set a limit from outside")
		}
	}
	if err := f.workers.check(); err != nil {
		return nil, nil, err
	}
	for _, name := range f.precisions {
		p, err := dataset.ParsePrecision(name)
		if err != nil {
			return nil, nil, usage(fmt.Errorf("--precision: %w", err), "")
		}
		precisions = append(precisions, p)
	}
	all := contenders(f.workers)
	for _, s := range f.programs {
		c, err := parseProgram(s, all)
		if err != nil {
			return nil, nil, usage(fmt.Errorf("--program %q: %w", s, err), "")
		}
		c.Env, c.SlowStart = peers.ThreadEnv(f.workers.bound()), peers.StartsSlowly(c.Backend)
		all = append(all, c)
	}
	chosen, err = bench.Select(bench.OfPrecision(all, precisions), f.contenders)
	return chosen, precisions, usage(err, "")
}

// parseProgram reads NAME/PRECISION=COMMAND ARGUMENTS. It splits the command at blanks. A command
// that needs quotes must be put into a script.
func parseProgram(s string, taken []bench.Contender) (bench.Contender, error) {
	name, command, _ := strings.Cut(s, "=")
	backend, precision, _ := strings.Cut(name, "/")
	c := bench.Contender{Backend: backend, Command: strings.Fields(command)}
	if backend == "" || len(c.Command) == 0 {
		return c, errors.New("it is not NAME/PRECISION=COMMAND ARGUMENTS")
	}
	err := bench.CheckName(backend)
	if err == nil {
		c.Precision, err = dataset.ParsePrecision(precision)
	}
	if err != nil {
		return c, err
	}
	if slices.Contains(bench.Names(taken), c.Name()) {
		return c, fmt.Errorf("%s is the name of another contender", c.Name())
	}
	return c, nil
}

// registerFormat adds --format.
func registerFormat(cmd *cobra.Command, format *string, names ...string) {
	cmd.Flags().StringVar(format, "format", "text", "how the output is written: "+strings.Join(names, ", "))
	complete(cmd, "format", names...)
}

// registerReportFormat adds --format for a report.
func registerReportFormat(cmd *cobra.Command, format *string) {
	registerFormat(cmd, format, report.Formats()...)
}

func checkReportFormat(format string) error { return usage(report.CheckFormat(format), "") }

// textOrJSON are the formats of all output that is not a report.
var textOrJSON = []string{"text", "json"}

func checkTextOrJSON(format string) error {
	if slices.Contains(textOrJSON, format) {
		return nil
	}
	return usage(fmt.Errorf("--format %q is neither text nor json", format), "")
}

// textTo returns out if the format is text. Otherwise it returns a writer that keeps nothing.
func textTo(out io.Writer, format string) io.Writer {
	if format == "text" {
		return out
	}
	return io.Discard
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// reportOptions returns how a report is written to out.
func reportOptions(out io.Writer) report.Options {
	to := screen.Of(out)
	return report.Options{Color: to.Color, Width: to.Width, Height: to.Height, ASCII: to.ASCII}
}

// complete makes values the completions of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag was registered a line above
	}
}
