package prompt

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
)

func TestAgain(t *testing.T) {
	const wrong = "Your code leaves out Add. Reply again with only the region."
	p, err := Build(input(t, "edit"), 4000, 0)
	if err != nil {
		t.Fatal(err)
	}
	before := len(p.Messages)
	check := func(reply string, budget int, want ...model.Message) {
		t.Helper()
		next, err := p.Again(reply, wrong, budget, 0)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p.Messages, next.Messages[:before]) + cmp.Diff(want, next.Messages[before:]); d != "" {
			t.Error(d)
		}
		if next.Prefix != p.Prefix || next.PrefixTokens != p.PrefixTokens || next.Tokens <= p.Tokens || next.Tokens > budget || len(p.Messages) != before {
			t.Errorf("%+v after %+v", next, p)
		}
	}
	says := func(s string) model.Message { return model.Message{Role: model.User, Content: s} }
	wrote := func(s string) model.Message { return model.Message{Role: model.Assistant, Content: s} }
	check("```ts\nx\n```\n", 4000, wrote("```ts\nx\n```"), says(wrong))
	long := strings.Repeat("a line of the reply\n", 200)
	check(long, 4000, wrote(strings.TrimSpace(long[:1500])), says("That is the beginning of your reply. "+wrong))
	check(" \n", 4000, says(wrong))
	check(strings.Repeat("x", 5000), 4000, says(wrong)) // no line end to cut at
	check(long, p.Tokens+60, says(wrong))
	var large *ErrTooLarge
	if _, err := p.Again(long, wrong, p.Tokens+4, 0); !errors.As(err, &large) || large.Need <= large.Budget {
		t.Errorf("got %v", err)
	}
}
