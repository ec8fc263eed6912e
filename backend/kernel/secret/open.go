package secret

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"portico/backend/kernel/fault"
)

// Names in the data directory.
const (
	fileName = "secrets.json" // the secrets themselves
	idName   = "keychain.id"  // under which service name they lie in the keychain
)

const (
	// findWait is how long a keychain may take at the very first start.
	findWait = 2 * time.Second
	// knownWait is how long a keychain that holds our keys may take: somebody may
	// have to type its password.
	knownWait = 30 * time.Second
)

// Kind is what sort of place secrets are kept in.
type Kind string

// The kinds of place.
const (
	InKeychain Kind = "keychain"
	InFile     Kind = "file"
)

// Place says where secrets are kept, for the health page.
type Place struct {
	Kind   Kind
	Path   string // of the file
	Reason string // why it is a file and no keychain; English, for the log
}

// Options change how Open looks for a keychain; the zero value is right for the program.
type Options struct {
	Keychain Keychain      // nil: the operating system's
	Wait     time.Duration // for each call to it; 0: 2 s to find one, 30 s once it holds our keys
}

// Open finds the secrets of a data directory, which must exist. The first start
// decides where they are kept: in the operating system's keychain when that
// proves to work, else in the file secrets.json. Later starts stay there, because
// a keychain that is missing today (a start over SSH, say) must not make Portico
// begin again with fresh keys: fault secret.keychain then, and those of OpenFile.
func Open(dir string, o Options) (Keeper, Place, error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Lstat(path); err == nil {
		return openFile(path, "they have been kept there so far")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, Place{}, fmt.Errorf("looking for the file of secrets: %w", err)
	}
	chain, missing := o.Keychain, error(nil)
	if chain == nil {
		chain, missing = system{}, sessionBus(runtime.GOOS, os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	}
	raw, err := os.ReadFile(filepath.Join(dir, idName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, Place{}, fmt.Errorf("looking for the name of the keychain entry: %w", err)
	}
	if id := strings.TrimSpace(string(raw)); id != "" {
		return openKnown(serve(chain, id, wait(o.Wait, knownWait)), missing)
	}
	id := strings.ToLower(rand.Text())
	k := serve(chain, id, wait(o.Wait, findWait))
	if missing == nil {
		missing = k.probe()
	}
	if missing != nil {
		return openFile(path, missing.Error())
	}
	if err := replace(filepath.Join(dir, idName), []byte(id+"\n")); err != nil {
		return nil, Place{}, fmt.Errorf("keeping the name of the keychain entry: %w", err)
	}
	k.wait = wait(o.Wait, knownWait)
	return k, Place{Kind: InKeychain}, nil
}

func openFile(path, reason string) (Keeper, Place, error) {
	k, err := OpenFile(path)
	if err != nil {
		return nil, Place{}, err
	}
	return k, Place{Kind: InFile, Path: path, Reason: reason}, nil
}

func openKnown(k keychain, missing error) (Keeper, Place, error) {
	if missing == nil {
		missing = k.probe()
	}
	if missing != nil {
		return nil, Place{}, fault.New(fault.Unavailable, "secret.keychain",
			"Portico keeps its keys in this computer's keychain, which does not answer. Sign in to the desktop, unlock the keychain and start Portico again.").Because(missing)
	}
	return k, Place{Kind: InKeychain}, nil
}

// serve names the entries after the data directory, so that two of them on one
// computer never share keys.
func serve(chain Keychain, id string, wait time.Duration) keychain {
	return keychain{chain: chain, service: "portico:" + id, wait: wait}
}

func wait(asked, otherwise time.Duration) time.Duration {
	if asked > 0 {
		return asked
	}
	return otherwise
}

// sessionBus reports that a Linux session has no bus and so no keychain. Asking
// the library would start a bus of its own, or hang.
func sessionBus(system, address string) error {
	if system == "linux" && address == "" {
		return errors.New("this session has no D-Bus (DBUS_SESSION_BUS_ADDRESS is empty)")
	}
	return nil
}
