package report

import (
	"encoding/json"
	"io"
)

// jsonValue renders one value as an object, of a run {"env":{…},"plan":{…},"rows":[…],"end":"…"}, and
// several as an array of them.
func jsonValue[T any](w io.Writer, values []*T, _ Options) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if len(values) == 1 {
		return enc.Encode(values[0])
	}
	return enc.Encode(values)
}
