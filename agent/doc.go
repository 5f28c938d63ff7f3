// Package agent runs one job from end to end: a Request against a Snapshot
// becomes a Result, checked edits or an answer.
//
// [Agent.Run] measures the scope, routes to a tier and model (with a reason),
// writes the prompt, streams the reply through the parser and its guards, and
// returns edits against the text of the pinned snapshot. A reply that is refused
// is asked for again, once, and then of a larger model. For a question, a plan, a
// review and own commands that say so the model may look around with tools before
// it answers; what the job may change is fixed before that. It never touches a
// file, an editor or a protocol: delivering is the business of its caller, which
// rebases the edits onto what the user typed meanwhile. [Jobs] keeps the jobs
// that run, so that overlapping ones supersede or refuse each other and each can
// be cancelled.
package agent
