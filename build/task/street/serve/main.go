// Command serve runs a street for the end-to-end tests until its standard input
// ends. It prints what `portico serve` needs as one line of JSON, then answers
// every line that it reads: {"zone": …, "set": […]} puts records into a zone,
// {"hold": true} keeps orders waiting at the authority.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"portico/build/task/street"
)

func main() {
	http := flag.Int("http", 0, "the `port` of the portal in clear")
	tls := flag.Int("tls", 0, "its `port` for https")
	flag.Parse()
	if err := serve(*http, *tls); err != nil {
		fmt.Fprintln(os.Stderr, "street:", err)
		os.Exit(1)
	}
}

func serve(http, tls int) error {
	s, err := street.Open(http, tls)
	if err != nil {
		return err
	}
	defer s.Close()
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(map[string]any{"args": s.Args, "root": string(s.Root)}); err != nil {
		return err
	}
	for in := json.NewDecoder(os.Stdin); in.More(); {
		var order struct {
			Zone string   `json:"zone"`
			Set  []string `json:"set"`
			Hold *bool    `json:"hold"`
		}
		if err := in.Decode(&order); err != nil {
			return err
		}
		if order.Hold != nil {
			s.Hold(*order.Hold)
		}
		if order.Zone != "" {
			if err := s.Set(order.Zone, order.Set...); err != nil {
				return err
			}
		}
		accounts, orders := s.Created()
		if err := out.Encode(map[string]int{"accounts": accounts, "orders": orders}); err != nil {
			return err
		}
	}
	return nil
}
