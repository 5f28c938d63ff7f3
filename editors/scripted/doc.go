// Package scripted is a scripted model server that a test written in an editor's
// own language drives through a socket.
//
// The test sends one JSON object a line, {"id": 1, "op": "reply", "reply": {…}},
// and reads one for each, {"id": 1, "value": …} or {"id": 1, "error": "…"}. Calls
// are answered in order, but for those that wait for something (wait_…), which
// hold back nothing else. See [Model.answer] for what can be asked.
package scripted
