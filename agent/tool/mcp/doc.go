// Package mcp speaks the Model Context Protocol, both ways.
//
// [Serve] gives other agents what Hob has in memory: one workspace, watched and
// fresh, with the read-only tools of package tool over its newest snapshot.
//
// [Start] runs the servers that the user has configured and turns what they
// offer into [tool.Tool] values while they are up:
//
//	configured -> starting -> up -> (died, hung, flooded) -> waiting -> starting
//
// A server is somebody else's program. It gets a small environment and the
// user's home as its folder, so that no repository decides what runs; the first
// use of each of its tools in a workspace asks the user; it can't ask us for
// anything. What it says of its tools and what these return is data: clipped,
// bounded, never part of a tool.Spec. Arguments are checked by the schema that
// the server showed when the tool was made, results by the schema it promised.
//
// Inv: no server can block a caller beyond its deadline, make us hold more than
// maxMessage bytes of a message, or outlive Close: its whole process group ends.
package mcp
