package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"descent/cmd/internal/value"
	"descent/gpu/graph"
)

// A graphCommand is one call of descent graph.
type graphCommand struct {
	step        string
	n, features value.Count
	explain     bool
	format      string
}

func newGraphCommand() *cobra.Command {
	g := graphCommand{n: 10_000, features: 1}
	steps := stepNames()
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Show a training step as a graph, and optimise it",
		Long:  graphHelp(),
		Example: `  descent graph
  descent graph --explain
  descent graph --step ridge --explain
  descent graph --step by-gradients --n 1e6 --features 8 --explain
  descent graph --step momentum --explain --format json`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return g.run(cmd.OutOrStdout()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&g.step, "step", steps[0], "the training `step`: "+strings.Join(steps, ", "))
	complete(cmd, "step", steps...)
	flags.Var(&g.n, "n", "N, the number of rows of X")
	flags.Var(&g.features, "features", "the number of features; X has one column more, of ones")
	flags.BoolVar(&g.explain, "explain", false, "print what is recognised, computed once, and fused")
	registerFormat(cmd, &g.format, textOrJSON...)
	return cmd
}

func stepNames() []string {
	var names []string
	for _, s := range graph.TrainingSteps {
		names = append(names, s.Name)
	}
	return names
}

func graphHelp() string {
	help := `This command prints a training step as gl-graph runs it. Each node has a line with its
operation, its shape, and the nodes that it reads. On a GPU each operation is one
dispatch, in every epoch. No GPU is needed, and nothing is computed. The steps:
`
	for _, s := range graph.TrainingSteps {
		help += fmt.Sprintf("\n  %-13s %s", s.Name, s.Formula)
	}
	return help + `

--explain prints what a pass over the graph makes of it:

  - whether it is the least-squares step, which a fused shader does in one
    operation, and if not, why
  - what depends only on constants, and is computed once
  - which element-wise operations become one
  - what is left to run

The exit status is 0; 2 for a mistake on the command line.`
}

func (g *graphCommand) run(out io.Writer) error {
	if err := checkTextOrJSON(g.format); err != nil {
		return err
	}
	plan, err := g.plan()
	if err != nil {
		return usage(err, "")
	}
	listed := listedGraph{Step: g.step, N: int(g.n), Features: int(g.features), Nodes: listNodes(plan)}
	text := plan.String()
	if g.explain {
		o := plan.Optimize()
		text, listed.Explain = o.Explain(), explainGraph(o)
	}
	if g.format == "json" {
		return writeJSON(out, listed)
	}
	_, err = io.WriteString(out, text)
	return err
}

// plan compiles the step, on data that are never read.
func (g *graphCommand) plan() (*graph.Plan, error) {
	if err := cmp.Or(atLeastOne("n", int(g.n)), atLeastOne("features", int(g.features))); err != nil {
		return nil, err
	}
	none := func([]float64, int) {}
	for _, s := range graph.TrainingSteps {
		if s.Name == g.step {
			return s.Compile(graph.NewLeastSquares(int(g.n), int(g.features), none, none))
		}
	}
	return nil, checkChoice("step", g.step, stepNames()...)
}

// A listedGraph is what descent graph --format json prints.
type listedGraph struct {
	Step     string          `json:"step"`
	N        int             `json:"n"`
	Features int             `json:"features"`
	Nodes    []listedNode    `json:"nodes"`
	Explain  *explainedGraph `json:"explain,omitempty"`
}

type listedNode struct {
	Name    string   `json:"name"`
	Op      string   `json:"op"`
	Shape   [2]int   `json:"shape"`
	Inputs  []string `json:"inputs,omitempty"`
	Factor  float64  `json:"factor,omitempty"`
	Formula string   `json:"formula,omitempty"` // of the operations that were fused
	Once    bool     `json:"once,omitempty"`    // computed when the data are loaded
}

// An explainedGraph is what the pass over the graph made of a step.
type explainedGraph struct {
	LeastSquares *leastSquaresStep `json:"least_squares,omitempty"`
	Reason       string            `json:"reason,omitempty"` // why it is not the least-squares step
	Hoisted      []string          `json:"hoisted"`
	Fused        []fusedNodes      `json:"fused"`
	Nodes        []listedNode      `json:"nodes"`
}

type leastSquaresStep struct {
	X      string  `json:"x"`
	D      string  `json:"d"`
	W      string  `json:"w"`
	Rate   string  `json:"rate,omitempty"` // none if the rate is a number, in Factor
	Factor float64 `json:"factor"`
}

type fusedNodes struct {
	Into string   `json:"into"`
	From []string `json:"from"`
}

func explainGraph(o *graph.Optimized) *explainedGraph {
	e := &explainedGraph{Reason: o.Reason, Hoisted: nodeNames(o.Hoisted), Fused: []fusedNodes{}, Nodes: listNodes(o.Plan)}
	if s := o.Step; s != nil {
		e.LeastSquares = &leastSquaresStep{X: s.X.Name, D: s.D.Name, W: s.W.Name, Factor: s.Factor}
		if s.Rate != nil {
			e.LeastSquares.Rate = s.Rate.Name
		}
	}
	for _, f := range o.Fused {
		e.Fused = append(e.Fused, fusedNodes{f.Into.Name, nodeNames(f.From)})
	}
	return e
}

func listNodes(p *graph.Plan) (all []listedNode) {
	for i, nodes := range [][]*graph.Node{p.Once, p.Nodes, p.Assigns} {
		for _, n := range nodes {
			listed := listedNode{
				Name: n.Name, Op: n.Op.String(), Shape: [2]int{n.Shape.Rows, n.Shape.Cols},
				Inputs: nodeNames(n.Inputs), Factor: n.Factor, Once: i == 0,
			}
			if n.Expression != nil {
				listed.Formula = n.Formula()
			}
			all = append(all, listed)
		}
	}
	return all
}

func nodeNames(nodes []*graph.Node) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	return names
}
