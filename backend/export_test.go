package backend

// UseNames makes names of the owner's hold without a certificate authority, for
// tests of what follows from them.
func (b *Backend) UseNames(active string, former []string, hsts bool) {
	b.address.Use(active, former, hsts)
}

// Encrypts says whether a listener speaks https, without opening one.
func (b *Backend) Encrypts(tls bool) { b.address.encrypts(tls) }
