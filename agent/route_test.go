package agent

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
)

func coder(name string, billions float64) model.Model {
	return model.Model{Provider: "ollama", Name: name, Params: int64(billions * 1e9), Chat: true, Coder: true}
}

func catalog(models ...model.Model) *model.Catalog {
	return &model.Catalog{Models: models, At: time.Unix(1, 0)}
}

func TestScopeTier(t *testing.T) {
	for _, tt := range []struct {
		scope Scope
		want  Tier
	}{
		{Scope{Action: Fix, Kind: LineScope, Lines: 7}, Fast},
		{Scope{Action: Edit, Kind: SymbolScope, Lines: 24}, Fast},
		{Scope{Action: Edit, Kind: SelectionScope, Lines: mediumLines}, Fast},
		{Scope{Action: Edit, Kind: SelectionScope, Lines: mediumLines + 1}, Balanced},
		{Scope{Action: Edit, Kind: FileScope, Lines: 30}, Balanced},
		{Scope{Action: Edit, Kind: FileScope, Lines: complexLines + 1}, Quality},
		{Scope{Action: Generate, Kind: InsertionScope}, Fast},
		{Scope{Action: Component, Kind: NewFileScope}, Fast},
		{Scope{Action: Document, Kind: SymbolScope, Lines: 90}, Fast},
		{Scope{Action: Explain, Kind: FileScope, Lines: 300}, Fast},
		{Scope{Action: Explain, Kind: FileScope, Lines: 900}, Balanced},
	} {
		if got := tt.scope.Tier(); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.scope, got, tt.want)
		}
	}
}

func TestRoute(t *testing.T) {
	small := Scope{Action: Edit, Kind: SymbolScope, Lines: 24}
	file := Scope{Action: Edit, Kind: FileScope, Lines: 60}
	all := catalog(coder("a:1b", 1), coder("b:3b", 3), coder("c:7b", 7), coder("d:16b", 16), coder("e:70b", 70))
	talker := coder("talker:4b", 4)
	talker.Coder = false
	thinker := coder("thinker:3b", 4)
	thinker.Thinks = true
	embed := coder("embed:1b", 1)
	embed.Chat = false
	cloud := coder("big:480b-cloud", 480)
	cloud.Remote = true
	unsized := model.Model{Provider: "ollama", Name: "unsized", Chat: true, Bytes: 1_900_000_000}
	down := &model.Catalog{Errors: map[string]error{"ollama": &model.Error{Kind: model.Unreachable, Message: "nothing answers at http://127.0.0.1:1", Hint: "start it"}}}

	for _, tt := range []struct {
		name  string
		in    RouteInput
		model string
		tier  Tier
		why   string // contained in Why, or in the error's message
		kind  ErrorKind
	}{
		{name: "fast is the largest small coder", in: RouteInput{Scope: small, Catalog: all}, model: "b:3b", tier: Fast, why: "one symbol, 24 lines"},
		{name: "a file is balanced", in: RouteInput{Scope: file, Catalog: all}, model: "c:7b", tier: Balanced, why: "one file, 60 lines"},
		{name: "quality avoids the huge", in: RouteInput{Scope: small, Tier: Quality, Catalog: all}, model: "d:16b", tier: Quality, why: "tier asked for"},
		{name: "coder before chatter", in: RouteInput{Scope: small, Catalog: catalog(coder("a:1b", 1), talker)}, model: "a:1b", tier: Fast},
		{name: "no thinker if there is another", in: RouteInput{Scope: small, Catalog: catalog(coder("a:1b", 1), thinker)}, model: "a:1b", tier: Fast},
		{name: "no embedding model", in: RouteInput{Scope: small, Catalog: catalog(embed)}, kind: ModelMissing, why: "no model that can write code"},
		{name: "size by weights", in: RouteInput{Scope: small, Catalog: catalog(unsized)}, model: "unsized", tier: Fast},
		{name: "missing tier falls down first", in: RouteInput{Scope: file, Catalog: catalog(coder("b:3b", 3), coder("d:16b", 16))}, model: "b:3b", tier: Balanced, why: "no model of the balanced tier, so the fast one"},
		{name: "missing fast tier", in: RouteInput{Scope: small, Catalog: catalog(coder("d:16b", 16))}, model: "d:16b", tier: Fast, why: "so the quality one"},
		{name: "configured", in: RouteInput{Scope: small, Catalog: all, Models: map[Tier]string{Fast: "ollama/a:1b"}}, model: "a:1b", tier: Fast},
		{name: "configured but missing", in: RouteInput{Scope: small, Catalog: all, Models: map[Tier]string{Fast: "ollama/x:1b"}}, kind: ModelMissing, why: "there is no model ollama/x:1b"},
		{name: "the only configured one is missing", in: RouteInput{Scope: file, Catalog: catalog(embed), Models: map[Tier]string{Fast: "ollama/x:1b"}}, kind: ModelMissing, why: "there is no model ollama/x:1b"},
		{name: "asked for", in: RouteInput{Scope: small, Catalog: all, Model: "ollama/e:70b"}, model: "e:70b", tier: Fast, why: "model asked for"},
		{name: "asked for but missing", in: RouteInput{Scope: small, Catalog: all, Model: "ollama/nope"}, kind: ModelMissing, why: "nope"},
		{name: "asked for but no chatter", in: RouteInput{Scope: small, Catalog: catalog(embed), Model: "ollama/embed:1b"}, kind: ModelMissing, why: "can't chat"},
		{name: "unknown tier", in: RouteInput{Scope: small, Tier: "best", Catalog: all}, kind: BadRequest, why: `no tier "best"`},
		{name: "nothing answers", in: RouteInput{Scope: small, Catalog: down}, kind: ModelUnreachable, why: "nothing answers"},
		{name: "nothing answers, model named", in: RouteInput{Scope: small, Catalog: down, Model: "ollama/b:3b"}, kind: ModelUnreachable, why: "nothing answers"},
		{name: "cloud is never chosen", in: RouteInput{Scope: small, Tier: Quality, Catalog: catalog(coder("b:3b", 3), cloud)}, model: "b:3b", tier: Quality},
		{name: "cloud is refused", in: RouteInput{Scope: small, Catalog: catalog(cloud), Model: "ollama/big:480b-cloud"}, kind: RefusedPath, why: "another machine"},
		{name: "cloud if allowed", in: RouteInput{Scope: small, Catalog: catalog(cloud), Model: "ollama/big:480b-cloud", AllowRemote: true}, model: "big:480b-cloud", tier: Fast},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Route(tt.in)
			if tt.kind != "" {
				if err == nil || err.Kind != tt.kind || !strings.Contains(err.Message, tt.why) || err.Hint == "" {
					t.Fatalf("got %+v, %+v; want %s with %q and a hint", got, err, tt.kind, tt.why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Model.Name != tt.model || got.Tier != tt.tier || !strings.Contains(got.Why, tt.why) {
				t.Errorf("got %s on %s because %q; want %s on %s because %q", got.Tier, got.Model.Name, got.Why, tt.tier, tt.model, tt.why)
			}
			if again, _ := Route(tt.in); again != got {
				t.Errorf("a second call decided %+v, the first %+v", again, got)
			}
		})
	}
}

func BenchmarkRoute(b *testing.B) {
	var models []model.Model
	for i := range 20 {
		models = append(models, coder(fmt.Sprintf("m%d", i), float64(i+1)))
	}
	in := RouteInput{Scope: Scope{Action: Edit, Kind: SymbolScope, Lines: 24}, Catalog: catalog(models...)}
	in.Budget = 9 * time.Second
	in.Catalog.Measured = map[string]model.Figures{}
	for _, m := range models { // so that it has predictions to make
		in.Catalog.Measured[m.ID()] = model.Figures{Prefill: model.Mean{N: 9, V: 1000}, Decode: model.Mean{N: 9, V: 50}}
	}
	b.ReportAllocs()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := Route(in); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "µs-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "µs-p99")
}
