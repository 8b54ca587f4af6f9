package value

import (
	"maps"
	"strings"
	"testing"
)

func TestPricesHaveNames(t *testing.T) {
	for text, want := range map[string]Prices{
		"cpu=0.40,gpu=2.90":  {"cpu": 0.4, "gpu": 2.9},
		" first = 1 ,simd=2": {"first": 1, "simd": 2},
		"gpu=1e-3":           {"gpu": 0.001},
	} {
		var got Prices
		if err := got.Set(text); err != nil || !maps.Equal(got, want) {
			t.Errorf("%q is %v, %v, not %v", text, got, err, want)
		}
	}
}

func TestWhatAreNoPricesIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":              `"" is not a name and its price, as in cpu=0.40,gpu=2.90`,
		"0.40":          `"0.40" is not a name and its price`,
		"=0.40":         `"=0.40" is not a name and its price`,
		"cpu=":          `"cpu=" is not a name and its price`,
		"cpu=cheap":     `"cpu=cheap" is not a name and its price`,
		"cpu=1,":        `"" is not a name and its price`,
		"cpu=0":         `"cpu=0": a price must be positive`,
		"cpu=-1":        `"cpu=-1": a price must be positive`,
		"cpu=NaN":       `"cpu=NaN": a price must be positive`,
		"cpu=Inf":       `"cpu=Inf": a price must be positive`,
		"cpu=1e-320":    `"cpu=1e-320": a price must be from 1e-09 to 1e+12`,
		"a=1,b=1e300":   `"b=1e300": a price must be from 1e-09 to 1e+12`,
		"cpu=1,cpu=2":   "cpu has two prices",
		"cpu=1e999,b=2": `"cpu=1e999" is not a name and its price`,
	} {
		var got Prices
		if err := got.Set(text); err == nil || !strings.Contains(err.Error(), want) || got != nil {
			t.Errorf("%q: %v, %v, want %q", text, got, err, want)
		}
	}
}

// Prices that are accepted are positive. Written and read again, they are the same.
func FuzzPrices(f *testing.F) {
	for _, s := range []string{"cpu=0.40,gpu=2.90", "a=1,a=2", "a=b=3", "=1", "x=1e-400", "x=0x1p3", "\xff=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var prices, again Prices
		if prices.Set(s) != nil {
			return
		}
		if err := again.Set(prices.String()); err != nil || !maps.Equal(again, prices) {
			t.Errorf("%q is %v, and written %s it is %v, %v", s, prices, prices.String(), again, err)
		}
		for name, price := range prices {
			if !(price > 0) {
				t.Errorf("%q: %s costs %v", s, name, price)
			}
		}
	})
}
