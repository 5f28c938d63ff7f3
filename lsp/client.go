package lsp

import (
	"context"
	"encoding/json"
	"fmt"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// The methods of Hob's own, beside the standard ones.
const (
	methodJobProgress = "hob/jobProgress"
	methodJobDone     = "hob/jobDone"
	methodStatus      = "hob/status"
	methodInput       = "hob/input"
	methodReview      = "hob/review"
	methodPlan        = "hob/plan"
)

// send notifies the editor; it never waits for it (see wire.Write).
func (s *Server) send(method string, params any) { s.sendUnder(s.life, method, params) }

// sendLast is send for what the editor has to hear even if the session ends.
func (s *Server) sendLast(method string, params any) {
	s.sendUnder(context.WithoutCancel(s.life), method, params)
}

func (s *Server) sendUnder(ctx context.Context, method string, params any) {
	if err := s.conn.Notify(ctx, method, params); err != nil && ctx.Err() == nil {
		s.log.Debug("notification not sent", "method", method, "err", err)
	}
}

func (s *Server) showMessage(level protocol.MessageType, message string) {
	s.send(protocol.MethodWindowShowMessage, &protocol.ShowMessageParams{Type: level, Message: message})
}

// choose asks the user; "" when the message was dismissed.
func (s *Server) choose(ctx context.Context, level protocol.MessageType, message string, answers ...string) (string, error) {
	got, err := s.chooseMore(ctx, level, message, answers...)
	return got.Title, err
}

// choice is the answer to a message with buttons.
type choice struct {
	Title string       `json:"title"`
	Retry *ReviewRetry `json:"retry"` // with tryAgain: what should be otherwise
}

// chooseMore is choose where an editor may say more than the title.
func (s *Server) chooseMore(ctx context.Context, level protocol.MessageType, message string, answers ...string) (choice, error) {
	items := make([]protocol.MessageActionItem, len(answers))
	for i, a := range answers {
		items[i].Title = a
	}
	ask := &protocol.ShowMessageRequestParams{Type: level, Message: message, Actions: items}
	var got *choice
	if err := s.call(ctx, protocol.MethodWindowShowMessageRequest, ask, &got); err != nil || got == nil {
		return choice{}, err
	}
	return *got, nil
}

// input asks the user for a line of text; ok is false when it was dismissed.
func (s *Server) input(ctx context.Context, title, placeholder string) (value string, ok bool, err error) {
	ask := struct {
		Title       string `json:"title"`
		Placeholder string `json:"placeholder"`
	}{title, placeholder}
	var answer *struct {
		Value string `json:"value"`
	}
	if err := s.call(ctx, methodInput, ask, &answer); err != nil {
		return "", false, err
	}
	if answer == nil || answer.Value == "" {
		return "", false, nil
	}
	return answer.Value, true, nil
}

// call sends a request of Hob's own and decodes the answer, of which null leaves
// result as it is.
func (s *Server) call(ctx context.Context, method string, params, result any) error {
	var got jsonrpc2.RawMessage
	if err := protocol.Call(ctx, s.conn, method, raw(params), &got); err != nil {
		return err
	}
	if len(got) == 0 {
		return nil
	}
	if err := json.Unmarshal(got, result); err != nil {
		return fmt.Errorf("the answer to %s: %w", method, err)
	}
	return nil
}
