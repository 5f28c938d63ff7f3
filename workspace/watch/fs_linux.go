package watch

import "syscall"

// The file systems whose changes may be made elsewhere, so that this system is
// not told of them. The numbers are those of statfs(2).
var remote = map[uint32]string{
	0x6969:     "nfs",
	0x517b:     "smb",
	0xff534d42: "cifs",
	0xfe534d42: "smb2",
	0x65735546: "fuse",
	0x01021997: "9p",
	0x5346414f: "afs",
	0x73757245: "coda",
	0x00c36400: "ceph",
	0x564c:     "ncp",
	0x0bd00bd0: "lustre",
	0x47504653: "gpfs",
	0x19830326: "beegfs",
	0x786f4256: "vboxsf",
	0x7c7c6673: "prl_fs",
	0x00c0ffee: "hostfs",
}

// remoteFS names the file system of dir if it is one that others may change, ""
// if it is not.
func remoteFS(dir string) string {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return ""
	}
	return remote[uint32(st.Type)] //nolint:gosec // a number of 32 bits, in a field that differs by platform
}
