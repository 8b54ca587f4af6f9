package main

import (
	"cmp"
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
	"descent/bench/typeset"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/screen"
	"descent/cmd/internal/value"
	"descent/dataset"
	"descent/dataset/file"
)

// problemFlags choose the data and the descent.
type problemFlags struct {
	n, features value.Count
	descentFlags
	file        fileFlags
	data        string
	standardize bool
}

// descentFlags choose the descent, and data of any size.
type descentFlags struct {
	epochs      value.Count
	rate, noise float64
	weights     []float64
	seed        uint64
}

// register adds the flags. about is the text about the rate.
func (f *descentFlags) register(cmd *cobra.Command, rate float64, about string) {
	f.epochs = 10_000
	flags := cmd.Flags()
	flags.Var(&f.epochs, "epochs", "updates of the weights")
	flags.Float64Var(&f.rate, "rate", rate, about)
	flags.Float64Var(&f.noise, "noise", 0.1, "deviation of the generated noise")
	flags.Float64SliceVar(&f.weights, "weights", nil, "intercept and slopes, as `numbers`")
	flags.Lookup("weights").DefValue = "3,2,…"
	flags.Uint64Var(&f.seed, "seed", 1, "of the data, and of the order of samples")
}

// spec says how to generate data of a size.
func (f *descentFlags) spec(n, features int) dataset.Spec {
	weights := f.weights
	if weights == nil {
		weights = dataset.DefaultWeights(max(0, features))
	}
	return dataset.Spec{N: n, P: features, Noise: f.noise, Weights: weights, Seed: f.seed}
}

// standardRate is the rate for generated data: the article's.
const standardRate = 0.001

// fileFlags say how to read a data file.
type fileFlags struct {
	target, separator, header string
	ignore                    []string
}

func (f *fileFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", "", "`column` to predict, name or number (default the last)")
	flags.StringSliceVar(&f.ignore, "ignore", nil, "`columns` to leave out, names or numbers")
	flags.StringVar(&f.separator, "separator", "auto", "of a CSV file: comma, semicolon, tab")
	flags.StringVar(&f.header, "header", "auto", "has a CSV file column names: yes, no")
	complete(cmd, "separator", separatorNames...)
	complete(cmd, "header", headerNames...)
}

var (
	separatorNames = []string{"auto", "comma", "semicolon", "tab"}
	headerNames    = []string{"auto", "yes", "no"}
)

func (f *fileFlags) options() (file.Options, error) {
	o := file.Options{Target: f.target, Ignore: f.ignore}
	separators := map[string]byte{"auto": 0, "comma": ',', "semicolon": ';', "tab": '\t', ",": ',', ";": ';', "\t": '\t'}
	headers := map[string]file.HeaderMode{"auto": file.HeaderAuto, "yes": file.HeaderYes, "no": file.HeaderNo}
	var known bool
	if o.Separator, known = separators[f.separator]; !known {
		return o, checkChoice("separator", f.separator, separatorNames...)
	}
	o.Header = headers[f.header]
	return o, checkChoice("header", f.header, headerNames...)
}

// read reads a table, and standardises it if it is asked to. Otherwise scaling is nil.
func (f *fileFlags) read(path string, standardized bool) (t *file.Table, p *dataset.Problem, scaling *dataset.Scaling, err error) {
	o, err := f.options()
	if err != nil {
		return nil, nil, nil, err
	}
	if t, err = file.Open(path, o); err != nil {
		if column, is := errors.AsType[*file.ColumnError](err); is {
			err = usage(err, didYouMean(column.Want, column.Names))
		}
		return nil, nil, nil, err
	}
	if p = t.Problem; standardized {
		p, scaling, err = standardize(t)
	}
	return t, p, scaling, err
}

func (f *problemFlags) register(cmd *cobra.Command) {
	f.n, f.features = 10_000, 1
	flags := cmd.Flags()
	flags.Var(&f.n, "n", "rows to generate")
	flags.Var(&f.features, "features", "features to generate")
	f.descentFlags.register(cmd, 0, "step size (default 0.001; with --data 1/λmax)")
	flags.StringVar(&f.data, "data", "", "your own `file`: .csv, .tsv, .txt (.gz too) or .npy")
	flags.BoolVar(&f.standardize, "standardize", true, "bring --data to mean 0, deviation 1")
	f.file.register(cmd)
}

// problem generates or reads the data, and writes into the plan what they are.
func (f *problemFlags) problem(cmd *cobra.Command, plan *journal.Plan) (*dataset.Problem, error) {
	if err := atLeastOne("epochs", int(f.epochs)); err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("rate") {
		if err := positive("rate", f.rate); err != nil {
			return nil, err
		}
	}
	plan.Epochs, plan.Rate, plan.Seed = int(f.epochs), f.rate, f.seed
	var p *dataset.Problem
	var err error
	if f.data != "" {
		p, err = f.read(cmd, plan)
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
	return fmt.Sprintf("generating %s rows", typeset.Count(int(f.n)))
}

func (f *problemFlags) generate(cmd *cobra.Command, plan *journal.Plan) (*dataset.Problem, error) {
	for _, name := range []string{"target", "ignore", "standardize", "separator", "header"} {
		if cmd.Flags().Changed(name) {
			return nil, usage(fmt.Errorf("--%s is for --data, and no data file is named", name), "")
		}
	}
	spec := f.spec(int(f.n), int(f.features))
	plan.Noise, plan.Weights, plan.Rate = spec.Noise, spec.Weights, cmp.Or(f.rate, standardRate)
	if err := checkMemory(int(f.n), int(f.features)); err != nil {
		return nil, err
	}
	p, err := dataset.Generate(spec)
	return p, usage(err, "")
}

// checkMemory refuses data that exceed the machine's memory: n×(features+1) float64. It also
// refuses features for which the exact answer needs more: (features+1)² float64. Contenders need
// more than that, and say so when they load.
func checkMemory(n, features int) error {
	memory, err := mem.VirtualMemory()
	if err != nil {
		return nil // the size of the memory is not known, so the allocation will show
	}
	const gib = 1 << 30
	columns, room := float64(features)+1, float64(memory.Total)
	switch data, exact := 8*float64(n)*columns, 8*columns*columns; {
	case data > room:
		return usage(fmt.Errorf("--n %d --features %d needs %.1f GiB for the data alone, and this machine has %.1f GiB", n, features, data/gib, room/gib), "")
	case exact > room:
		return usage(fmt.Errorf("--features %d needs %.1f GiB for the exact answer, and this machine has %.1f GiB", features, exact/gib, room/gib), "")
	}
	return nil
}

// read reads --data, and chooses a rate for them if --rate is not given.
func (f *problemFlags) read(cmd *cobra.Command, plan *journal.Plan) (*dataset.Problem, error) {
	for _, name := range []string{"n", "features", "noise", "weights"} {
		if cmd.Flags().Changed(name) {
			return nil, usage(fmt.Errorf("--%s is for generated data, and --data names a file", name), "")
		}
	}
	_, p, _, err := f.file.read(f.data, f.standardize)
	if err != nil {
		return nil, err
	}
	plan.Data, plan.Standardized = f.data, f.standardize
	if plan.Rate == 0 {
		t, err := dataset.NewTrajectory(p, dataset.Float64)
		if err != nil {
			return nil, err
		}
		plan.Rate = t.SafeRate()
	}
	return p, nil
}

// choices says what was chosen for a data file, because no flag says it: "" if nothing was.
func (f *problemFlags) choices(cmd *cobra.Command, plan journal.Plan) string {
	var chosen, flags []string
	if plan.Standardized && !cmd.Flags().Changed("standardize") {
		chosen, flags = append(chosen, "features and target standardised"), append(flags, "--standardize=false")
	}
	if f.data != "" && !cmd.Flags().Changed("rate") {
		chosen, flags = append(chosen, fmt.Sprintf("rate %.4g = 1/λmax", plan.Rate)), append(flags, "--rate")
	}
	if chosen == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s (to change it: %s)", f.data, strings.Join(chosen, ", "), strings.Join(flags, ", "))
}

// rateHint returns what can be done about a rate at which the descent diverges, "" if err is of
// another kind. own says that the data are the user's.
func rateHint(err error, own bool) string {
	diverges, is := errors.AsType[*dataset.RateError](err)
	switch {
	case !is:
		return ""
	case own:
		return fmt.Sprintf("leave --rate out: it is 1/λmax then, here %.4g", diverges.Safe())
	}
	return fmt.Sprintf("'--rate %g' works: it is 1/λmax", diverges.Safe())
}

var precisionNames = []string{"f32", "f64"}

// contenderFlags choose who runs, and within what limits.
type contenderFlags struct {
	contenders []string
	precisions []string
	standard   []string // precisions if --precision is not given; none are all
	programs   []string
	workers    workerFlags
	timeout    time.Duration
	memory     value.Size
}

func (f *contenderFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.contenders, "contenders", nil, "who runs, `names` or globs as 'gl-*' (default built-ins)")
	flags.StringSliceVar(&f.precisions, "precision", nil, "only these `kinds`: f32, f64 (default both)")
	flags.StringArrayVar(&f.programs, "program", nil, "outside `program`, NAME/PRECISION=COMMAND; repeatable")
	f.registerWorkers(cmd)
	complete(cmd, "contenders", bench.Names(append(builtin.Contenders(builtin.Options{}), peers.Home{}.Contenders(1)...))...)
	complete(cmd, "precision", precisionNames...)
}

// registerWorkers adds the flags that each worker is told, and the limits on its time and memory.
func (f *contenderFlags) registerWorkers(cmd *cobra.Command) {
	f.workers.register(cmd)
	cmd.Flags().DurationVar(&f.timeout, "timeout", 5*time.Minute, "longest wait for one answer of a worker")
	cmd.Flags().Var(&f.memory, "memory", "most memory of a worker, as 2GiB (Linux only)")
}

func (f *contenderFlags) limits() bench.Limits {
	return bench.Limits{Timeout: f.timeout, Memory: int64(f.memory)}
}

// check refuses limits that cannot be kept, and other mistakes about workers.
func (f *contenderFlags) check() error {
	if err := positive("timeout", f.timeout); err != nil {
		return err
	}
	if f.memory > 0 {
		if err := bench.CanLimitMemory(); err != nil {
			return usage(fmt.Errorf("--memory: %w", err), "leave it out, or set a limit from outside")
		}
	}
	return f.workers.check()
}

// selected returns the built-in contenders and the programs that the flags choose. It also returns
// the patterns of --contenders that choose among peers, and the precisions of --precision, none if
// it is not given. builds run whatever the flags choose, as programs do; patterns may name them.
func (f *contenderFlags) selected(builds []bench.Contender) (chosen []bench.Contender, peerPatterns []string, precisions []dataset.Precision, err error) {
	if err = f.check(); err != nil {
		return nil, nil, nil, err
	}
	if precisions, err = f.kinds(); err != nil {
		return nil, nil, nil, err
	}
	programs, err := f.outside(precisions)
	if err != nil {
		return nil, nil, nil, err
	}
	chosen = bench.OfPrecision(builtin.Contenders(f.workers.Options), precisions)
	if len(f.contenders) > 0 {
		known := bench.OfPrecision(peers.Home{}.Contenders(1), precisions)
		chosen, peerPatterns, err = choose(f.contenders, chosen, slices.Concat(programs, builds), known)
	}
	return append(chosen, programs...), peerPatterns, precisions, err
}

// chooseAll returns the contenders that the flags choose. --program and --peers add to
// --contenders, which may name peers too, and so do builds. remove removes the files of the peers'
// programs.
func chooseAll(f *contenderFlags, p *peerFlags, builds []bench.Contender) (all []bench.Contender, remove func() error, err error) {
	chosen, patterns, precisions, err := f.selected(builds)
	if err != nil {
		return nil, nil, err
	}
	others, remove, err := p.selected(patterns, precisions, f.workers.Bound())
	if err != nil {
		return nil, nil, err
	}
	for _, c := range others {
		if slices.Contains(bench.Names(chosen), c.Name()) {
			err := usage(fmt.Errorf("--program %s: one of --peers has this name", c.Name()), "give it another")
			return nil, nil, errors.Join(err, remove())
		}
	}
	return append(chosen, others...), remove, nil
}

// kinds returns the precisions of the contenders. None are all.
func (f *contenderFlags) kinds() (precisions []dataset.Precision, err error) {
	names := f.precisions
	if names == nil {
		names = f.standard
	}
	for _, name := range names {
		p, err := dataset.ParsePrecision(name)
		if err != nil {
			return nil, usage(fmt.Errorf("--precision: %w", err), didYouMean(name, precisionNames))
		}
		precisions = append(precisions, p)
	}
	return precisions, nil
}

// choose returns the contenders of ours that the patterns match, and the patterns that choose among
// peers: those that match nothing of ours and no program. A pattern that matches nothing is a
// mistake. Programs need not be chosen, because they all run.
func choose(patterns []string, ours, programs, known []bench.Contender) (chosen []bench.Contender, peerPatterns []string, err error) {
	all := slices.Concat(ours, programs, known)
	matched := map[string]bool{}
	for _, pattern := range patterns {
		found, err := bench.Select(all, []string{pattern})
		if err != nil {
			return nil, nil, selectError("--contenders", err)
		}
		among := func(list []bench.Contender) bool {
			return slices.ContainsFunc(list, func(c bench.Contender) bool { return slices.Contains(bench.Names(found), c.Name()) })
		}
		if !among(ours) && !among(programs) {
			peerPatterns = append(peerPatterns, pattern)
		}
		for _, c := range found {
			matched[c.Name()] = true
		}
	}
	chosen = slices.DeleteFunc(ours, func(c bench.Contender) bool { return !matched[c.Name()] })
	return chosen, peerPatterns, nil
}

// selectError marks an error of bench.Select as a mistake in a flag. Its hint has the nearest names
// or else all backends.
func selectError(flag string, err error) error {
	if err == nil {
		return nil
	}
	hint := ""
	if none, is := errors.AsType[*bench.NoMatchError](err); is {
		var backends []string
		for _, c := range none.Contenders {
			backends = append(backends, c.Backend)
		}
		backends = slices.Compact(backends)
		hint = cmp.Or(didYouMean(none.Pattern, backends), didYouMean(none.Pattern, bench.Names(none.Contenders)), "there are "+strings.Join(backends, ", "))
	}
	return usage(fmt.Errorf("%s: %w", flag, err), hint)
}

// outside returns the programs of --program. It refuses one that --precision leaves out.
func (f *contenderFlags) outside(precisions []dataset.Precision) (programs []bench.Contender, err error) {
	for _, s := range f.programs {
		c, err := parseProgram(s, append(builtin.Contenders(f.workers.Options), programs...))
		if err != nil {
			return nil, usage(fmt.Errorf("--program %q: %w", s, err), "")
		}
		switch out := len(precisions) > 0 && !slices.Contains(precisions, c.Precision); {
		case out && f.precisions == nil:
			return nil, usage(fmt.Errorf("--program %s: without --precision only %s is measured", c.Name(), strings.Join(f.standard, ",")), fmt.Sprintf("'--precision %v' lets it in", c.Precision))
		case out:
			return nil, usage(fmt.Errorf("--program %s: --precision %s leaves it out", c.Name(), strings.Join(f.precisions, ",")), "leave out one of the two flags")
		}
		c.Env, c.SlowStart = peers.ThreadEnv(f.workers.Bound()), peers.StartsSlowly(c.Backend)
		programs = append(programs, c)
	}
	return programs, nil
}

// parseProgram reads NAME/PRECISION=COMMAND ARGUMENTS. It splits the command at blanks. A command
// that needs quotes must be put into a script.
func parseProgram(s string, taken []bench.Contender) (bench.Contender, error) {
	name, command, _ := strings.Cut(s, "=")
	backend, precision, _ := strings.Cut(name, "/")
	c := bench.Contender{Backend: backend, Command: strings.Fields(command)}
	if backend == "" || precision == "" || len(c.Command) == 0 {
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
	cmd.Flags().StringVar(format, "format", "text", strings.Join(names, ", "))
	complete(cmd, "format", names...)
}

// registerReportFormat adds --format for a report.
func registerReportFormat(cmd *cobra.Command, format *string) {
	registerFormat(cmd, format, report.Formats()...)
}

func checkReportFormat(format string) error {
	return usage(report.CheckFormat(format), didYouMean(format, report.Formats()))
}

// textOrJSON are the formats of all output that is not a report.
var textOrJSON = []string{"text", "json"}

func checkTextOrJSON(format string) error {
	return checkChoice("format", format, textOrJSON...)
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

// atLeastOne refuses a flag's value below 1.
func atLeastOne(flag string, value int) error {
	if value < 1 {
		return usage(fmt.Errorf("--%s %d: at least 1 is needed", flag, value), "")
	}
	return nil
}

// positive refuses a flag's value that is not above 0, NaN too.
func positive[T float64 | time.Duration](flag string, value T) error {
	if !(value > 0) {
		return usage(fmt.Errorf("--%s %v: it must be positive", flag, value), "")
	}
	return nil
}

// complete makes values the completions of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag was registered a line above
	}
}

// checkChoice refuses a flag's value that is not one of the choices.
func checkChoice(flag, value string, choices ...string) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return usage(fmt.Errorf("--%s %q is not one of %s", flag, value, strings.Join(choices, ", ")), didYouMean(value, choices))
}
