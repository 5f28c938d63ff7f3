package mcp

// peer is a server that behaves as its name says.
func peer(name string) {}
