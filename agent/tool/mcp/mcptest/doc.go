// Package mcptest has MCP servers for tests: one that works, and others that hang,
// exit, flood, print, lie about their schemas, ask for what is not theirs or don't
// leave. A test binary becomes one of them, so that nothing needs to be installed:
// its TestMain begins with [Main], and it is started anew with the variable [Env]
// set to the name of a server.
package mcptest
