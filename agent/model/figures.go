package model

import (
	"maps"
	"math"
	"time"
)

// Mean is a mean of the last few positive values, of the order of ten. It is one
// of logarithms, as befits rates, and one wild value moves it little: none counts
// as farther away than by a factor of four. The zero value has seen nothing.
type Mean struct {
	N int     `json:"n"` // values seen
	V float64 `json:"v"`
}

// The newest value weighs at least newest, and counts as at most wild times, or a
// wild-th of, the mean so far.
const (
	newest = 0.2
	wild   = 4.0
)

// With is the mean with one more value; values that are none change nothing.
func (m Mean) With(x float64) Mean {
	if !(x > 0) || math.IsInf(x, 0) {
		return m
	}
	if m.N == 0 || !m.valid() {
		return Mean{1, x}
	}
	x = min(max(x, m.V/wild), m.V*wild)
	m.N++
	m.V *= math.Pow(x/m.V, max(1/float64(m.N), newest))
	return m
}

func (m Mean) valid() bool { return m.N > 0 && m.V > 0 && !math.IsInf(m.V, 0) }

// Score is how often something succeeded.
type Score struct {
	N    int     `json:"n"`    // tries
	Rate float64 `json:"rate"` // of the last twenty or so, 0 to 1
}

// With is the score after one more try.
func (s Score) With(ok bool) Score {
	x := 0.0
	if ok {
		x = 1
	}
	s.N++
	s.Rate += (x - s.Rate) * max(1/float64(s.N), 0.05)
	return s
}

// Figures are what was measured of one model on its endpoint.
type Figures struct {
	Load    Mean             `json:"load"`            // seconds to make it resident
	Prefill Mean             `json:"prefill"`         // prompt tokens per second, those not cached
	Decode  Mean             `json:"decode"`          // output tokens per second
	Bytes   Mean             `json:"bytes_per_token"` // of prompts
	Again   Mean             `json:"again"`           // part of a prompt known to the model that it reads again, 0 to 1
	AgainAt time.Time        `json:"again_at"`
	Formats map[string]Score `json:"formats,omitempty"`
	At      time.Time        `json:"at"` // of the newest
}

// Sample is what one request shows.
type Sample struct {
	Reply
	PromptBytes int  // of all messages
	KnownBytes  int  // of those, from the first on, that the model had read in the request before
	Resident    bool // the model was loaded when it was sent
	Ahead       bool // a prefill: the next job's prompt must not be made otherwise because of it
}

// A sample counts only where it is long enough to be more than noise.
const (
	leastLoad    = 20 * time.Millisecond
	leastPrefill = 64 // tokens
	leastDecode  = 8  // tokens
	leastBytes   = 32 // prompt tokens
)

// With is the figures after one more request. What a reply that we stopped does
// not tell is taken from what is known: its prompt tokens from the mean, its load
// not at all.
func (f Figures) With(s Sample, at time.Time) Figures {
	f.At = at
	if !s.Resident && !s.Stopped && s.Load >= leastLoad {
		f.Load = f.Load.With(s.Load.Seconds())
	}
	prompt := float64(s.Usage.Prompt)
	if s.Usage.Prompt >= leastBytes && !s.Ahead {
		f.Bytes = f.Bytes.With(float64(s.PromptBytes) / prompt)
	} else if s.Usage.Prompt == 0 && f.Bytes.N > 0 {
		prompt = float64(s.PromptBytes) / f.Bytes.V
	}
	known := false // how much the server had to read
	switch {
	case s.Usage.Cached >= 0:
		prompt -= float64(s.Usage.Cached)
		known = true
	case f.rereads(at):
		known = true
	case s.PromptBytes > 0:
		prompt *= 1 - float64(s.KnownBytes)/float64(s.PromptBytes)
		known = 2*s.KnownBytes <= s.PromptBytes // of little, the rest of the prompt is an estimate of nothing
	}
	// What a cut reply calls its prefill began with the request, loading included.
	if known && (s.Resident || !s.Stopped) && prompt >= leastPrefill && s.Prefill > 0 {
		f.Prefill = f.Prefill.With(prompt / s.Prefill.Seconds())
	}
	if s.Usage.Output >= leastDecode && s.Decode > 0 {
		f.Decode = f.Decode.With(float64(s.Usage.Output-1) / s.Decode.Seconds())
	}
	return f
}

// A model for which reading ahead brings nothing, as most of it would be read
// again, is tried anew after retryAfter: its server may be another by then.
const (
	mostAgain  = 0.5
	leastAgain = 0.001 // a Mean knows no zero
	retryAfter = 7 * 24 * time.Hour
)

// Reread is the figures after one more prompt that the model knew, of which it
// read that part again, 0 to 1.
func (f Figures) Reread(part float64, at time.Time) Figures {
	if !f.tested(at) {
		f.Again = Mean{}
	}
	f.At, f.AgainAt = at, at
	f.Again = f.Again.With(min(max(part, leastAgain), 1))
	return f
}

// tested reports whether it is known if the model reads known prompts again.
func (f Figures) tested(now time.Time) bool {
	return f.Again.N > 0 && now.Sub(f.AgainAt) < retryAfter
}

// rereads reports whether reading ahead brings nothing.
func (f Figures) rereads(now time.Time) bool { return f.tested(now) && f.Again.V > mostAgain }

// again is the part of what was read ahead that a job's request read again, all
// but the last message of so many bytes; false if that can't be told.
func (f Figures) again(s Sample, verb int) (part float64, ok bool) {
	ahead := float64(s.PromptBytes-verb) / f.Bytes.V
	if !f.Prefill.valid() || !f.Bytes.valid() || s.Prefill <= 0 || ahead < 4*leastPrefill || ahead/f.Prefill.V < leastTest.Seconds() {
		return 0, false
	}
	return (s.Prefill.Seconds()*f.Prefill.V - float64(verb)/f.Bytes.V) / ahead, true
}

// Judged is the figures after one more use of an edit format.
func (f Figures) Judged(format string, ok bool, at time.Time) Figures {
	f.At = at
	f.Formats = maps.Clone(f.Formats)
	if f.Formats == nil {
		f.Formats = map[string]Score{}
	}
	f.Formats[format] = f.Formats[format].With(ok)
	return f
}

// sane is the figures without what can't have been measured.
func (f Figures) sane() Figures {
	for _, m := range []*Mean{&f.Load, &f.Prefill, &f.Decode, &f.Bytes, &f.Again} {
		if !m.valid() {
			*m = Mean{}
		}
	}
	f.Formats = maps.Clone(f.Formats)
	maps.DeleteFunc(f.Formats, func(name string, s Score) bool {
		return name == "" || s.N <= 0 || !(s.Rate >= 0 && s.Rate <= 1)
	})
	return f
}
