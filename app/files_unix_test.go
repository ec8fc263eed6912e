//go:build unix

package app

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The system's soft limit of open files is no limit for Portico: Go raises it to the
// hard one (or one below) when a program starts.
func TestTheSoftLimitOfFilesIsRaised(t *testing.T) {
	const child = "PORTICO_TEST_FILES"
	if os.Getenv(child) != "" {
		fmt.Printf("files=%d;\n", openFiles())
		return
	}
	cmd := exec.Command("sh", "-c", `ulimit -S -n 100 && ulimit -H -n 250 && exec "$0" -test.run '^TestTheSoftLimitOfFilesIsRaised$'`, os.Args[0])
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "files=250;") && !strings.Contains(string(out), "files=249;") {
		t.Errorf("of 250 files a program that begins with 100 has: %v %s", err, out)
	}
}
