//go:build unix

package realollama

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"
)

// Reading is how a runner went about one prompt.
type Reading struct {
	Known int // tokens that it had read before
	New   int // tokens that it read
}

var readingLine = regexp.MustCompile(`msg="loading cache slot" .* used=(\d+) remaining=(\d+)`)

// Readings are those of all prompts so far, in order, once there are n of them: the
// runners' words reach the log a moment after their replies.
func (s *Server) Readings(ctx context.Context, n int) ([]Reading, error) {
	for {
		log, err := os.ReadFile(s.Log)
		if err != nil {
			return nil, err
		}
		var out []Reading
		for _, m := range readingLine.FindAllSubmatch(log, -1) {
			known, err := strconv.Atoi(string(m[1]))
			if err != nil {
				return nil, err
			}
			fresh, err := strconv.Atoi(string(m[2]))
			if err != nil {
				return nil, err
			}
			out = append(out, Reading{known, fresh})
		}
		if len(out) >= n {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the log of the Ollama server tells of %d prompts, not of %d: %w", len(out), n, ctx.Err())
		case <-time.After(5 * time.Millisecond): // between two looks at a file that another process writes
		}
	}
}
