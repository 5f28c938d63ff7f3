// Package own reads what users define for themselves in Markdown files: commands
// (.hob/commands/NAME.md) and voices (.hob/voices/NAME.md).
//
// A file is a head between two lines of three dashes, in YAML, and a body:
//
//	---
//	title: Add logging
//	kind: edit
//	scope: symbol
//	tier: fast
//	files: ["*.go"]
//	---
//	Add structured logging with log/slog to {{symbol}}. Reported there: {{diagnostics}}
//
// [ParseCommand] and [ParseVoice] give what a file defines and every [Problem]
// with its line, so that an editor can show them where they are. The body of a
// command is the instruction of a job, [Command.Expand] fills in what it is about;
// the body of a voice says how it looks at code. [BuiltIn] are the voices that are
// always there.
//
// Inv: a file of a workspace is data. It can word the task of a job that the user
// starts; it can't choose what the job may touch, start a program or reach a server.
package own
