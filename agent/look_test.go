package agent

import (
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model"
)

func TestLookBy(t *testing.T) {
	const b = 1_000_000_000
	score := func(form lookForm, n int, rate float64) model.Figures {
		return model.Figures{Formats: map[string]model.Score{string(form): {N: n, Rate: rate}}}
	}
	for _, tt := range []struct {
		name string
		in   lookInput
		want lookForm
		why  string
	}{
		{"small", lookInput{Model: model.Model{Params: 3 * b}}, gathered, "too small"},
		{"large", lookInput{Model: model.Model{Params: 7 * b}}, lookText, ""},
		{"size from the weights", lookInput{Model: model.Model{Bytes: 5 * b}}, lookText, ""},
		{"small, native", lookInput{Model: model.Model{Params: b, Tools: true}}, lookNative, ""},
		{"large, native measured bad", lookInput{Model: model.Model{Params: 7 * b, Tools: true}, Figures: score(lookNative, 4, 0.5)}, lookText, ""},
		{"small, native measured bad", lookInput{Model: model.Model{Params: 3 * b, Tools: true}, Figures: score(lookNative, 4, 0.5)}, gathered, "50% of the looks"},
		{"native measured good once", lookInput{Model: model.Model{Params: 3 * b}, Figures: score(lookNative, 9, 1)}, gathered, "too small"},
		{"forced, native", lookInput{Model: model.Model{Params: 7 * b, Tools: true}, Forced: true}, lookSchema, ""},
		{"small, forced", lookInput{Model: model.Model{Params: 3 * b}, Forced: true}, lookSchema, ""},
		{"tiny, forced", lookInput{Model: model.Model{Params: b / 2}, Forced: true}, gathered, "too small"},
		{"large, measured bad", lookInput{Model: model.Model{Params: 32 * b}, Figures: score(lookText, 5, 0.2)}, gathered, "80% of the looks"},
		{"large, measured a little", lookInput{Model: model.Model{Params: 32 * b}, Figures: score(lookText, 2, 0)}, lookText, ""},
		{"small, measured good", lookInput{Model: model.Model{Params: 3 * b}, Figures: score(lookText, 5, 0.9)}, lookText, ""},
		{"forced, measured bad", lookInput{Model: model.Model{Params: 7 * b}, Forced: true, Figures: score(lookSchema, 3, 0.5)}, gathered, "50% of the looks"},
		{"forced, bad as text", lookInput{Model: model.Model{Params: 7 * b}, Forced: true, Figures: score(lookText, 9, 0)}, lookSchema, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form, why := lookBy(tt.in)
			if form != tt.want || !strings.Contains(why, tt.why) || (why == "") != (tt.why == "") {
				t.Errorf("%q %q, want %q %q", form, why, tt.want, tt.why)
			}
			if again, _ := lookBy(tt.in); again != form {
				t.Error("not the same twice")
			}
		})
	}
}
