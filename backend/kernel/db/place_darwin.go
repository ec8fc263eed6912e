package db

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// networkKind names the network file system that path is on, or "" (statfs(2)).
func networkKind(path string) (string, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return "", err
	}
	switch name := string(bytes.TrimRight(st.Fstypename[:], "\x00")); name {
	case "nfs", "smbfs", "afpfs", "webdav":
		return name, nil
	}
	return "", nil
}

// Space is the free and total room in bytes on the disk that holds path.
func Space(path string) (free, total uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, 0, err
	}
	return st.Bavail * uint64(st.Bsize), st.Blocks * uint64(st.Bsize), nil
}
