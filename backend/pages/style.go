package pages

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
)

//go:embed pages.css
var styleSheet []byte

type style struct {
	path  string
	bytes []byte
}

func newStyle() style {
	sum := sha256.Sum256(styleSheet)
	return style{path: "/pages." + hex.EncodeToString(sum[:6]) + ".css", bytes: styleSheet}
}

// StylePath is where the pages expect their stylesheet: /pages.<hash>.css.
// The name changes with the content, so it may be cached for ever.
func (p *Pages) StylePath() string { return p.style.path }

// Style is the stylesheet to serve at StylePath as text/css. Do not modify it.
func (p *Pages) Style() []byte { return p.style.bytes }
