package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A plane is Set.Plane in the making.
type plane struct {
	*machine
	data, step, step3 reg.GPVirtual      // the group, and the bytes to the next strip and to the third after it
	e                 [][]reg.VecVirtual // e[k][h] is register h of the residuals of strip k
}

func (m *machine) plane() {
	m.function("Plane", "func(sums *float64, data *T, groups, features int, w *T, mask *Mask)")
	p := &plane{machine: m, data: m.arg("data"), step: m.arg("features"), step3: m.GP64()}
	m.INCQ(p.step)
	m.SHLQ(U8(6), p.step)
	m.LEAQ(Mem{Base: p.step, Index: p.step, Scale: 2}, p.step3)
	for range group {
		e := make([]reg.VecVirtual, m.lanes())
		for h := range e {
			e[h] = m.vec()
		}
		p.e = append(p.e, e)
	}
	left := m.arg("groups")

	m.Label("group")
	p.residuals()
	m.DECQ(left)
	m.JNZ(LabelRef("sums"))
	mask := m.arg("mask")
	for k, e := range p.e {
		for h := range e {
			m.and(Mem{Base: mask, Disp: k*line + h*m.width()}, e[h])
		}
	}
	m.Label("sums")
	p.products()
	m.LEAQ(Mem{Base: p.data, Index: p.step, Scale: group}, p.data)
	m.TESTQ(left, left)
	m.JNZ(LabelRef("group"))
	m.end()
}

// residuals sets e.
func (p *plane) residuals() {
	w, d := p.arg("w"), p.GP64()
	w0 := p.broadcast(Mem{Base: w})
	p.LEAQ(Mem{Base: p.data, Index: p.step, Scale: 1, Disp: -line}, d)
	p.each(d, func(e reg.VecVirtual, d Mem) { p.sub(w0, d, e) })
	x, left := p.GP64(), p.arg("features")
	p.MOVQ(p.data, x)
	p.Label("residual")
	p.ADDQ(U8(p.size), w)
	wj := p.broadcast(Mem{Base: w})
	p.each(x, func(e reg.VecVirtual, x Mem) { p.fma(x, wj, e) })
	p.ADDQ(U8(line), x)
	p.DECQ(left)
	p.JNZ(LabelRef("residual"))
}

// each calls body for each register of e, with the same place of the strip as at has in the first.
func (p *plane) each(at reg.GPVirtual, body func(e reg.VecVirtual, at Mem)) {
	for k, e := range p.e {
		for h := range e {
			body(e[h], p.strip(at, k).Offset(h*p.width()))
		}
	}
}

// products adds Σe and Σe·x_j of the group to the sums.
func (p *plane) products() {
	sum, x, next, left := p.arg("sums"), p.GP64(), p.GP64(), p.arg("features")
	for h := range p.lanes() {
		a, b := p.vec(), p.vec()
		p.add(p.e[1][h], p.e[0][h], a)
		p.add(p.e[3][h], p.e[2][h], b)
		p.add(b, a, a)
		p.accumulate(a, sum, h)
	}
	p.MOVQ(p.data, x)
	p.LEAQ(Mem{Base: x, Index: p.step, Scale: group}, next)
	p.Label("product")
	p.ADDQ(U32(p.sumBytes()), sum)
	// The group is in a cache, and the memory would rest: the next one is fetched in the meantime.
	for k := range p.e {
		p.PREFETCHT0(p.strip(next, k))
	}
	for h := range p.lanes() {
		t := p.vec()
		p.of(p.VMULPD, p.VMULPS)(p.strip(x, 0).Offset(h*p.width()), p.e[0][h], t)
		for k := 1; k < group; k++ {
			p.fma(p.strip(x, k).Offset(h*p.width()), p.e[k][h], t)
		}
		p.accumulate(t, sum, h)
	}
	p.ADDQ(U8(line), x)
	p.ADDQ(U8(line), next)
	p.DECQ(left)
	p.JNZ(LabelRef("product"))
}

// strip returns the place in strip k of a group that at has in the first.
func (p *plane) strip(at reg.GPVirtual, k int) Mem {
	return []Mem{{Base: at}, {Base: at, Index: p.step, Scale: 1}, {Base: at, Index: p.step, Scale: 2}, {Base: at, Index: p.step3, Scale: 1}}[k]
}

// sumBytes is the size of the lanes of one sum.
func (p *plane) sumBytes() int { return line / p.size * 8 }

// accumulate adds t, register h of a line, to the lanes of a sum. It overwrites t.
func (p *plane) accumulate(t reg.VecVirtual, sum reg.GPVirtual, h int) {
	at := Mem{Base: sum, Disp: h * p.sumBytes() / p.lanes()}
	if p.size == 8 {
		p.VADDPD(at, t, t)
		p.VMOVUPD(t, at)
		return
	}
	low, high := p.vec(), p.vec()
	if p.wide {
		half := p.YMM()
		p.VEXTRACTF64X4(U8(1), t, half)
		p.VCVTPS2PD(t.AsY(), low)
		p.VCVTPS2PD(half, high)
	} else {
		half := p.XMM()
		p.VEXTRACTF128(U8(1), t, half)
		p.VCVTPS2PD(t.AsX(), low)
		p.VCVTPS2PD(half, high)
	}
	for i, v := range []reg.VecVirtual{low, high} {
		place := at.Offset(i * p.width())
		p.VADDPD(place, v, v)
		p.VMOVUPD(v, place)
	}
}

func (m *machine) foldLanes() {
	m.function("Fold", "func(totals, sums *float64, n int)")
	totals, sums, n := m.arg("totals"), m.arg("sums"), m.arg("n")
	size := line / m.size * 8
	m.Label("sum")
	lanes := make([]reg.VecVirtual, m.lanes())
	for h := range lanes {
		lanes[h] = m.vec()
		at := Mem{Base: sums, Disp: h * m.width()}
		m.VMOVUPD(at, lanes[h])
		if size > line {
			m.VADDPD(at.Offset(line), lanes[h], lanes[h])
		}
	}
	m.VMOVSD(m.fold(lanes), Mem{Base: totals})
	m.ADDQ(U32(size), sums)
	m.ADDQ(U8(8), totals)
	m.DECQ(n)
	m.JNZ(LabelRef("sum"))
	m.end()
}
