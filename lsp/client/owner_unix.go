//go:build unix

package client

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f to the owner of the file that it replaces, as far as this
// process may.
func keepOwner(f *os.File, was fs.FileInfo) {
	if st, ok := was.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid)) // only root may give files away
	}
}
