package reach

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

func rightsOf(program string) (r fileRights) {
	attribute := make([]byte, 64)
	if n, err := unix.Getxattr(program, "security.capability", attribute); err == nil {
		r.capability = attribute[:n]
	}
	var fs unix.Statfs_t
	if unix.Statfs(program, &fs) == nil {
		r.nosuid = fs.Flags&unix.ST_NOSUID != 0
	}
	return r
}

func quiet(*exec.Cmd) {}
