// Command portico is a client portal for small businesses.
package main

import (
	"os"

	"portico/app"
)

func main() { os.Exit(app.Main(os.Args[1:])) }
