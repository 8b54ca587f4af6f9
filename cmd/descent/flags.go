package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/mem"
	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/peers"
	"descent/bench/report"
	"descent/dataset"
	"descent/dataset/file"
)

// A countFlag is an integer, below 2⁵³, that may be written 10000, 10_000 or 1e4. It is
// decimal with leading zeros too.
type countFlag int

func (c *countFlag) String() string { return strconv.Itoa(int(*c)) }
func (c *countFlag) Type() string   { return "count" }

func (c *countFlag) Set(s string) error {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 0)
	f := float64(n)
	if err != nil {
		f, err = strconv.ParseFloat(s, 64)
	}
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return fmt.Errorf("%q is not a whole number below 2⁵³", s)
	}
	*c = countFlag(f)
	return nil
}

// problemFlags choose the data.
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
	flags.StringVar(&f.target, "target", "", "column that is the target, by name or number from 1 (default the last)")
	flags.StringSliceVar(&f.ignore, "ignore", nil, "columns to leave out, by name or number, whatever they hold")
	flags.StringVar(&f.separator, "separator", "auto", "between the fields of a CSV file: auto, comma, semicolon or tab")
	flags.StringVar(&f.header, "header", "auto", "whether the CSV file begins with column names: auto, yes or no")
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
	flags.Var(&f.n, "n", "samples to generate")
	flags.Var(&f.features, "features", "features to generate")
	flags.Var(&f.epochs, "epochs", "updates of the weights")
	flags.Float64Var(&f.rate, "rate", 0.001, "step size; must be below 2/λmax")
	flags.Float64Var(&f.noise, "noise", 0.1, "standard deviation of the generated noise")
	flags.Float64SliceVar(&f.weights, "weights", nil, "intercept and slopes to generate from")
	flags.Lookup("weights").DefValue = "3,2, and more for more features"
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the generated data and of the order of the samples")
	flags.StringVar(&f.data, "data", "", "take the data from this .csv, .tsv or .npy file instead")
	flags.BoolVar(&f.standardize, "standardize", false, "bring the features and the target of --data to mean 0 and standard deviation 1")
	f.file.register(cmd)
}

// problem generates or reads the data, and fills in the plan's part about them.
func (f *problemFlags) problem(cmd *cobra.Command, plan *journal.Plan) (*dataset.Problem, error) {
	if f.epochs < 1 {
		return nil, usage(fmt.Errorf("--epochs %d: at least 1 is needed", f.epochs), "")
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

// checkMemory refuses sizes whose data alone, n×(features+1) float64, exceed the
// machine's memory; more precise limits show when a contender loads them.
func checkMemory(n, features int) error {
	memory, err := mem.VirtualMemory()
	if err != nil {
		return nil // not known: the allocation will show
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
	if err != nil || !f.standardize {
		return problemOf(table), err
	}
	p, _, err := standardize(table)
	return p, err
}

func problemOf(t *file.Table) *dataset.Problem {
	if t == nil {
		return nil
	}
	return t.Problem
}

// contenderFlags choose who runs, and how.
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
	flags.StringSliceVar(&f.contenders, "contenders", nil, "who runs: names or globs, as simd/f64, loop, 'gl-*' (default all)")
	flags.StringSliceVar(&f.precisions, "precision", nil, "only contenders of these: f32, f64 (default both)")
	flags.StringArrayVar(&f.programs, "program", nil, "run an outside program too, that speaks the worker protocol: 'NAME/f64=COMMAND ARGUMENTS'; may be given again")
	f.registerWorkers(cmd)
	complete(cmd, "contenders", bench.Names(contenders(workerOptions{}))...)
	complete(cmd, "precision", "f32", "f64")
}

// registerWorkers registers what each worker is told, how long it may take, and how much memory.
func (f *contenderFlags) registerWorkers(cmd *cobra.Command) {
	f.workers.register(cmd)
	cmd.Flags().DurationVar(&f.timeout, "timeout", 5*time.Minute, "for one exchange with a worker; it is killed after that")
	cmd.Flags().Var(&f.memory, "memory", "most memory of a worker, as 512MiB or 2GiB (default no limit)")
}

func (f *contenderFlags) limits() bench.Limits {
	return bench.Limits{Timeout: f.timeout, Memory: int64(f.memory)}
}

func (f *contenderFlags) selected() ([]bench.Contender, error) {
	if f.timeout <= 0 {
		return nil, usage(fmt.Errorf("--timeout %v: it must be positive", f.timeout), "")
	}
	if f.memory > 0 {
		if err := bench.CanLimitMemory(); err != nil {
			return nil, usage(fmt.Errorf("--memory: %w", err), "leave it out, or set a limit from outside")
		}
	}
	if err := f.workers.check(); err != nil {
		return nil, err
	}
	precisions, err := f.ofPrecisions()
	if err != nil {
		return nil, err
	}
	all := contenders(f.workers)
	for _, s := range f.programs {
		c, err := parseProgram(s, all)
		if err != nil {
			return nil, usage(fmt.Errorf("--program %q: %w", s, err), "")
		}
		c.Env = peers.ThreadEnv(f.workers.bound())
		all = append(all, c)
	}
	chosen, err := bench.Select(bench.OfPrecision(all, precisions), f.contenders)
	return chosen, usage(err, "")
}

// ofPrecisions are those that --precision names.
func (f *contenderFlags) ofPrecisions() (precisions []dataset.Precision, err error) {
	for _, s := range f.precisions {
		p, err := dataset.ParsePrecision(s)
		if err != nil {
			return nil, usage(fmt.Errorf("--precision: %w", err), "")
		}
		precisions = append(precisions, p)
	}
	return precisions, nil
}

// parseProgram reads NAME/PRECISION=COMMAND ARGUMENTS. The command is split at blanks;
// what needs more than that is a script.
func parseProgram(s string, taken []bench.Contender) (bench.Contender, error) {
	name, command, _ := strings.Cut(s, "=")
	backend, precision, _ := strings.Cut(name, "/")
	c := bench.Contender{Backend: backend, Command: strings.Fields(command)}
	if backend == "" || len(c.Command) == 0 {
		return c, errors.New("it is not NAME/PRECISION=COMMAND ARGUMENTS")
	}
	var err error
	if c.Precision, err = dataset.ParsePrecision(precision); err != nil {
		return c, err
	}
	if slices.Contains(bench.Names(taken), c.Name()) {
		return c, fmt.Errorf("%s is the name of another contender", c.Name())
	}
	return c, nil
}

// registerFormat adds --format.
func registerFormat(cmd *cobra.Command, format *string, names ...string) {
	cmd.Flags().StringVar(format, "format", "text", strings.Join(names, ", "))
	complete(cmd, "format", names...)
}

// textOrJSON are the formats of what is no report.
var textOrJSON = []string{"text", "json"}

func checkTextOrJSON(format string) error {
	if slices.Contains(textOrJSON, format) {
		return nil
	}
	return usage(fmt.Errorf("--format %q is neither text nor json", format), "")
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// registerReportFormat adds --format for a report.
func registerReportFormat(cmd *cobra.Command, format *string) {
	registerFormat(cmd, format, report.Formats()...)
}

// complete makes values the completions of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag was registered a line above
	}
}
