package index

import (
	"io/fs"
	"syscall"
)

func idOf(fi fs.FileInfo) fileID {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}
	}
	return fileID{ino: st.Ino, ctime: [2]int64{int64(st.Ctim.Sec), int64(st.Ctim.Nsec)}} //nolint:unconvert // 32 bits on some machines
}
