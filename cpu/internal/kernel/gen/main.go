// Command gen writes the assembly of package kernel: go generate runs it. What each function
// computes, and in what order, is told in ../kernel.go and ../portable.go, whose bits all of these
// give.
package main

import (
	"flag"
	"os"

	"github.com/mmcloughlin/avo/build"
)

func main() {
	files := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	flags := build.NewFlags(files)
	files.Parse(os.Args[1:])
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	for _, m := range machines(c) {
		m.line()
		m.plane()
		m.foldLanes()
		m.sum()
		m.mulAdds()
		m.moments()
	}
	os.Exit(build.Main(flags.Config(), c))
}
