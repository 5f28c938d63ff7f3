package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestHealth(t *testing.T) {
	now := time.Unix(1000, 0)
	refused := &Error{Kind: Unreachable, Message: "refused"}
	silent := &Error{Kind: Timeout, Err: errSilent}
	var h health
	if h.failed(now, refused) || h.out {
		t.Error("out after one failure")
	}
	h.worked()
	if h.failed(now, refused) || !h.failed(now, refused) || !h.out || h.failed(now, refused) {
		t.Error("not out after two failures in a row, once")
	}
	if !h.answers(now) || h.out {
		t.Error("not back though it answers")
	}
	if !h.failed(now, refused) {
		t.Error("not on trial after it came back")
	}
	h.worked()
	for _, stays := range []time.Duration{silentFor, 2 * silentFor, 4 * silentFor} {
		for !h.failed(now, silent) {
		}
		if h.answers(now.Add(stays - 1)) {
			t.Errorf("back before %v", stays)
		}
		if now = now.Add(stays); !h.answers(now) {
			t.Errorf("not back after %v", stays)
		}
	}
}

// moody is a provider that is as up says.
type moody struct {
	fake
	mu    sync.Mutex
	err   error // of chats; nil while it works
	lists error // of lists
	chats int
}

func newMoody() *moody {
	m := &moody{}
	m.name = "o"
	m.list = func(context.Context) ([]Model, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.lists != nil {
			return nil, m.lists
		}
		return []Model{{Provider: "o", Name: "a"}}, nil
	}
	m.chat = func(ctx context.Context, r Request, on func(Delta) error) (Reply, error) {
		m.mu.Lock()
		m.chats++
		err := m.err
		m.mu.Unlock()
		if err != nil {
			return Reply{}, errors.Join(sleep(ctx, 3*time.Second), err)
		}
		return Reply{}, on(Delta{Text: "x"})
	}
	return m
}

func (m *moody) mood(chats, lists error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err, m.lists = chats, lists
}

// TestOut: an endpoint that fails twice is not asked a third time, those in line
// need not find out one by one, its models are gone; and it comes back by itself.
func TestOut(t *testing.T) {
	refused := &Error{Kind: Unreachable, Message: "nobody listens", Hint: "start it"}
	m := newMoody()
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		if _, err := p.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.mood(refused, refused)
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				_, err := p.Chat(t.Context(), job("a", fmt.Sprint(i)))
				if kindOf(err) != Unreachable || !strings.Contains(err.Error(), "nobody listens") {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(begin); m.chats != outAfter || d != outAfter*3*time.Second {
			t.Errorf("%d chats in %v", m.chats, d)
		}
		c := p.Catalog()
		var e *Error
		if len(c.Models) != 0 || !errors.As(c.Errors["o"], &e) || !strings.Contains(e.Hint, "start it") || !strings.Contains(e.Hint, "as soon as") {
			t.Errorf("%+v", c)
		}
		time.Sleep(time.Minute)
		if _, err := p.Chat(t.Context(), job("a", "x")); kindOf(err) != Unreachable || m.chats != outAfter {
			t.Errorf("%v", err)
		}

		m.mood(nil, nil) // it is started, and used at once by who knows
		if _, err := p.Chat(t.Context(), job("a", "x")); err != nil {
			t.Error(err)
		}

		m.mood(refused, refused)
		for range outAfter {
			_, _ = p.Chat(t.Context(), job("a", "x")) // fails
		}
		time.Sleep(10 * time.Minute)
		m.mood(nil, nil) // it is started, and nobody asks
		time.Sleep(outMost + listTimeout)
		if c := p.Catalog(); len(c.Models) != 1 || len(c.Errors) != 0 {
			t.Errorf("not back: %+v", c)
		}
	}, m)
}

// TestOutSilent: an endpoint that takes requests and says nothing is out for a
// while, though it says what it has.
func TestOutSilent(t *testing.T) {
	silent := &Error{Kind: Timeout, Message: "sent nothing", Err: errSilent}
	m := newMoody()
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		m.mood(silent, nil)
		for range outAfter + 3 {
			if _, err := p.Chat(t.Context(), job("a", "x")); err == nil {
				t.Error("no error")
			}
		}
		if m.chats != outAfter {
			t.Errorf("%d chats", m.chats)
		}
		if c, err := p.Refresh(t.Context()); err != nil || len(c.Models) != 0 || kindOf(c.Errors["o"]) != Unreachable {
			t.Errorf("%+v, %v", c, err)
		}
		m.mood(nil, nil)
		time.Sleep(silentFor + outMost)
		if _, err := p.Chat(t.Context(), job("a", "x")); err != nil || len(p.Catalog().Models) != 1 {
			t.Errorf("%v, %+v", err, p.Catalog())
		}
	}, m)
}

// TestStaysIn: what a model, a request or the caller is to blame for takes no
// endpoint out.
func TestStaysIn(t *testing.T) {
	m := newMoody()
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		for _, kind := range []Kind{Missing, Failed, Incomplete, TooLarge} {
			m.mood(&Error{Kind: kind}, nil)
			for range 5 {
				_, _ = p.Chat(t.Context(), job("a", "x")) // fails
			}
		}
		m.mood(&Error{Kind: Unreachable}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // fails after three
		defer cancel()
		for range 5 {
			if _, err := p.Chat(ctx, job("a", "x")); kindOf(err) != Timeout {
				t.Errorf("%v", err)
			}
		}
		m.mood(nil, nil)
		if _, err := p.Chat(t.Context(), job("a", "x")); err != nil {
			t.Error(err)
		}
	}, m)
}

// TestOutAtList: who is not there when asked for the models is asked again by itself.
func TestOutAtList(t *testing.T) {
	m := newMoody()
	m.mood(nil, &Error{Kind: Unreachable})
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		if c, err := p.Refresh(t.Context()); err != nil || len(c.Errors) != 1 {
			t.Errorf("%+v, %v", c, err)
		}
		m.mood(nil, nil)
		time.Sleep(outFirst)
		synctest.Wait()
		if c := p.Catalog(); len(c.Models) != 1 || len(c.Errors) != 0 {
			t.Errorf("%+v", c)
		}
	}, m)
}
