package review

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hob-ls/hob/workspace/text"
)

// Severity is how bad a finding is, in the words of diagnostics.
type Severity string

// The severities, worst first.
const (
	Error       Severity = "error"
	Warning     Severity = "warning"
	Information Severity = "information"
)

// rank orders severities, the worst first.
var rank = map[Severity]int{Error: 0, Warning: 1, Information: 2}

// Worse reports whether a is at least as bad as b.
func Worse(a, b Severity) bool { return rank[a] <= rank[b] }

// Finding is one thing that voices found.
type Finding struct {
	Span     text.Span // of whole lines without their indentation, in the text that was read
	Severity Severity
	Message  string
	Voices   []string // who found it, sorted
}

// Schema is the JSON schema of a voice's answer, for decoding under constraint.
var Schema = json.RawMessage(`{"type":"object","properties":{"findings":{"type":"array","items":{"type":"object","properties":{` +
	`"quote":{"type":"string"},"severity":{"type":"string","enum":["error","warning","information"]},"message":{"type":"string"}},` +
	`"required":["quote","severity","message"]}}},"required":["findings"]}`)

// Form tells a voice in which form to answer; [Read] reads it.
const Form = `Reply with JSON only, in this form:
{"findings": [{"quote": "LINE", "severity": "warning", "message": "what is wrong, and what to do, in one sentence"}]}
"quote" is the line of the region that is meant, copied exactly. "severity" is "error" for what fails, "warning" for what may fail, "information" for the rest. ` +
	`At most ten findings, the worst first; an empty list where there is nothing to say.`

// maxFindings bounds what one voice can say, maxMessage a message in bytes.
const (
	maxFindings = 20
	maxMessage  = 400
)

// Read finds the findings of a voice's reply in the region of src. dropped counts
// those that point at no line of it.
func Read(reply, voice, src string, region text.Span) (found []Finding, dropped int, err error) {
	var w struct {
		Findings []struct {
			Quote    string   `json:"quote"`
			Severity Severity `json:"severity"`
			Message  string   `json:"message"`
		} `json:"findings"`
	}
	start, end := strings.IndexByte(reply, '{'), strings.LastIndexByte(reply, '}')
	if start < 0 || end < start {
		return nil, 0, fmt.Errorf("the %s's reply holds no JSON", voice)
	}
	if err := json.Unmarshal([]byte(reply[start:end+1]), &w); err != nil {
		return nil, 0, fmt.Errorf("the %s's reply is not the JSON that was asked for: %w", voice, err)
	}
	if w.Findings == nil { // nothing to say is said with an empty list
		return nil, 0, fmt.Errorf("the %s's reply has no findings", voice)
	}
	lines := linesOf(src, region)
	for _, f := range w.Findings {
		message := oneLine(f.Message)
		span, ok := find(lines, f.Quote)
		if !ok || message == "" || len(found) == maxFindings {
			dropped++
			continue
		}
		if _, known := rank[f.Severity]; !known {
			f.Severity = Warning
		}
		found = append(found, Finding{span, f.Severity, message, []string{voice}})
	}
	return found, dropped, nil
}

// line is one line of the region.
type line struct {
	span text.Span // without the white space at its ends
	key  string    // its text without any white space
}

func linesOf(src string, region text.Span) []line {
	var out []line
	at := region.Start
	for l := range strings.Lines(src[region.Start:region.End]) {
		body := strings.TrimSpace(l)
		if body != "" {
			start := at + strings.Index(l, body)
			out = append(out, line{text.Span{Start: start, End: start + len(body)}, squeeze(body)})
		}
		at += len(l)
	}
	return out
}

// find is the place of a quote: the lines it consists of, white space aside; a
// quote of a part of a line means that line. Of several places the first counts.
func find(lines []line, quote string) (text.Span, bool) {
	var keys []string
	for l := range strings.Lines(quote) {
		if k := squeeze(l); k != "" {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return text.Span{}, false
	}
	for i := range lines {
		if i+len(keys) > len(lines) {
			break
		}
		same := true
		for j, k := range keys {
			same = same && lines[i+j].key == k
		}
		if same {
			return text.Span{Start: lines[i].span.Start, End: lines[i+len(keys)-1].span.End}, true
		}
	}
	const enough = 6 // bytes of a part that say which line is meant
	for _, l := range lines {
		if len(keys[0]) >= enough && strings.Contains(l.key, keys[0]) {
			return l.span, true
		}
	}
	return text.Span{}, false
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}

// Merge joins findings that say the same of one place, and orders all by place,
// then by severity. The worst severity and the longest message stay.
func Merge(all []Finding) []Finding {
	var out []Finding
	for _, f := range all {
		i := slices.IndexFunc(out, func(o Finding) bool { return o.Span.Overlaps(f.Span) && alike(o.Message, f.Message) })
		if i < 0 {
			f.Voices = slices.Clone(f.Voices)
			out = append(out, f)
			continue
		}
		o := &out[i]
		if rank[f.Severity] < rank[o.Severity] {
			o.Severity = f.Severity
		}
		if len(f.Message) > len(o.Message) {
			o.Message = f.Message
		}
		o.Span = text.Span{Start: min(o.Span.Start, f.Span.Start), End: max(o.Span.End, f.Span.End)}
		o.Voices = append(o.Voices, f.Voices...)
	}
	for i := range out {
		slices.Sort(out[i].Voices)
		out[i].Voices = slices.Compact(out[i].Voices)
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(rank[a.Severity], rank[b.Severity]), cmp.Compare(a.Message, b.Message))
	})
	return out
}

// alike reports whether two messages share half of their words that matter.
func alike(a, b string) bool {
	x, y := words(a), words(b)
	shared := 0
	for w := range x {
		if y[w] {
			shared++
		}
	}
	return shared > 0 && 2*shared >= min(len(x), len(y))
}

func words(s string) map[string]bool {
	const short = 3 // bytes; shorter words say nothing
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		if len(w) > short {
			out[w] = true
		}
	}
	return out
}
