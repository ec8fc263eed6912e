package secret_test

import (
	"sync"

	"github.com/zalando/go-keyring"
)

// chain is a keychain in memory that can fail, lie and hang.
type chain struct {
	mu    sync.Mutex
	kept  map[string]string
	fails error
	lies  bool
	hang  chan struct{}
}

func newChain() *chain { return &chain{kept: map[string]string{}} }

func (c *chain) enter() error {
	if c.hang != nil {
		<-c.hang
	}
	return c.fails
}

func (c *chain) Set(service, user, password string) error {
	if err := c.enter(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[service+" "+user] = password
	return nil
}

func (c *chain) Get(service, user string) (string, error) {
	if err := c.enter(); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.kept[service+" "+user]
	if !ok {
		return "", keyring.ErrNotFound
	}
	if c.lies {
		return "lie", nil
	}
	return v, nil
}

func (c *chain) Delete(service, user string) error {
	if err := c.enter(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.kept[service+" "+user]; !ok {
		return keyring.ErrNotFound
	}
	delete(c.kept, service+" "+user)
	return nil
}
