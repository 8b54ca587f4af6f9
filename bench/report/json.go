package report

import (
	"encoding/json"
	"io"
)

// jsonSchema is the version of a Document. Version 1 had no number, and was an array or an object.
const jsonSchema = 2

// A Document is what the format json has: runs, or comparisons of runs.
type Document struct {
	Schema      int           `json:"schema"`
	Runs        []*Report     `json:"runs,omitempty"`
	Comparisons []*Comparison `json:"comparisons,omitempty"`
}

func jsonRuns(w io.Writer, reps []*Report, _ Options) error {
	return writeDocument(w, Document{Schema: jsonSchema, Runs: reps})
}

// WriteJSON writes a run and its comparisons as one Document.
func WriteJSON(w io.Writer, rep *Report, cs []*Comparison) error {
	return writeDocument(w, Document{Schema: jsonSchema, Runs: []*Report{rep}, Comparisons: cs})
}

func jsonComparisons(w io.Writer, cs []*Comparison, _ Options) error {
	return writeDocument(w, Document{Schema: jsonSchema, Comparisons: cs})
}

func writeDocument(w io.Writer, d Document) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
