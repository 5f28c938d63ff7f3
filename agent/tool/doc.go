// Package tool is what a model may do beside writing: look. Its tools read,
// list, find and search the workspace of one job, and change nothing.
//
// A job makes the tools over its snapshot, shows their [Spec] to the model, and
// hands every call that it parses from the stream to a [Batch] at once:
//
//	tools := tool.Over(tool.View{Snapshot: snap, Diagnostics: d})
//	batch := tool.NewExecutor(tools, tool.Options{}).Begin(ctx)
//	defer batch.Stop()
//	for chunk := range stream {
//		prose, calls := parser.Write(chunk) // or Assembler.Add for native calls
//		for _, c := range calls {
//			batch.Start(c) // runs while the model goes on writing
//		}
//	}
//	for outcome := range batch.Results() { … } // in the order of the calls
//
// A call comes in one of two ways. Models with native tool calling send pieces
// of it in fields of their own: [Assembler] joins these. Others write it as text,
// as [Instructions] asks for: [Parser] reads that, at any chunk boundary.
//
// The tools of this package are answered from the snapshot in memory, so that
// all of them see what the job's edits will be checked against. Tools of other
// programs (package mcp) are [Tool] values as well; they are marked Foreign.
//
// Inv: every path goes through Snapshot.Confine; what is ignored, excluded or
// outside the roots is neither read nor named. Every result is bounded, and says
// so itself where it was cut. The same call on the same snapshot gives the same
// result. Text that came from a foreign tool is data: its words reach a model
// only where the caller puts them (see [Abouts]), never through a Spec.
package tool
