package edit

import "strings"

// parts watches, while a reply is written, whether it consists of changes that
// name what they change: blocks or patches. Of those there may come more, so that
// the first closed fence does not end the reply, but the talk after the last.
type parts struct {
	marks  int  // lines that open a block
	open   bool // a block is open
	any    bool // there is a block or a patch
	spoken int  // sentences since the last fence or mark
}

// line reads a line outside of thinking; inFence says that it belongs to a fence,
// or is one. It reports whether nothing can follow that matters.
func (w *parts) line(l, language string, inFence bool) bool {
	switch markOf(l, language) {
	case opens:
		w.marks++
		w.open, w.any, w.spoken = true, true, 0
		return false
	case closes:
		w.open, w.spoken = false, 0
		return false
	}
	switch {
	case inFence:
		w.spoken = 0
	case !w.any || w.open || blank(l):
	case pathIn(l) != "":
		w.spoken = 0
	default:
		w.spoken++
		return w.spoken >= enoughTalk && !strings.HasSuffix(strings.TrimSpace(l), ":")
	}
	return false
}

// enoughTalk is how many lines of prose after a change mean that there is no other:
// one may lead to the next ("Then the caller:").
const enoughTalk = 2

// changeHeads begin a reply that tells what changes rather than what is to be there.
var changeHeads = []string{"<<<", "------- ", "--- ", "@@ ", "diff --git "}

// after is what the line after "--- " begins with in a patch.
const after = "+++ "

// isChange reports whether a text begins like a block or a patch, or may yet.
func isChange(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	for _, head := range changeHeads {
		if strings.HasPrefix(head, s) && s != "" {
			return true
		}
		if !strings.HasPrefix(s, head) {
			continue
		}
		// A comment may begin with dashes as well: the line after it tells.
		if _, next, whole := strings.Cut(s, "\n"); head != "--- " || !whole || strings.HasPrefix(next, after) || strings.HasPrefix(after, next) {
			return true
		}
	}
	return false
}
