package main

// This file installs what is missing on Debian and Ubuntu, and says what to install everywhere else.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// lockPatience is how many seconds apt waits for another installation to finish.
const lockPatience = "300"

// verbSetup installs what the other verbs need.
func verbSetup(ctx context.Context, p *project, args []string) error {
	switch {
	case len(args) == 0:
		return p.setup(ctx, forWindow)
	case len(args) == 1 && args[0] == "test":
		return p.setup(ctx, forWindow, forTests)
	default:
		return fmt.Errorf("setup takes nothing or the word test, not %q", strings.Join(args, " "))
	}
}

// setup checks Go and Node, installs missing system packages and the frontend's packages.
func (p *project) setup(ctx context.Context, purposes ...purpose) error {
	if err := p.prerequisites(ctx, purposes...); err != nil {
		return err
	}
	return p.npmPackages(ctx)
}

// prerequisites makes sure that Go, Node and the system packages are there.
func (p *project) prerequisites(ctx context.Context, purposes ...purpose) error {
	if err := p.checkGo(ctx); err != nil {
		return err
	}
	if err := p.checkNode(ctx); err != nil {
		return err
	}
	missing := missingFor(purposes...)
	if len(missing) == 0 {
		return nil
	}
	system := thisSystem()
	if system.family != "debian" {
		return errors.New(installHint(system, missing))
	}
	if err := p.aptInstall(ctx, system, missing); err != nil {
		return err
	}
	if still := missingFor(purposes...); len(still) > 0 {
		return fmt.Errorf("installed, but still not found: %s; please look at the messages above", strings.Join(packageNames(system, still), ", "))
	}
	return nil
}

// aptInstall installs packages with apt, by sudo when we are not root.
func (p *project) aptInstall(ctx context.Context, system operatingSystem, missing []prerequisite) error {
	packages := packageNames(system, missing)
	p.say("Installing %s, needed for %s.", strings.Join(packages, ", "), purposesOf(missing))
	prefix, err := administrator()
	if err != nil {
		return fmt.Errorf("%w; ask an administrator to run: apt-get install -y --no-install-recommends %s", err, strings.Join(packages, " "))
	}
	apt := func(args ...string) *exec.Cmd {
		line := slices.Concat(prefix, []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=" + lockPatience}, args)
		return p.attached(ctx, line[0], line[1:]...)
	}
	if err := retry(ctx, func() error { return run(apt("update")) }); err != nil {
		// The lists already there are often good enough, so this alone is no reason to give up.
		p.say("The list of packages could not be refreshed (%v); trying with the one there is.", err)
	}
	install := append([]string{"install", "-y", "--no-install-recommends"}, packages...)
	if err := retry(ctx, func() error { return run(apt(install...)) }); err != nil {
		return fmt.Errorf("install %s: %w", strings.Join(packages, ", "), err)
	}
	return nil
}

// retry tries a step that depends on the network or on another program's lock three times.
func retry(ctx context.Context, step func() error) (err error) {
	const tries, pause = 3, 10 * time.Second
	for try := range tries {
		if err = step(); err == nil || ctx.Err() != nil || try == tries-1 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
	return err
}

// administrator returns what to put before a command that only root may run.
func administrator() ([]string, error) {
	if isRoot() {
		return nil, nil
	}
	sudo, err := exec.LookPath("sudo")
	if err != nil {
		return nil, errors.New("installing needs administrator rights, and sudo is not here")
	}
	if !isTerminal(os.Stdin) {
		return []string{sudo, "-n"}, nil // nobody could type a password
	}
	return []string{sudo}, nil
}

// operatingSystem is what decides how packages are called.
type operatingSystem struct {
	family string // debian, fedora, arch, darwin, windows, or "" for another
	ubuntu bool
}

// thisSystem finds out what we run on.
func thisSystem() operatingSystem {
	if runtime.GOOS != "linux" {
		return operatingSystem{family: runtime.GOOS}
	}
	release, _ := os.ReadFile("/etc/os-release") // not there on a very small system: then it is none we know
	return parseOSRelease(string(release))
}

// parseOSRelease reads a distribution's name card.
func parseOSRelease(text string) operatingSystem {
	var ids []string
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key == "ID" || key == "ID_LIKE" {
			ids = append(ids, strings.Fields(strings.Trim(value, `"'`))...)
		}
	}
	system := operatingSystem{ubuntu: slices.Contains(ids, "ubuntu")}
	for _, family := range []string{"debian", "fedora", "arch"} {
		if slices.Contains(ids, family) {
			system.family = family
			break
		}
	}
	if system.ubuntu {
		system.family = "debian"
	}
	return system
}

// packageNames translates prerequisites into a distribution's packages, each once.
func packageNames(system operatingSystem, needs []prerequisite) []string {
	var names []string
	for _, need := range needs {
		name := need.debian
		switch {
		case system.family == "fedora":
			name = need.fedora
		case system.family == "arch":
			name = need.arch
		case system.ubuntu && name == "chromium":
			name = "chromium-browser" // Ubuntu's name for it
		}
		for _, one := range strings.Fields(name) {
			if !slices.Contains(names, one) {
				names = append(names, one)
			}
		}
	}
	return names
}

// purposesOf says in words what a list of prerequisites is for.
func purposesOf(needs []prerequisite) string {
	var words []string
	for _, need := range needs {
		if !slices.Contains(words, string(need.purpose)) {
			words = append(words, string(need.purpose))
		}
	}
	return strings.Join(words, " and ")
}

// installHint tells a person what to install where we do not do it for them.
func installHint(system operatingSystem, missing []prerequisite) string {
	start := "Something is missing for " + purposesOf(missing) + ". "
	packages := strings.Join(packageNames(system, missing), " ")
	switch system.family {
	case "fedora":
		return start + "Please run: sudo dnf install " + packages
	case "arch":
		return start + "Please run: sudo pacman -S --needed " + packages
	case "darwin", "windows":
		var todo []string
		for _, need := range missing {
			todo = append(todo, need.elsewhere)
		}
		return start + "Please install " + strings.Join(todo, ", and ") + ". Then try again."
	default:
		return start + "Please install what your system calls these Debian packages, then try again: " + packages
	}
}
