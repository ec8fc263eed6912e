package app

// openFiles is how many connections may be had at once: Windows names no limit.
func openFiles() int { return mostFiles }
