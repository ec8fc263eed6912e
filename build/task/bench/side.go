package main

import (
	"errors"
	"sync"
	"sync/atomic"
)

// side does n things, some at a time, and stops at the first error.
func side(atATime, n int, do func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, atATime)
	var failed atomic.Bool
	for w := range atATime {
		wg.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				if errs[w] = do(i); errs[w] != nil {
					failed.Store(true)
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
