package bench_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/bench"
	"descent/bench/benchtest/fake"
)

// If a request or a reply decodes, it must encode and decode to the same value. A worker in another
// language relies on that.
func FuzzProtocol(f *testing.F) {
	f.Add([]byte(`{"op":"descend","epochs":10,"rate":0.5,"w":[0,"NaN",1e300]}`))
	f.Add([]byte(`{"protocol":1,"name":"numpy","version":"2","threads":1,"init_ns":12}`))
	f.Add([]byte(`{"error":"libEGL.so.1: cannot open","unavailable":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip[bench.Request](t, data)
		roundTrip[bench.Reply](t, data)
		var out bytes.Buffer
		bench.Serve(bytes.NewReader(data), &out, "loop/f64", "f64", fake.OpenLoop)
		for line := range bytes.Lines(out.Bytes()) {
			var r bench.Reply
			if err := json.Unmarshal(line, &r); err != nil {
				t.Errorf("the worker answered %q: %v", line, err)
			}
		}
	})
}

func roundTrip[T any](t *testing.T, data []byte) {
	var v, back T
	if json.Unmarshal(data, &v) != nil {
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%+v has no JSON form: %v", v, err)
	}
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("not the same after a round trip (%v): %s", err, cmp.Diff(string(b), string(again)))
	}
}
