package lsptest

import (
	"os"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/tool/mcp/mcptest"
)

// mcpServer adds a server of mcptest to the user's configuration: the program that
// runs the scenarios, started anew, is it.
func (r *run) mcpServer(l Line) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	key := "tools.mcp." + l.arg(0)
	r.setup.flags[key+".command"] = self
	r.setup.flags[key+".env."+mcptest.Env] = l.arg(1)
	return l.want(2)
}

// chooseButton answers a message with buttons: with what the user chose before, or
// will choose where they think about it. What is not there can't be clicked.
func (r *run) chooseButton(_ string, titles []string) string {
	thinks := false
	r.journal.note(func() {
		r.journal.messages = append(r.journal.messages, "buttons: "+strings.Join(titles, ", "))
		thinks = r.thinks
	})
	var choice string
	if thinks {
		choice = r.choices.next(r.user, "")
	} else {
		choice = r.choices.ready("")
	}
	if !slices.Contains(titles, choice) {
		return ""
	}
	return choice
}
