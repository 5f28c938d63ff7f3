package client

import "encoding/json"

// diagnostics checks textDocument/publishDiagnostics; whoever wants the
// diagnostics themselves listens with Options.Notify.
func (c *Client) diagnostics(params json.RawMessage) error {
	var p struct {
		URI         string            `json:"uri"`
		Version     *int32            `json:"version"`
		Diagnostics []json.RawMessage `json:"diagnostics"`
	}
	if err := strict(params, &p); err != nil {
		return err
	}
	_, err := Path(p.URI)
	return err
}
