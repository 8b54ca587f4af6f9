package report

import (
	"encoding/json"
	"io"
)

// jsonValue writes one value as an object, and several values as an array of objects. A run is
// {"env":{…},"plan":{…},"rows":[…],"end":"…"}.
func jsonValue[T any](w io.Writer, values []*T, _ Options) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if len(values) == 1 {
		return enc.Encode(values[0])
	}
	return enc.Encode(values)
}
