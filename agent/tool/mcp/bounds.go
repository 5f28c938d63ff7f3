package mcp

// maxMessage bounds one message of a peer, in bytes.
const maxMessage = 4 << 20
