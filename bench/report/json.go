package report

import (
	"encoding/json"
	"io"
)

// jsonSchema is the version of a Document. Version 1 had no number, and was an array or an object.
const jsonSchema = 2

// A Document is what the format json has: runs, sweeps, or comparisons of runs. The runs of a sweep
// are not among Runs.
type Document struct {
	Schema      int           `json:"schema"`
	Runs        []*Report     `json:"runs,omitempty"`
	Sweeps      any           `json:"sweeps,omitempty"` // of package sweep
	Comparisons []*Comparison `json:"comparisons,omitempty"`
}

func jsonRuns(w io.Writer, reps []*Report, _ Options) error {
	return writeDocument(w, Document{Runs: reps})
}

// WriteSweepsJSON writes sweeps, and runs that are of no sweep, as one Document.
func WriteSweepsJSON(w io.Writer, sweeps any, reps []*Report) error {
	return writeDocument(w, Document{Runs: reps, Sweeps: sweeps})
}

// WriteJSON writes a run and its comparisons as one Document.
func WriteJSON(w io.Writer, rep *Report, cs []*Comparison) error {
	return writeDocument(w, Document{Runs: []*Report{rep}, Comparisons: cs})
}

func jsonComparisons(w io.Writer, cs []*Comparison, _ Options) error {
	return writeDocument(w, Document{Comparisons: cs})
}

func writeDocument(w io.Writer, d Document) error {
	d.Schema = jsonSchema
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
