package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// The methods of Hob's own, beside the standard ones.
const (
	methodJobProgress = "hob/jobProgress"
	methodJobDone     = "hob/jobDone"
	methodStatus      = "hob/status"
	methodInput       = "hob/input"
)

// send notifies the editor; it never waits for it (see wire.Write).
func (s *Server) send(method string, params any) {
	if err := s.conn.Notify(s.life, method, params); err != nil && s.life.Err() == nil {
		s.log.Debug("notification not sent", "method", method, "err", err)
	}
}

func (s *Server) showMessage(level protocol.MessageType, message string) {
	s.send(protocol.MethodWindowShowMessage, &protocol.ShowMessageParams{Type: level, Message: message})
}

// choose asks the user; "" when the message was dismissed.
func (s *Server) choose(ctx context.Context, level protocol.MessageType, message string, answers ...string) (string, error) {
	items := make([]protocol.MessageActionItem, len(answers))
	for i, a := range answers {
		items[i].Title = a
	}
	got, err := s.editor.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{
		Type: level, Message: message, Actions: items,
	})
	if err != nil || got == nil {
		return "", err
	}
	return got.Title, nil
}

// input asks the user for a line of text; ok is false when it was dismissed.
func (s *Server) input(ctx context.Context, title, placeholder string) (value string, ok bool, err error) {
	var got jsonrpc2.RawMessage
	ask := raw(struct {
		Title       string `json:"title"`
		Placeholder string `json:"placeholder"`
	}{title, placeholder})
	if err := protocol.Call(ctx, s.conn, methodInput, ask, &got); err != nil {
		return "", false, err
	}
	var answer *struct {
		Value string `json:"value"`
	}
	if len(got) > 0 {
		if err := json.Unmarshal(got, &answer); err != nil {
			return "", false, err
		}
	}
	if answer == nil || answer.Value == "" {
		return "", false, nil
	}
	return answer.Value, true, nil
}
