package fake

import (
	"fmt"
	"strings"

	"descent/bench/journal"
)

// Lines of a results file with one contender, loop/f64. Ceiling and Sweep are parts of a header.
const (
	Header     = `{"header":{"schema":2,"time":"2026-01-02T03:04:05Z","plan":{"n":10,"features":1,"epochs":100,"rate":0.1,"seed":1},"env":{},"contenders":[{"backend":"loop","precision":"f64"}]}}`
	Started    = `{"process":{"contender":"loop/f64","process":0,"info":{"device":"cpu"},"init_ns":5,"load_ns":6}}`
	Sample     = `{"sample":{"contender":"loop/f64","process":0,"block":0,"epochs":100,"run_ns":1000,"wall_ns":1100,"w":[3,2],"max_error":1e-12,"tolerance":1e-9}}`
	Fault      = `{"fault":{"contender":"loop/f64","process":0,"error":"loop/f64: descend: the worker ended"}}`
	End        = `{"end":{"reason":"complete","total_ns":5}}`
	FirstEpoch = `{"sample":{"contender":"loop/f64","process":0,"block":0,"warmup":true,"epochs":1,"run_ns":700,"wall_ns":1100,"w":[3,2],"max_error":1e-12,"tolerance":1e-9}}`
	Resume     = `{"resume":{"time":"2026-01-02T04:04:05Z","machine":[{"what":"load","value":"0.1","grade":"good"}]}}`
	Warm       = `{"warm":{"contender":"loop/f64","process":0,"samples":8,"settled":true,"epochs":100,"calls":7,"overhead_ns":90}}`
	Twin       = `{"twin":{"backend":"loop","precision":"f64","twin":true}}`
	Several    = `{"sample":{"contender":"loop/f64","process":0,"block":0,"epochs":100,"calls":7,"run_ns":7000,"wall_ns":7100,"spin_ns":[900,1200],"awake":["loop/f64:twin"],"w":[3,2],"max_error":1e-12,"tolerance":1e-9}}`
	Exit       = `{"exit":{"contender":"loop/f64","process":0,"peak_bytes":4096}}`
	Swept      = `{"swept":{"reason":"complete","total_ns":9}}`
	Sweep      = `"sweep":{"id":"5eed","sizes":[10],"features":[1],"epochs":100,"budget_ns":60000000000,"visit":0,"role":"grid"},`
	Ceiling    = `"ceilings":[{"device":"cpu","bytes":160,"bytes_per_s":1e10}],"data_sum":"crc32c:01234567","flags":{"n":["10"]},`
)

// Decode reads these lines as a results file, and returns its last run.
func Decode(lines ...string) (*journal.Results, error) {
	runs, err := journal.Decode(strings.NewReader(strings.Join(lines, "\n")+"\n"), "r.jsonl")
	if err != nil {
		return nil, err
	}
	return runs[len(runs)-1], nil
}

// OfProcess turns a line of process 0 into the same line of another process.
func OfProcess(process, line string) string {
	return strings.Replace(line, `"process":0`, `"process":`+process, 1)
}

// OfTwin turns a line of loop/f64 into the same line of its twin.
func OfTwin(line string) string {
	return strings.Replace(line, `"contender":"loop/f64"`, `"contender":"loop/f64:twin"`, 1)
}

// Generations returns the lines of a run with n processes of a contender and n of its twin.
func Generations(n int) []string {
	lines := []string{strings.Replace(Header, `"env"`, Ceiling+`"env"`, 1), Twin}
	for process := range n {
		for _, line := range []string{Started, Warm, FirstEpoch, Several, strings.Replace(Several, "7000", "7035", 1), Exit} {
			line = OfProcess(fmt.Sprint(process), line)
			lines = append(lines, line, OfTwin(line))
		}
	}
	return lines
}
