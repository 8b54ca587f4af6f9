package gpu

import (
	"fmt"
	"math"

	"descent/dataset"
	"descent/gpu/device"
	"descent/shaders"
)

// A tiling is how a problem lies on a device for shaders/fused.comp. Each tile holds some rows of
// the data, column by column, the targets last. The tiles are in blocks, a buffer each. The tiles
// of a block are dealt out to its segments, and the sums of segments are added up in clusters. A
// tiling depends on N, P, the precision, the device's crowd and its storage-block limit alone, and
// so do the order of a sum and its bits.
type tiling struct {
	n, p    int
	size    int // bytes of an element
	shape   shaders.FusedShape
	rows    int // of data in a tile
	tiles   int
	blocks  []dataBlock
	cluster int // segments in a cluster

	segments, clusters int // of all blocks
}

// A dataBlock is tiles in one buffer.
type dataBlock struct {
	first, tiles             int
	segments, before         int // of this block, and of those in front of it
	clusters, beforeClusters int
}

// A crowd is how many segments suit a device. It is fixed for a kind of device and not found by
// trials, because the order of the sums depends on it.
type crowd struct{ few, most int }

var (
	// A few hundred segments keep a large GPU busy. Several thousand even out the ends, once each
	// has several tiles.
	gpuCrowd = crowd{256, 4096}
	// A processor's threads are few, and every work group costs them its barriers.
	softwareCrowd = crowd{64, 64}
)

// crowdOf returns what suits a device.
func crowdOf(d device.Info) crowd {
	if d.Software {
		return softwareCrowd
	}
	return gpuCrowd
}

const (
	// fairTiles is how many tiles make a segment worth its share of the work at the end.
	fairTiles = 4
	// chipBytes of data may fit the registers of one work group, and one group is then enough for
	// them.
	chipBytes = 256 << 10
	// mostSums is how many bytes the sums of all segments may take. With many features, adding up
	// more sums would cost as much as the data.
	mostSums = 64 << 20
	// maxBlockBytes keeps indices below 2³².
	maxBlockBytes = 1 << 31
)

// tilingLimits are what a device and a backend allow of a tiling, in bytes.
type tilingLimits struct {
	crowd  crowd
	buffer int64 // the largest buffer
	block  int64 // the largest block of tiles, if it holds more than one tile
}

// tilingLimits returns the limits of a target.
func (t *target) tilingLimits() tilingLimits {
	return tilingLimits{crowdOf(t.device), t.device.Limits.MaxStorageBlockBytes, t.maxBytes}
}

// tile lays out n rows of p features within the limits.
func tile(n, p int, precision dataset.Precision, limits tilingLimits) (*tiling, error) {
	if p > shaders.MaxFusedFeatures {
		return nil, &device.Error{Kind: device.Limit, Detail: fmt.Sprintf("%d features: gl-fused takes up to %d", p, shaders.MaxFusedFeatures), Remedy: "use gl-graph, or fewer features"}
	}
	t := &tiling{n: n, p: p, size: precision.Bytes(), shape: shaders.FusedShapeFor(p)}
	t.rows = t.shape.Rows() * shaders.FusedWidth(realOf(precision))
	t.tiles = (n + t.rows - 1) / t.rows

	if int64(t.tileBytes()) > limits.buffer {
		return nil, &device.Error{Kind: device.Limit, Detail: fmt.Sprintf("%d samples of %d features, which gl-fused keeps together, take %s in %v, and a storage block of this device holds %s",
			t.rows, p, device.FormatBytes(t.tileBytes()), precision, device.FormatBytes(int(limits.buffer)))}
	}
	t.deal(max(1, int(min(limits.buffer, limits.block, maxBlockBytes)/int64(t.tileBytes()))), limits.crowd)
	if bytes := t.sumBytes(); int64(bytes) > limits.buffer {
		return nil, &device.Error{Kind: device.Limit, Detail: fmt.Sprintf("the sums of %d segments of %d features take %s, and a storage block of this device holds %s",
			t.segments, p, device.FormatBytes(bytes), device.FormatBytes(int(limits.buffer)))}
	}
	return t, nil
}

// deal cuts the tiles into blocks of perBlock at most, the blocks into segments, and the segments
// into clusters.
func (t *tiling) deal(perBlock int, c crowd) {
	want := min(max((t.tiles+fairTiles-1)/fairTiles, c.few), t.tiles, c.most, max(1, mostSums/(t.width()*t.size)))
	if t.tiles*t.tileBytes() <= chipBytes {
		want = min(want, segmentAlign)
	}
	for first := 0; first < t.tiles; first += perBlock {
		tiles := min(perBlock, t.tiles-first)
		segments := max(1, want*tiles/t.tiles)
		t.blocks = append(t.blocks, dataBlock{first: first, tiles: tiles, segments: segments, before: t.segments})
		t.segments += segments
	}
	t.cluster = t.shape.RowsAhead()
	if t.segments > t.cluster {
		t.cluster = roundUp(int(math.Sqrt(float64(t.segments))), segmentAlign)
	}
	for i := range t.blocks {
		b := &t.blocks[i]
		b.clusters, b.beforeClusters = (b.segments+t.cluster-1)/t.cluster, t.clusters
		t.clusters += b.clusters
	}
}

// Clusters, and the parts of a block that a dispatch takes, are multiples of segmentAlign, so that
// all segments of a work group are in one cluster.
const segmentAlign = 1024 / shaders.FusedSlots

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// width is how many values a row has, its target included, and how many sums.
func (t *tiling) width() int { return t.p + 1 }

func (t *tiling) tileBytes() int { return t.rows * t.width() * t.size }

func (t *tiling) sumBytes() int { return (t.segments + t.clusters) * t.width() * t.size }

// bytes is the size of all buffers.
func (t *tiling) bytes() int {
	return t.tiles*t.tileBytes() + t.sumBytes() + t.width()*t.size + (t.clusters+1)*arrivalBytes
}

// arrivalBytes is the size of a count of arrivals.
const arrivalBytes = 4

// A span is the part of a block's segments that one dispatch takes.
type span struct{ block, start, end int }

// pieces cuts an epoch into count pieces of about the same work, a list of dispatches each. There
// are fewer if the blocks have too few segments.
func (t *tiling) pieces(count int) [][]span {
	var all [][]span
	cut := func(i int, b dataBlock) int { // where piece i begins in b
		at := t.segments*i/count - b.before
		return max(0, min(b.segments, roundUp(at, segmentAlign)))
	}
	for i := range count {
		var piece []span
		for k, b := range t.blocks {
			if start, end := cut(i, b), cut(i+1, b); start < end {
				piece = append(piece, span{k, start, end})
			}
		}
		if piece != nil {
			all = append(all, piece)
		}
	}
	return all
}

// pack writes one tile of the observations to dst, rounded to T. Rows past the last are zeros.
func pack[T float32 | float64](t *tiling, dst []T, obs observations, tile int) {
	first := tile * t.rows
	count := min(t.rows, obs.n-first)
	x, d := obs.rows(first, count)
	clear(dst)
	for j := range obs.p {
		column := dst[j*t.rows:][:count]
		for i := range column {
			column[i] = T(x[i*obs.p+j])
		}
	}
	targets := dst[obs.p*t.rows:][:count]
	for i, v := range d {
		targets[i] = T(v)
	}
}

// realOf is the shaders' type for a precision.
func realOf(precision dataset.Precision) shaders.Real {
	if precision == dataset.Float32 {
		return shaders.Float
	}
	return shaders.Double
}
