package reach

import (
	"os/exec"
	"syscall"
)

func rightsOf(string) fileRights { return fileRights{} }

// quiet keeps a black window from flashing up over ours.
func quiet(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true} }
