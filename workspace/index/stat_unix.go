//go:build unix

package index

import (
	"os"
	"syscall"
)

// openPlain opens path for reading. It follows no link in its last element and
// never waits for the other end of a FIFO.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// fileID tells two files of one path, and two states of one file, apart even
// where size and modification time agree.
type fileID struct {
	ino   uint64
	ctime [2]int64
}
