package branding

// Live tells open windows that what they show of a topic may be stale (kernel/live).
type Live interface {
	Changed(topic string, ids ...string)
}

// Words finds a sentence in a language (kernel/i18n).
type Words func(language, key string, params map[string]any) (string, bool)
