package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// This is kernel.MomentRun.
const momentRun = 128

// steps is the number of steps of a strip: of eight samples, which fill lanes registers of float64.
func (m *machine) steps() int { return 8 / m.size }

// loadWide returns register h of a step of the line at a place of memory, in float64.
func (m *machine) loadWide(at Mem, step, h int) reg.VecVirtual {
	v := m.vec()
	if m.size == 8 {
		m.VMOVUPD(at.Offset(h*m.width()), v)
	} else {
		m.VCVTPS2PD(at.Offset((step*line+h*m.width())/2), v)
	}
	return v
}

// lineMoments has its totals in memory: they are needed once a run.
func (m *machine) lineMoments() {
	m.function("LineMoments", "func(sums *[4]float64, data *T, strips int)")
	data, strips := m.arg("data"), m.arg("strips")
	totals, zero := m.AllocLocal(4*line), m.zeros(1)[0]
	for at := 0; at < 4*line; at += m.width() {
		m.VMOVUPD(zero, totals.Offset(at))
	}
	m.Label("run")
	n := m.GP64()
	m.MOVQ(U32(momentRun/m.steps()), n)
	m.CMPQ(strips, n)
	m.CMOVQLT(strips, n)
	at := m.GP64()
	// AVX2 has registers for half of the lanes: when the others' turn comes, the run is in the
	// first cache.
	for h := range m.lanes() {
		m.MOVQ(data, at)
		for i, sum := range m.lineLane(at, n, h) {
			total := totals.Offset(i*line + h*m.width())
			m.VADDPD(total, sum, sum)
			m.VMOVUPD(sum, total)
		}
	}
	m.MOVQ(at, data)
	m.SUBQ(n, strips)
	m.JNZ(LabelRef("run"))
	out := m.arg("sums")
	for i := range 4 {
		sum := make([]reg.VecVirtual, m.lanes())
		for h := range sum {
			sum[h] = m.vec()
			m.VMOVUPD(totals.Offset(i*line+h*m.width()), sum[h])
		}
		m.VMOVSD(m.fold(sum), Mem{Base: out, Disp: 8 * i})
	}
	m.end()
}

// lineLane returns Σz, Σd, Σz·z and Σz·d of n strips from data on, in register h of the lanes.
func (m *machine) lineLane(data, n reg.GPVirtual, h int) []reg.VecVirtual {
	label := func(name string) string { return fmt.Sprintf("%s_%d", name, h) }
	group := 4 / m.steps() // strips
	sums, zz, zd := m.zeros(2), m.zeros(4), m.zeros(4)
	groups, singles := m.GP64(), m.GP64()
	m.MOVQ(n, groups)
	m.MOVQ(n, singles)
	m.ANDQ(U8(group-1), singles)
	m.SHRQ(U8(group/2), groups)
	m.JZ(LabelRef(label("rest")))
	m.Label(label("group"))
	var pairs [2][2]reg.VecVirtual // of z, and of d: the sums of steps 0 and 1, and of 2 and 3
	for k := 0; k < 4; k += 2 {
		var z, d [2]reg.VecVirtual
		for i := range 2 {
			s := k + i
			strip := Mem{Base: data, Disp: s / m.steps() * 2 * line}
			z[i] = m.loadWide(strip, s%m.steps(), h)
			d[i] = m.loadWide(strip.Offset(line), s%m.steps(), h)
			m.VFMADD231PD(z[i], z[i], zz[s])
			m.VFMADD231PD(z[i], d[i], zd[s])
		}
		m.VADDPD(z[1], z[0], z[0])
		m.VADDPD(d[1], d[0], d[0])
		pairs[0][k/2], pairs[1][k/2] = z[0], d[0]
	}
	for i, pair := range pairs {
		m.VADDPD(pair[1], pair[0], pair[0])
		m.VADDPD(pair[0], sums[i], sums[i])
	}
	m.ADDQ(U32(group*2*line), data)
	m.DECQ(groups)
	m.JNZ(LabelRef(label("group")))
	m.Label(label("rest"))
	m.TESTQ(singles, singles)
	m.JZ(LabelRef(label("end")))
	m.Label(label("single"))
	for s := range m.steps() {
		z, d := m.loadWide(Mem{Base: data}, s, h), m.loadWide(Mem{Base: data, Disp: line}, s, h)
		m.VADDPD(z, sums[0], sums[0])
		m.VADDPD(d, sums[1], sums[1])
		m.VFMADD231PD(z, z, zz[0])
		m.VFMADD231PD(z, d, zd[0])
	}
	m.ADDQ(U32(2*line), data)
	m.DECQ(singles)
	m.JNZ(LabelRef(label("single")))
	m.Label(label("end"))
	for _, places := range [][]reg.VecVirtual{zz, zd} {
		m.VADDPD(places[1], places[0], places[0])
		m.VADDPD(places[3], places[2], places[2])
		m.VADDPD(places[2], places[0], places[0])
	}
	return []reg.VecVirtual{sums[0], sums[1], zz[0], zd[0]}
}
