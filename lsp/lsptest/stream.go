package lsptest

import (
	"errors"
	"io"
	"os"
	"sync"
)

// stream is one end of a pair of pipes, as a child process on stdio has them:
// buffered by the system, and closed by direction.
type stream struct {
	r, w *os.File
	once sync.Once
	err  error
}

func (s *stream) Read(p []byte) (int, error) { return s.r.Read(p) }

func (s *stream) Write(p []byte) (int, error) { return s.w.Write(p) }

func (s *stream) Close() error {
	s.once.Do(func() { s.err = errors.Join(s.r.Close(), s.CloseWrite()) })
	return s.err
}

// CloseWrite ends what the other side reads. Closing twice is no error.
func (s *stream) CloseWrite() error {
	if err := s.w.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// pipes connects an editor and its server.
func pipes() (editor, server *stream, err error) {
	r1, w1, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	r2, w2, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(err, r1.Close(), w1.Close())
	}
	return &stream{r: r2, w: w1}, &stream{r: r1, w: w2}, nil
}

var _ io.ReadWriteCloser = (*stream)(nil)
