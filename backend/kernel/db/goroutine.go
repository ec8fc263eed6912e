package db

import (
	"bytes"
	"runtime"
	"strconv"
)

// goroutine is the number of the running goroutine. The runtime keeps it to
// itself but prints it; it is used for one thing only: to panic on a Write
// inside a Write, which would otherwise wait for itself for ever.
func goroutine() uint64 {
	var buf [40]byte
	line := buf[:runtime.Stack(buf[:], false)]
	line = bytes.TrimPrefix(line, []byte("goroutine "))
	if i := bytes.IndexByte(line, ' '); i > 0 {
		n, _ := strconv.ParseUint(string(line[:i]), 10, 64)
		return n
	}
	return 0
}
