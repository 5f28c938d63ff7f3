package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/prompt"
)

// BenchmarkRefactor changes ten regions of about 120 tokens on a model server that
// reads 1000 and writes 50 tokens a second in each of four slots. It tells how much
// longer that takes than the plan and the longest chain of regions must, and how
// many prompt tokens it takes for each token of the regions and the map of them: where
// the plan names each region, and where one step of it stands for all that use a name.
func BenchmarkRefactor(b *testing.B) {
	b.Run("named", func(b *testing.B) { benchRefactor(b, false) })
	b.Run("uses", func(b *testing.B) { benchRefactor(b, true) })
}

func benchRefactor(b *testing.B, uses bool) {
	const regions, slots, decode, prefill = 10, 4, 50, 1000
	files := map[string]string{"go.mod": "module example.com/m\n"}
	var plan []string
	script := modeltest.Script{Slots: slots, Decode: decode, Prefill: prefill}
	regionTokens, replyTokens := 0, 0
	for i := range regions {
		name := fmt.Sprintf("Handle%d", i)
		body := strings.Repeat(fmt.Sprintf("\tvalue%d = append(value%d, t.Target(value%d))\n", i, i, i), 9)
		region := fmt.Sprintf("// %s calls Target.\nfunc %s(value%d []int) []int {\n%s\treturn value%d\n}\n", name, name, i, body, i)
		files[fmt.Sprintf("p%d/p%d.go", i, i)] = fmt.Sprintf("package p%d\n\nimport \"example.com/m/t\"\n\n%s", i, region)
		plan = append(plan, step("edit", fmt.Sprintf("p%d/p%d.go", i, i), name, fmt.Sprintf("call Target twice in %s", name)))
		reply := fenced(strings.Replace(region, "t.Target(", "t.Target2(", 1))
		script.Replies = append(script.Replies, modeltest.Reply{Contains: "func " + name + "(", Last: "change the region", Text: reply, Keep: true})
		regionTokens += prompt.Estimate(region, 0)
		replyTokens += len(reply) / 4
	}
	if uses {
		plan = []string{step("uses", "t/t.go", "Target", "call Target twice")}
	}
	files["t/t.go"] = "package t\n\n// Target is called everywhere.\nfunc Target(v []int) int { return len(v) }\n"
	script.Replies = append(script.Replies, modeltest.Reply{Last: "plan this change", Text: steps(plan...), Keep: true})
	w := newWorkbench(b, script, files)
	var took, least time.Duration
	var tokens int
	for b.Loop() {
		began := time.Now()
		res, err := w.do(b.Context(), Request{Action: Refactor, Path: ".", Prompt: "call Target twice", Anew: true})
		if err != nil || len(res.Files) != regions {
			b.Fatalf("%v, %d files, left %q", err, len(res.Files), res.Left)
		}
		took += time.Since(began)
		tokens = res.Usage.Prompt
		// What the server itself needs: the plan, then the regions in rounds of four.
		planTime := inSeconds(float64(len(steps(plan...))/4) / decode)
		chain := inSeconds(float64((regions+slots-1)/slots) * float64(replyTokens/regions) / decode)
		read := inSeconds(float64(res.Usage.Prompt) / prefill / slots)
		least += planTime + chain + read
	}
	b.ReportMetric(float64(took)/float64(least), "ratio")
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/refactor")
	b.ReportMetric(float64(tokens)/float64(regionTokens), "prompt-tokens/region-token")
	code := 0 // what the prompts show of the project: regions, related code, the map
	for _, c := range w.server.Chats()[:regions+1] {
		for i, part := range strings.Split(c.Messages[1].Content, "```") {
			if i%2 == 1 {
				code += prompt.Estimate(part, 0)
			}
		}
	}
	b.ReportMetric(float64(tokens)/float64(code), "prompt-tokens/code-token")
}

func inSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
