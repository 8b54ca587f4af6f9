package journal

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// changed returns a copy of v with one field changed.
func changed[T any](t *testing.T, v T, field int) *T {
	t.Helper()
	f := reflect.ValueOf(&v).Elem().Field(field)
	switch f.Kind() {
	case reflect.String:
		f.SetString(f.String() + "x")
	case reflect.Int, reflect.Int64:
		f.SetInt(f.Int() + 1)
	case reflect.Uint64:
		f.SetUint(f.Uint() + 1)
	case reflect.Float64:
		f.SetFloat(f.Float() + 1)
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Slice:
		f.Set(reflect.MakeSlice(f.Type(), 3, 3))
	default:
		t.Fatalf("field %d is a %s", field, f.Kind())
	}
	return &v
}

// A new field of Plan must be compared, or named here.
func TestEveryFieldOfAPlanThatSaysWhatIsMeasuredIsCompared(t *testing.T) {
	free := []string{"Weights", "Processes", "Resolution", "Budget", "Timeout", "Memory"}
	var plan Plan
	fields := reflect.TypeFor[Plan]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		other := changed(t, plan, i)
		if same := plan.SameMeasurement(other); same != slices.Contains(free, name) {
			t.Errorf("plans that differ in %s measure the same: %v", name, same)
		}
		if kept := !reflect.DeepEqual(plan.Measurement(), other.Measurement()); kept == slices.Contains(free, name) {
			t.Errorf("Measurement keeps %s: %v", name, kept)
		}
	}
}

func TestEveryFieldOfAMachineIsCompared(t *testing.T) {
	var env Env
	fields := reflect.TypeFor[Env]()
	for i := range fields.NumField() {
		name := strings.ToLower(fields.Field(i).Name)
		machine, rest := env.Difference(changed(t, env, i))
		if all := append(machine, rest...); len(all) != 1 || !strings.HasPrefix(all[0], name+" was ") {
			t.Errorf("machines that differ in %s: %q", name, all)
		}
	}
}
