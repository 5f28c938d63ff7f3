package tool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a tool that does what f says.
func fake(name string, f func(ctx context.Context, args string) (string, error)) Tool {
	return Tool{Spec: Spec{Name: name}, Run: func(ctx context.Context, args json.RawMessage) (Result, error) {
		text, err := f(ctx, string(args))
		return Result{Text: text}, err
	}}
}

// after is a tool that takes as long as its argument says.
var after = fake("after", func(ctx context.Context, args string) (string, error) {
	d, err := time.ParseDuration(args)
	if err != nil {
		return "", err
	}
	select {
	case <-time.After(d):
		return args, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
})

func texts(b *Batch) []string {
	var out []string
	for o := range b.Results() {
		out = append(out, o.Text)
	}
	return out
}

func call(name, args string) Call { return Call{Name: name, Args: json.RawMessage(args)} }

// Calls run side by side; the results come in the order of the calls.
func TestExecutorOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewExecutor([]Tool{after}, Options{AtOnce: 4}).Begin(t.Context())
		began := time.Now()
		want := []string{"3s", "1s", "2s", "1ms"}
		for _, d := range want {
			b.Start(call("after", d))
		}
		if got := texts(b); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %v, one after another", took)
		}
	})
}

// A result is given out while later calls run and others are not even parsed.
func TestExecutorStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewExecutor([]Tool{after}, Options{AtOnce: 4, Timeout: time.Minute}).Begin(t.Context())
		began := time.Now()
		at := map[string]time.Duration{}
		read := make(chan struct{})
		go func() {
			defer close(read)
			for o := range b.Follow() {
				at[o.Text] = time.Since(began)
			}
		}()
		b.Start(call("after", "1s"))
		b.Start(call("after", "10s"))
		time.Sleep(5 * time.Second)
		b.Start(call("after", "2s"))
		b.End()
		<-read
		if at["1s"] != time.Second || at["10s"] != 10*time.Second || at["2s"] != 10*time.Second {
			t.Errorf("%v", at)
		}
	})
}

func TestExecutorBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		busy := fake("busy", func(context.Context, string) (string, error) {
			n := now.Add(1)
			defer now.Add(-1)
			if n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			return "done", nil
		})
		b := NewExecutor([]Tool{busy}, Options{AtOnce: 3, Most: 8}).Begin(t.Context())
		for range 10 {
			b.Start(call("busy", ""))
		}
		out := slices.Collect(b.Results())
		if len(out) != 10 || most.Load() != 3 {
			t.Errorf("%d outcomes, %d at once", len(out), most.Load())
		}
		for i, o := range out {
			if over := i >= 8; (o.Err != nil) != over || over && !strings.Contains(o.Text, "too many calls") {
				t.Errorf("%d: %q, %v", i, o.Text, o.Err)
			}
		}
	})
}

// What goes wrong with one call is that call's alone.
func TestExecutorFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		deaf := make(chan struct{})
		tools := []Tool{
			after,
			fake("panics", func(context.Context, string) (string, error) { panic("oh no") }),
			fake("fails", func(context.Context, string) (string, error) { return "half", errors.New("not today") }),
			fake("deaf", func(context.Context, string) (string, error) { <-deaf; return "late", nil }),
			fake("after", func(context.Context, string) (string, error) { return "the second of that name", nil }),
		}
		tools[3].Timeout = time.Minute
		b := NewExecutor(tools, Options{AtOnce: 1, Timeout: 10 * time.Second, Log: slog.New(slog.NewTextHandler(&log, nil))}).Begin(t.Context())
		for _, c := range []Call{
			call("panics", ""), call("deaf", ""), call("fails", ""), call("after", "1h"), call("none", ""),
			{Bad: "unreadable"},
			call("after", "1s"),
		} {
			b.Start(c)
		}
		want := []string{
			"failed inside", "deaf took longer than 1m0s", "not today", "after took longer than 10s",
			`there is no tool "none"; there are after, deaf, fails, panics`, "unreadable", "1s",
		}
		began := time.Now()
		i := 0
		for o := range b.Results() {
			if !strings.Contains(o.Text, want[i]) || (o.Err != nil) != (i < 6) || strings.Contains(o.Text, "half") {
				t.Errorf("%d: %q, %v", i, o.Text, o.Err)
			}
			i++
		}
		if i != len(want) || time.Since(began) > 2*time.Minute {
			t.Errorf("%d outcomes in %v", i, time.Since(began))
		}
		if !strings.Contains(log.String(), "oh no") || !strings.Contains(log.String(), "executor_test.go") {
			t.Errorf("the log does not tell of the panic: %s", log.String())
		}
		close(deaf)
	})
}

func TestExecutorCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := NewExecutor([]Tool{after}, Options{AtOnce: 2}).Begin(ctx)
		for range 5 {
			b.Start(call("after", "5s"))
		}
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		n := 0
		for o := range b.Results() {
			if n++; !errors.Is(o.Err, context.Canceled) {
				t.Errorf("%v", o.Err)
			}
		}
		if n != 5 || time.Since(began) != time.Second {
			t.Errorf("%d outcomes in %v", n, time.Since(began))
		}
		b.Start(call("after", "1s")) // too late, and no harm
		b.Stop()
	})
}

// A reader that leaves early leaves nothing behind.
func TestExecutorStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewExecutor([]Tool{after}, Options{}).Begin(t.Context())
		for range 3 {
			b.Start(call("after", "1s"))
		}
		for o := range b.Follow() {
			if o.Text != "1s" {
				t.Error(o)
			}
			break
		}
		b.Stop()
		synctest.Wait()
	})
}

func TestExecutorDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := NewExecutor([]Tool{after, fake("panics", func(context.Context, string) (string, error) { panic("oh no") })}, Options{Timeout: 10 * time.Second})
		for _, tt := range []struct {
			call Call
			want string
		}{
			{call("after", "1s"), "1s"},
			{call("after", "1h"), "error: after took longer than 10s"},
			{call("panics", ""), "error: panics failed inside"},
			{call("none", ""), "error: there is no tool"},
			{Call{Bad: "unreadable"}, "error: unreadable"},
		} {
			if o := e.Do(t.Context(), tt.call); !strings.HasPrefix(o.Text, tt.want) || (o.Err != nil) != strings.HasPrefix(tt.want, "error") {
				t.Errorf("%v: %q, %v", tt.call, o.Text, o.Err)
			}
		}
	})
}

func TestAssembler(t *testing.T) {
	f := func(index int, id, name, args string) Fragment { return Fragment{index, id, name, args} }
	tests := []struct {
		name string
		in   []Fragment
		want string // the calls, each with the number of fragments it took
	}{
		{"ollama", []Fragment{f(0, "", "read", `{"path":"a"}`), f(1, "", "list", `{}`)}, `1 read {"path":"a"} 2 list {}`},
		{"ollama without numbers", []Fragment{f(0, "", "read", `{"path":"a"}`), f(0, "", "read", `{"path":"b"}`)}, `1 read {"path":"a"} 2 read {"path":"b"}`},
		{"openai", []Fragment{f(0, "x", "read", ""), f(0, "", "", `{"pa`), f(0, "", "", `th":"a"}`), f(1, "y", "list", ""), f(1, "", "", `{}`)}, `3 x read {"path":"a"} 5 y list {}`},
		{"interleaved", []Fragment{f(0, "x", "read", ""), f(1, "y", "list", ""), f(1, "", "", `{}`), f(0, "", "", `{}`)}, `3 y list {} 4 x read {}`},
		{"the name in every piece", []Fragment{f(0, "x", "read", `{"a"`), f(0, "x", "read", `:1}`)}, `2 x read {"a":1}`},
		{"no arguments", []Fragment{f(0, "x", "list", ""), f(1, "y", "list", "")}, `end x list {} end y list {}`},
		{"arguments as a text", []Fragment{f(0, "x", "read", `"{\"path\":\"a\"}"`)}, `end x read "{\"path\":\"a\"}"`},
		{"cut", []Fragment{f(0, "x", "read", `{"pa`)}, `end x bad: not whole JSON`},
		{"nothing", []Fragment{f(0, "", "", ""), f(3, "", "", "{}")}, ``},
		{"too much", []Fragment{f(0, "x", "read", `{"path":"`), f(0, "", "", strings.Repeat("x", maxArgs))}, `2 x bad: more than`},
		{"after the end", []Fragment{f(0, "x", "read", `{}`), f(0, "", "", ` `), f(0, "x", "", `{}`)}, `1 x read {}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a Assembler
			var got []string
			note := func(when string, calls []Call) {
				for _, c := range calls {
					line := []string{when}
					if c.ID != "" {
						line = append(line, c.ID)
					}
					switch {
					case strings.Contains(c.Bad, "not whole JSON"):
						line = append(line, "bad: not whole JSON")
					case c.Bad != "":
						line = append(line, "bad: more than")
					default:
						line = append(line, c.Name, string(c.Args))
					}
					got = append(got, strings.Join(line, " "))
				}
			}
			for i, f := range tt.in {
				note(fmt.Sprint(i+1), a.Add(f))
			}
			note("end", a.Close())
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s\nwant %s", s, tt.want)
			}
		})
	}
}

// Arguments may be cut anywhere; what comes out is one call, at its last byte.
func TestAssemblerCuts(t *testing.T) {
	const args = `{"a": {"b": "}\"{"}, "c": [1, {}]}`
	for at := range len(args) {
		var a Assembler
		calls := slices.Concat(a.Add(Fragment{0, "x", "read", args[:at]}), a.Add(Fragment{Arguments: args[at:]}))
		if len(calls) != 1 || string(calls[0].Args) != args || len(a.Close()) > 0 {
			t.Errorf("cut at %d: %+v", at, calls)
		}
	}
}

func FuzzAssembler(f *testing.F) {
	f.Add(`{"a":"}"}`, uint8(3), "read", "")
	f.Add(`"{}"`, uint8(1), "", "id")
	f.Fuzz(func(t *testing.T, args string, step uint8, name, id string) {
		var a Assembler
		var calls []Call
		for i := 0; i < len(args); i += int(step) + 1 {
			piece := Fragment{Arguments: args[i:min(len(args), i+int(step)+1)]}
			if i == 0 {
				piece.Name, piece.ID = name, id
			}
			calls = append(calls, a.Add(piece)...)
		}
		calls = append(calls, a.Close()...)
		if len(calls) > 1 {
			t.Fatalf("%d calls of one", len(calls))
		}
		for _, c := range calls {
			if c.Bad == "" && !json.Valid(c.Args) {
				if !strings.HasPrefix(strings.TrimSpace(string(c.Args)), "{") {
					t.Fatalf("%q", c.Args)
				}
			}
		}
	})
}
