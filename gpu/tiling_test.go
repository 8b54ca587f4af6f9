package gpu

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"descent/dataset"
	"descent/gpu/device"
	"descent/shaders"
)

func TestATilingHoldsEveryRowOnce(t *testing.T) {
	for _, precision := range []dataset.Precision{dataset.Float32, dataset.Float64} {
		for _, p := range []int{1, 2, 7, 8, 9, 64, 65, 512, 2048, 2049, shaders.MaxFusedFeatures} {
			for _, n := range []int{1, 2, 255, 256, 257, 100_000, 100_000_000} {
				for _, limit := range []int64{1 << 30, 128 << 20, 8 << 20} {
					for _, c := range []crowd{gpuCrowd, softwareCrowd} {
						tl, err := tile(n, p, precision, tilingLimits{c, limit, limit})
						if err != nil {
							if !errors.Is(err, device.Limit) {
								t.Error(err)
							}
							continue
						}
						if err := checkTiling(tl, n, limit, c); err != nil {
							t.Errorf("%v, N=%d, P=%d, blocks of %d, %v: %v", precision, n, p, limit, c, err)
						}
					}
				}
			}
		}
	}
}

func checkTiling(t *tiling, n int, limit int64, c crowd) error {
	tiles, segments, clusters := 0, 0, 0
	for _, b := range t.blocks {
		switch {
		case b.first != tiles || b.before != segments || b.beforeClusters != clusters:
			return fmt.Errorf("%+v stands behind %d tiles, %d segments, %d clusters", b, tiles, segments, clusters)
		case b.tiles < 1 || b.segments < 1 || b.segments > b.tiles || (b.segments+t.cluster-1)/t.cluster != b.clusters:
			return fmt.Errorf("%+v", b)
		case int64(b.tiles*t.tileBytes()) > limit:
			return fmt.Errorf("%+v takes %d bytes", b, b.tiles*t.tileBytes())
		}
		tiles, segments, clusters = tiles+b.tiles, segments+b.segments, clusters+b.clusters
	}
	switch {
	case tiles != t.tiles || segments != t.segments || clusters != t.clusters:
		return fmt.Errorf("%d tiles, %d segments, %d clusters: not those of %+v", tiles, segments, clusters, t)
	case t.rows*t.tiles < n || t.rows*(t.tiles-1) >= n:
		return fmt.Errorf("%d tiles of %d samples", t.tiles, t.rows)
	case t.cluster%segmentAlign != 0:
		return fmt.Errorf("clusters of %d segments", t.cluster)
	case t.segments > c.most+len(t.blocks) || int64(t.sumBytes()) > limit:
		return fmt.Errorf("%d segments, whose sums take %d bytes", t.segments, t.sumBytes())
	}
	return nil
}

func TestPiecesOfAnEpochAreItsSegmentsOnce(t *testing.T) {
	for _, n := range []int{1, 5000, 3_000_000} {
		tl, err := tile(n, 1, dataset.Float32, tilingLimits{gpuCrowd, 1 << 30, 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, count := range []int{1, 2, 3, 100, 100_000} {
			at := make([]int, len(tl.blocks))
			for _, piece := range tl.pieces(count) {
				for _, s := range piece {
					if s.start != at[s.block] || s.start >= s.end || s.start%segmentAlign != 0 {
						t.Fatalf("N=%d in %d: %+v follows segment %d", n, count, s, at[s.block])
					}
					at[s.block] = s.end
				}
			}
			for i, b := range tl.blocks {
				if at[i] != b.segments {
					t.Errorf("N=%d in %d: %d segments of block %d, which has %d", n, count, at[i], i, b.segments)
				}
			}
		}
	}
}

func TestATileHoldsItsRowsColumnByColumnAndZerosBehind(t *testing.T) {
	p := &dataset.Problem{N: 3, P: 2, X: []float64{1, 10, 2, 20, 3, 30}, D: []float64{-1, -2, -3}}
	tl := &tiling{n: 3, p: 2, rows: 2, tiles: 2}
	for tile, want := range [][]float64{{1, 2, 10, 20, -1, -2}, {3, 0, 30, 0, -3, 0}} {
		got := []float64{9, 9, 9, 9, 9, 9}
		pack(tl, got, observationsOf(p), tile)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("tile %d is %v, want %v", tile, got, want)
		}
	}
}

func TestWhatCannotBeTiledIsRefusedWithTheSizes(t *testing.T) {
	for _, tt := range []struct {
		n, p  int
		limit int64
		want  string
	}{
		{1, shaders.MaxFusedFeatures + 1, 1 << 30, "16385 features: gl-fused takes up to 16384"},
		{100, 512, 16 << 10, "16 samples of 512 features, which gl-fused keeps together, take 32.06 KiB in f32, and a storage block of this device holds 16 KiB"},
	} {
		_, err := tile(tt.n, tt.p, dataset.Float32, tilingLimits{gpuCrowd, tt.limit, tt.limit})
		if !errors.Is(err, device.Limit) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("N=%d, P=%d: %v", tt.n, tt.p, err)
		}
	}
}

func TestWhatFitsOneWorkGroupIsDealtToFourSegmentsAtMost(t *testing.T) {
	for _, tt := range []struct{ n, p, want int }{
		{1, 1, 1}, {2048, 1, 2}, {10_000, 1, 4}, {32_768, 1, 4}, {32_769, 1, 33}, {896, 64, 4}, {1024, 64, 8},
	} {
		tl, err := tile(tt.n, tt.p, dataset.Float32, tilingLimits{gpuCrowd, maxBlockBytes, maxBlockBytes})
		if err != nil || tl.segments != tt.want {
			t.Errorf("N=%d, P=%d: %d segments, want %d; %v", tt.n, tt.p, tl.segments, tt.want, err)
		}
	}
}

// One tile more in a few segments would have all others wait for them.
func TestNoSegmentHasMoreThanItsFairShareOfTiles(t *testing.T) {
	for _, n := range []int{524_289, 1_000_000, 2_000_000, 5_000_000} {
		for _, precision := range []dataset.Precision{dataset.Float32, dataset.Float64} {
			tl, err := tile(n, 1, precision, tilingLimits{gpuCrowd, maxBlockBytes, maxBlockBytes})
			if err != nil || tl.segments >= gpuCrowd.most {
				t.Fatal(n, tl.segments, err)
			}
			if most := (tl.tiles + tl.segments - 1) / tl.segments; most > fairTiles {
				t.Errorf("N=%d in %v: %d tiles in %d segments, %d in some", n, precision, tl.tiles, tl.segments, most)
			}
		}
	}
}
