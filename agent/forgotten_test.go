package agent

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

// TestRefactorForgets: who uses a function that was changed, and was not in the plan,
// is told; whom the user took off it, or who uses what only looks otherwise, is not.
func TestRefactorForgets(t *testing.T) {
	newStore := step("edit", "store/store.go", "NewStore", "take a capacity")
	serve := step("edit", "api/api.go", "Serve", "pass eight")
	capacity := fenced("// NewStore makes an empty store.\nfunc NewStore(n int) *Store {\n\treturn &Store{orders: make([]int, 0, n)}\n}\n")
	const forgot = "cli/cli.go, Run uses NewStore, which is declared otherwise now: adapt it by hand"
	cases := []struct {
		name  string
		plan  string
		keep  []int
		reply string
		left  []string
	}{
		{"two callers", steps(newStore), []int{0}, capacity, []string{"api/api.go, Serve uses NewStore, which is declared otherwise now: adapt it by hand", forgot}},
		{"one is taken off the plan", steps(newStore, serve), []int{0}, capacity, []string{forgot}},
		{"it is laid out otherwise", steps(newStore), []int{0}, fenced("// NewStore makes an empty store.\nfunc NewStore()   *Store  {\n\treturn &Store{orders: nil}\n}\n"), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorkbench(t, replies(modeltest.Reply{Last: "plan this change", Text: c.plan}, modeltest.Reply{Last: "take a capacity", Text: c.reply}), shop)
			res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Give NewStore a capacity parameter", Approve: func(context.Context, Proposal) ([]int, error) {
				return c.keep, nil
			}})
			if err != nil || !slices.Equal(res.Left, c.left) {
				t.Errorf("%v, left\n%s", err, strings.Join(res.Left, "\n"))
			}
		})
	}
}
