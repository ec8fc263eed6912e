//go:build !desktop && !bindings

package app

import "context"

// hasWindow tells builds apart: this one needs no GTK, and so do the tests.
const hasWindow = false

func (p *program) openWindow(context.Context, windowOptions) error { return errNoWindow }
