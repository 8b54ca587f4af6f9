package shaders

import "testing"

func TestResidentVariantsKeepAllTilesWithinTheirLimits(t *testing.T) {
	const shared = 48 << 10 // as much as any driver has
	found := 0
	for _, number := range []Real{Float, Double} {
		for _, p := range []int{1, 2, 7, 8, 9, 64, 512} {
			s := FusedShapeFor(p)
			for _, segments := range []int{1, 2, 3, 4, 10, 64, 256, 1000} {
				for _, tiles := range []int{segments, 3*segments - 1, 8 * segments} {
					for _, v := range ResidentVariants(number, s, ResidentFit{tiles, segments, shared, 32}) {
						found++
						groups := (segments + v.Taken() - 1) / v.Taken()
						kept := v.pieces() - v.Held
						switch {
						case groups*v.Taken()*v.Tiles < tiles:
							t.Errorf("%d tiles in %d segments: %d groups of %+v take too few", tiles, segments, groups, v)
						case v.Many != (groups > 1):
							t.Errorf("%d segments: %d groups of %+v", segments, groups, v)
						case v.Held < 1 || kept < 0 || 16*kept*(s.Features+1)*v.LocalSize > shared || v.SharedBytes(number, s) > shared:
							t.Errorf("%+v takes %d bytes of shared memory, %d pieces in all", v, v.SharedBytes(number, s), v.pieces())
						case (4*v.Held*(s.Features+1)+36)*max(v.LocalSize, 256) > 64<<10:
							t.Errorf("%+v takes too many registers with %d features a slot", v, s.Features)
						case v.span() > 1 && (v.Many || s.Lanes > 1), v.Subgroup > v.LocalSize:
							t.Errorf("%+v is none with %d lanes", v, s.Lanes)
						}
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("none")
	}
}

// The article's problem fits one work group in either precision, also with the least shared memory
// that OpenGL promises.
func TestTenThousandSamplesFitOneWorkGroup(t *testing.T) {
	for number, tiles := range map[Real]int{Float: 10, Double: 20} {
		all := ResidentVariants(number, FusedShapeFor(1), ResidentFit{Tiles: tiles, Segments: 4, SharedBytes: 32 << 10})
		if len(all) == 0 || all[0].Many || all[0].Held < all[0].pieces() {
			t.Errorf("%s: %+v", number, all)
		}
	}
}
