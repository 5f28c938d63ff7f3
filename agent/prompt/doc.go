// Package prompt writes what the model reads.
//
// Order is the whole design: system, project facts, head of the file, symbols,
// region; then, in a message of its own, the verb. Everything before the verb is
// byte-identical for every action on the same region, so one prefill serves the
// whole menu; nothing in it depends on time, job or map order. What does not fit
// the budget is dropped by rank and listed, never cut by the server.
package prompt
