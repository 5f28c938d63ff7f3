package model

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMean(t *testing.T) {
	var m Mean
	for _, x := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		if m = m.With(x); m != (Mean{}) {
			t.Errorf("%v counts: %+v", x, m)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		m = m.With(50 * math.Exp(r.NormFloat64()*0.1))
	}
	if m.V < 45 || m.V > 55 || m.N != 30 {
		t.Errorf("%+v, want about 50", m)
	}
	for _, x := range []float64{1e9, 1e-9} {
		if one := m.With(x); one.V < m.V/1.4 || one.V > m.V*1.4 {
			t.Errorf("one value of %g moves %v to %v", x, m.V, one.V)
		}
	}
	first := Mean{}.With(1e6) // wild from the start
	for range 20 {
		first = first.With(50)
		m = m.With(500) // ten times as fast from now on
	}
	if m.V < 450 || m.V > 510 {
		t.Errorf("%v after twenty values of 500", m.V)
	}
	for range 20 {
		first = first.With(50)
	}
	if first.V > 60 {
		t.Errorf("%v: the wild beginning is not forgotten", first.V)
	}
}

func TestFigures(t *testing.T) {
	at := time.Unix(9, 0)
	reply := Reply{
		Usage: Usage{Prompt: 1000, Cached: -1, Output: 101},
		Load:  2 * time.Second, Prefill: time.Second, Decode: 2 * time.Second, First: 3 * time.Second, Wall: 5 * time.Second,
	}
	full := Sample{Reply: reply, PromptBytes: 4000}
	got := Figures{}.With(full, at)
	if d := cmp.Diff(Figures{Load: Mean{1, 2}, Prefill: Mean{1, 1000}, Decode: Mean{1, 50}, Bytes: Mean{1, 4}, At: at}, got); d != "" {
		t.Error(d)
	}
	for _, x := range []struct {
		name                       string
		known                      Figures
		change                     func(*Sample)
		load, prefill, decode, per float64
	}{
		{"resident", Figures{}, func(s *Sample) { s.Resident = true }, 0, 1000, 50, 4},
		{"the prefix may have been there", Figures{}, func(s *Sample) { s.KnownBytes = 3000 }, 2, 0, 50, 4},
		{"some of it was", Figures{}, func(s *Sample) { s.KnownBytes = 1000 }, 2, 750, 50, 4},
		{"it is read again anyway", Figures{Again: Mean{1, 1}, AgainAt: at}, func(s *Sample) { s.KnownBytes = 4000 }, 2, 1000, 50, 4},
		{"it was, as the server says", Figures{}, func(s *Sample) { s.KnownBytes, s.Usage.Cached = 4000, 500 }, 2, 500, 50, 4},
		{"all but the end was", Figures{}, func(s *Sample) { s.Usage.Cached = 990 }, 2, 0, 50, 4},
		{"short", Figures{}, func(s *Sample) { s.Usage.Output = 3; s.Usage.Prompt = 5 }, 2, 0, 0, 0},
		{"stopped", Figures{}, func(s *Sample) { s.Stopped, s.Resident, s.Usage.Prompt = true, true, 0 }, 0, 0, 50, 0},
		{"stopped, bytes known", Figures{Bytes: Mean{5, 4}}, func(s *Sample) { s.Stopped, s.Resident, s.Usage.Prompt = true, true, 0 }, 0, 1000, 50, 4},
		{"stopped, loaded for it", Figures{Bytes: Mean{5, 4}}, func(s *Sample) { s.Stopped, s.Usage.Prompt = true, 0 }, 0, 0, 50, 4},
		{"nothing told", Figures{}, func(s *Sample) { s.Reply = Reply{Usage: Usage{Cached: -1}} }, 0, 0, 0, 0},
		{"a clock that jumps", Figures{}, func(s *Sample) { s.Load, s.Prefill, s.Decode = -1, -1, -1 }, 0, 0, 0, 4},
	} {
		s := full
		x.change(&s)
		f := x.known.With(s, at)
		if f.Load.V != x.load || f.Prefill.V != x.prefill || f.Decode.V != x.decode || f.Bytes.V != x.per {
			t.Errorf("%s: %+v", x.name, f)
		}
	}
	before := got.Judged("region", true, at)
	after := before
	for range 100 {
		after = after.Judged("region", false, at)
	}
	if before.Formats["region"] != (Score{1, 1}) || after.Formats["region"].Rate > 0.05 || after.Formats["region"].N != 101 || got.Formats != nil {
		t.Errorf("%+v, %+v", before, after)
	}
}

// figured is a pool with a file for its figures, whose provider says ten words.
func figured(t *testing.T, path string, f func(t *testing.T, p *Pool)) {
	bubble(t, PoolOptions{Figures: path}, f, newTalker())
}

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "models.json")
	figured(t, path, func(t *testing.T, p *Pool) {
		if _, err := p.Chat(t.Context(), job("a", "x")); err != nil {
			t.Fatal(err)
		}
		p.Judged("o", "a", "region", true)
		if _, err := os.Stat(path); err == nil {
			t.Error("written at once")
		}
		time.Sleep(saveEvery + time.Millisecond)
		if got, err := p.store.read(); err != nil || got["o/a"].Formats["region"].N != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		p.Judged("o", "a", "region", true) // written by Close
	})
	figured(t, path, func(t *testing.T, p *Pool) {
		f, ok := p.Catalog().Figures("o/a")
		if !ok || f.Formats["region"].N != 2 {
			t.Errorf("%+v", f)
		}
		// Another process measures something else, and this model later.
		other := map[string]Figures{"o/b": {Load: Mean{1, 7}, At: time.Now()}, "o/a": {Load: Mean{1, 8}, At: time.Now().Add(time.Hour)}}
		b, err := json.Marshal(storeFile{storeVersion, other})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p.Judged("o", "c", "whole", false)
	})
	got, err := (&store{path: path}).read()
	if err != nil || len(got) != 3 || got["o/a"].Load.V != 8 || got["o/b"].Load.V != 7 || got["o/c"].Formats["whole"] != (Score{1, 0}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestStoreBad: what is not ours, or torn, is nothing to fail for and is not lost.
func TestStoreBad(t *testing.T) {
	good, err := json.Marshal(storeFile{storeVersion, map[string]Figures{"o/a": {Load: Mean{1, 7}}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"torn": string(good[:len(good)/2]), "empty": "", "foreign": "[server]\nx = 1\n", "other JSON": `{"a":1}`,
		"version": strings.Replace(string(good), `"version":1`, `"version":99`, 1), "huge": strings.Repeat(" ", mostBytes+1),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "models.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			figured(t, path, func(t *testing.T, p *Pool) {
				if len(p.Catalog().Measured) != 0 {
					t.Errorf("%+v", p.Catalog().Measured)
				}
				p.Judged("o", "a", "region", true)
			})
			if got, err := (&store{path: path}).read(); err != nil || len(got) != 1 {
				t.Errorf("%+v, %v", got, err)
			}
			if b, err := os.ReadFile(path + ".bad"); err != nil || string(b) != content {
				t.Errorf("what was there is lost: %v", err)
			}
		})
	}
	t.Run("no folder can be made", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		figured(t, filepath.Join(file, "models.json"), func(t *testing.T, p *Pool) {
			p.Judged("o", "a", "region", true)
			if _, ok := p.Catalog().Figures("o/a"); !ok {
				t.Error("not even in memory")
			}
		})
	})
}

func TestStoreBound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "models.json")
	figured(t, path, func(t *testing.T, p *Pool) {
		for i := range mostModels + 50 {
			time.Sleep(time.Millisecond)
			p.Judged("o", fmt.Sprint(i), "region", true)
		}
		if n := len(p.Catalog().Measured); n != mostModels {
			t.Errorf("%d models", n)
		}
	})
	got, err := (&store{path: path}).read()
	if _, ok := got[fmt.Sprint("o/", mostModels+49)]; err != nil || len(got) != mostModels || !ok {
		t.Errorf("%d models, %v", len(got), err)
	}
}

// FuzzStore: whatever the file holds, it is read or refused, and what is read can
// be reckoned with.
func FuzzStore(f *testing.F) {
	f.Add([]byte(`{"version":1,"models":{"o/a":{"load":{"n":1,"v":2},"decode":{"n":-1,"v":1e308},"formats":{"x":{"n":1,"rate":7}},"at":"2026-01-02T03:04:05Z"}}}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"version":1,"models":{"":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := decodeFigures(b)
		if err != nil {
			return
		}
		for id, v := range all {
			v = v.With(Sample{Reply: Reply{Usage: Usage{Prompt: 1000, Output: 100}, Prefill: 1e9, Decode: 1e9, Load: 1e9}, PromptBytes: 4000}, time.Now())
			for _, m := range []Mean{v.Load, v.Prefill, v.Decode, v.Bytes} {
				if !m.valid() {
					t.Errorf("%q: %+v", id, v)
				}
			}
			for _, s := range v.Formats {
				if !(s.Rate >= 0 && s.Rate <= 1) {
					t.Errorf("%q: %+v", id, v)
				}
			}
		}
		if _, err := json.Marshal(storeFile{storeVersion, all}); err != nil {
			t.Error(err)
		}
	})
}
