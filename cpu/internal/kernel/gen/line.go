package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strip is the bytes of a strip of one feature: a line of x and a line of d.
const strip = 2 * line

// A linePass is the pass for one feature, while its code is written.
type linePass struct {
	*machine
	w0, w1     reg.VecVirtual
	data, full reg.GPVirtual // the place in the data, and how many strips are left before the last
	totals     Mem
	e, ex      []reg.VecVirtual // register h of the place k in a group is at k·n + h
}

func (m *machine) line() {
	m.function("Line", "func(sums *[2]float64, data *T, strips int, w *T, mask *Mask)")
	p := linePass{machine: m}
	w := m.arg("w")
	p.w0, p.w1 = m.broadcast(Mem{Base: w}), m.broadcast(Mem{Base: w, Disp: m.size})
	p.data, p.full = m.arg("data"), m.arg("strips")
	m.DECQ(p.full)
	// The totals are in memory: AVX2 has no register left for them, and they are needed once a run.
	p.totals = m.AllocLocal(2 * line)
	zero := m.zeros(1)[0]
	for at := 0; at < 2*line; at += m.width() {
		m.move(zero, p.totals.Offset(at))
	}

	m.Label("run")
	p.e, p.ex = m.zeros(2*m.lanes()), m.zeros(4*m.lanes())
	p.groups()
	p.singles()
	sums := p.join()
	m.SUBQ(U32(run), p.full)
	m.JGE(LabelRef("run"))

	out := m.arg("sums")
	for i, sum := range sums {
		m.VMOVSD(m.fold(sum), Mem{Base: out, Disp: 8 * i})
	}
	m.end()
}

// groups takes the whole groups of a run.
func (p *linePass) groups() {
	n := p.lanes()
	groups := p.GP64()
	p.MOVQ(U32(run), groups)
	p.CMPQ(p.full, groups)
	p.CMOVQLT(p.full, groups)
	p.SHRQ(U8(2), groups)
	p.JZ(LabelRef("last"))
	second := p.load
	if !p.wide { // AVX2 has two registers left: the second x of a pair stays in memory and is read twice
		second = nil
	}
	p.Label("group")
	for pair := range 2 {
		for h := range n {
			k := 2 * pair
			a := p.residual(k*strip, h, p.load, nil, p.ex[k*n+h])
			b := p.residual((k+1)*strip, h, second, nil, p.ex[(k+1)*n+h])
			p.add(a, b, b)
			p.add(b, p.e[pair*n+h], p.e[pair*n+h])
		}
	}
	p.ADDQ(U32(4*strip), p.data)
	p.DECQ(groups)
	p.JNZ(LabelRef("group"))
}

// residual returns w₀ − d + w₁·x of a line's register h, and adds its product with x to sum. A nil
// load leaves x in memory, and a nil mask hides nothing. It reads x before d: in the other order
// the second cache gives a seventh less.
func (p *linePass) residual(at, h int, load func(Mem) reg.VecVirtual, mask *Mem, sum reg.VecVirtual) reg.VecVirtual {
	place := Mem{Base: p.data, Disp: at + h*p.width()}
	var x Op = place
	e := p.vec()
	if load != nil {
		x = load(place)
	}
	p.sub(p.w0, place.Offset(line), e)
	p.fma(x, p.w1, e)
	if mask != nil {
		p.and(mask.Offset(h*p.width()), e)
	}
	p.fma(x, e, sum)
	return e
}

// singles takes the strips after the last whole group, if this is the last run. The last strip is
// masked.
func (p *linePass) singles() {
	p.Label("last")
	p.CMPQ(p.full, U32(run))
	p.JGE(LabelRef("widen"))
	left := p.GP64()
	p.MOVQ(p.full, left)
	p.ANDQ(U8(3), left)
	p.JZ(LabelRef("masked"))
	p.Label("single")
	p.single(nil)
	p.ADDQ(U32(strip), p.data)
	p.DECQ(left)
	p.JNZ(LabelRef("single"))
	p.Label("masked")
	p.single(&Mem{Base: p.arg("mask")})
}

// single takes one strip.
func (p *linePass) single(mask *Mem) {
	for h := range p.lanes() {
		p.add(p.residual(0, h, p.load, mask, p.ex[h]), p.e[h], p.e[h])
	}
}

// join adds the accumulators of a run in pairs, widens them to float64, and adds the totals of the
// runs before. It returns the sums of e and of e·x.
func (p *linePass) join() [][]reg.VecVirtual {
	n, e, ex := p.lanes(), p.e, p.ex
	p.Label("widen")
	for h := range n {
		p.add(e[n+h], e[h], e[h])
		p.add(ex[n+h], ex[h], ex[h])
		p.add(ex[3*n+h], ex[2*n+h], ex[2*n+h])
		p.add(ex[2*n+h], ex[h], ex[h])
	}
	sums := [][]reg.VecVirtual{p.widen(e[:n]), p.widen(ex[:n])}
	for i, sum := range sums {
		for h, v := range sum {
			total := p.totals.Offset(i*line + h*p.width())
			p.VADDPD(total, v, v)
			p.VMOVUPD(v, total)
		}
	}
	return sums
}
