package app

import (
	"embed"
	"fmt"
	"sync"

	"portico/backend/domains"
	"portico/backend/kernel/i18n"
)

//go:embed messages/*.json
var messageFiles embed.FS

// catalogue holds the words of the menu, the dialogs, the kernel's faults and what
// helps when a port cannot be had.
var catalogue = sync.OnceValue(func() *i18n.Catalogue {
	c, err := i18n.New(messageFiles, domains.Messages)
	if err != nil {
		panic(fmt.Sprintf("app: %v", err)) // the files are embedded and a test reads them
	}
	return c
})

// speak finds the sentence of a code in a language.
func speak(language, key string, params map[string]any) (string, bool) {
	return catalogue().Text(language, key, params)
}
