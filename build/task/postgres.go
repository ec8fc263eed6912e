package main

// This file runs a PostgreSQL of our own for the tests: fresh, in a temporary folder, on a free port,
// gone at the end. The cluster Debian starts with its package is never touched.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"time"
)

// postgresVariable tells Go tests where PostgreSQL listens. It points at the administrative database;
// tests create databases of their own there.
const postgresVariable = "PORTICO_TEST_POSTGRES"

// postgresServer is one running PostgreSQL.
type postgresServer struct {
	url   string
	bin   string
	dir   string
	owner *account // whom the server runs as; nil for ourselves
	log   *os.File
	run   *daemon
}

// verbPostgres runs any command while a PostgreSQL for tests is up.
func verbPostgres(ctx context.Context, p *project, args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return errors.New("say which command to run, for example: go run ./build/task postgres -- go test -tags sqlite_fts5 ./backend/kernel/db/")
	}
	server, err := startPostgres(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	return runForExit(withEnv(p.attached(ctx, args[0], args[1:]...), postgresVariable+"="+server.url))
}

// startPostgres makes a fresh database cluster and waits until it answers. The caller stops it.
func startPostgres(ctx context.Context) (*postgresServer, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	s := &postgresServer{bin: bin}
	if err := s.prepare(ctx); err != nil {
		s.remove()
		return nil, err
	}
	if err := s.launch(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// prepare makes the folder and the empty cluster in it.
func (s *postgresServer) prepare(ctx context.Context) (err error) {
	parent := os.TempDir()
	if isRoot() {
		// PostgreSQL refuses to run as root, and the user it runs as may not see root's TMPDIR.
		parent = "/tmp"
		who, err := findAccount("postgres")
		if err != nil {
			return fmt.Errorf("PostgreSQL refuses to run as root and needs the user its package makes: %w", err)
		}
		s.owner = &who
	}
	if s.dir, err = os.MkdirTemp(parent, "portico-pg-"); err != nil {
		return fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	if s.log, err = os.Create(filepath.Join(s.dir, "log")); err != nil {
		return fmt.Errorf("make PostgreSQL's log: %w", err)
	}
	if s.owner != nil {
		if err = os.Chown(s.dir, s.owner.uid, s.owner.gid); err != nil {
			return fmt.Errorf("hand PostgreSQL its folder: %w", err)
		}
	}
	// C.UTF-8 sorts text by code point, exactly as SQLite does; only then do both engines page alike.
	locale := "C"
	if runtime.GOOS == "linux" {
		locale = "C.UTF-8"
	}
	initdb := s.command(ctx, "initdb", "-D", s.data(), "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale="+locale, "--no-sync")
	var said bytes.Buffer
	initdb.Stdout, initdb.Stderr = &said, &said
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("prepare PostgreSQL: %w\n%s", err, said.String())
	}
	return nil
}

// launch starts the server on a free port and waits until it answers. Between finding the port and
// using it another program may take it, hence more than one try.
func (s *postgresServer) launch(ctx context.Context) error {
	const tries = 3
	var last error
	for range tries {
		port, err := freePort()
		if err != nil {
			return err
		}
		if err := s.serve(port); err != nil {
			return err
		}
		if last = s.ready(ctx, port); last == nil {
			s.url = "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable"
			return nil
		}
		if ctx.Err() != nil {
			break
		}
		s.halt()
	}
	said, _ := os.ReadFile(s.log.Name())
	return fmt.Errorf("start PostgreSQL: %w\n%s", last, said)
}

// serve starts the server as our direct child. Tests throw the data away, so nothing is synced to disk.
func (s *postgresServer) serve(port string) error {
	cmd := s.command(context.Background(), "postgres", "-D", s.data(), "-p", port, "-k", s.dir, "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
		"-c", "max_connections=300", "-c", "lc_messages=C")
	cmd.Stdout, cmd.Stderr = s.log, s.log
	var err error
	if s.run, err = startDaemon(cmd); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return nil
}

// ready waits until the server answers on its port.
func (s *postgresServer) ready(ctx context.Context, port string) error {
	const patience = 60 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if s.command(ctx, "pg_isready", "-q", "-h", s.dir, "-p", port, "-U", "postgres").Run() == nil {
			return nil
		}
		select {
		case <-s.run.ended:
			return errors.New("it ended right after starting")
		case <-ctx.Done():
			return fmt.Errorf("it did not answer: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the server and removes everything it wrote.
func (s *postgresServer) stop() {
	s.halt()
	s.remove()
}

// halt ends the server without saving; the data is thrown away anyway.
func (s *postgresServer) halt() {
	s.run.stop(stopPostgres)
	s.run = nil
}

// remove deletes the folder.
func (s *postgresServer) remove() {
	if s.log != nil {
		s.log.Close()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// data is the folder of the cluster itself; the socket and the log lie beside it.
func (s *postgresServer) data() string { return filepath.Join(s.dir, "data") }

// command prepares one of PostgreSQL's programs under the right account.
func (s *postgresServer) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir // it complains when it may not enter the current folder
	if s.owner != nil {
		runAs(cmd, *s.owner)
		cmd.Env = append(os.Environ(), "HOME="+s.dir)
	}
	return cmd
}

// findPostgres returns the folder with PostgreSQL's programs: the newest Debian package, else the PATH.
func findPostgres() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(newestPostgres(found)), nil
	}
	if onPath, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(onPath), nil
	}
	return "", errors.New("PostgreSQL is not installed and the tests need it; install the package postgresql, or run `go run ./build/task setup test`")
}

// havePostgres tells whether PostgreSQL is installed.
func havePostgres() bool {
	_, err := findPostgres()
	return err == nil
}

// newestPostgres picks the highest major version out of …/<version>/bin/initdb paths; 15 is newer than 9.6.
func newestPostgres(paths []string) string {
	version := func(path string) float64 {
		n, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(filepath.Dir(path))), 64)
		return n
	}
	sort.Slice(paths, func(i, j int) bool { return version(paths[i]) > version(paths[j]) })
	return paths[0]
}

// freePort asks the system for a port on this computer that nobody uses.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", fmt.Errorf("read the free port: %w", err)
	}
	return port, nil
}
