package report

import (
	"encoding/json"
	"io"

	"descent/bench"
)

// jsonValue renders a run as one object, {"env":{…},"plan":{…},"rows":[…],"end":"…"}, and
// several as an array of them.
func jsonValue(w io.Writer, reps []*bench.Report, _ Options) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if len(reps) == 1 {
		return enc.Encode(reps[0])
	}
	return enc.Encode(reps)
}
