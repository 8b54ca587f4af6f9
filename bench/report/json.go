package report

import (
	"encoding/json"
	"io"

	"descent/bench"
)

// jsonObject renders the rows as one object: {"env":{…},"plan":{…},"rows":[…],"end":"…"}.
func jsonObject(w io.Writer, rep *bench.Report, _ Options) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(rep)
}
