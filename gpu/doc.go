// Package gpu runs gradient descent on OpenGL 4.3 compute shaders. A Backend has one of four forms:
// a graph of nodes ("gl-graph"), one dispatch an epoch ("gl-fused"), many epochs in one dispatch
// ("gl-resident"), and the fastest of these for a problem ("gl"). The forms run on a context of
// package device, and give answers that a twin in Go reproduces: gl-fused and gl-resident to the
// last bit.
//
// Where things are:
//
//	backend.go           Backend, its Options, the forms and what each must do
//	target.go            what a form is built for: context, device, precision, limits
//	observations.go      the data of a problem, wherever they are
//	submissions.go       work for the device, in pieces of at most 50 ms
//	memo.go              what this process has found out by trials
//
//	graph_form.go        gl-graph: the graph of package graph, on an executor
//	executor.go          the executor on OpenGL; executor_values.go sets and reads its nodes
//	lowering.go          a plan as dispatches; formula.go for its element-wise nodes
//	layout.go            how matrices are cut into buffers
//
//	fused.go             gl-fused
//	tiling.go            how the data lie in tiles, segments and clusters
//	fused_search.go      the search for its fastest variant
//	resident.go          gl-resident
//	resident_search.go   the search for its fastest variant
//	forms_off.go         all of these in a build without OpenGL
//
//	least_squares.go     gl: the least-squares step in a graph, handed to a form
//	form_choice.go       the choice among the forms
//	form_trials.go       the trials that decide it
//	form_times.go        a table of such trials, for descent devices
package gpu
