//go:build unix

package app

import "syscall"

// openFiles is how many files this program may have open at once, connections among
// them.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return usualFiles
	}
	return int(min(limit.Cur, mostFiles))
}
