package redistest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Options configure a Server. The zero value keeps all data in memory.
type Options struct {
	// Durable writes every command to disk before it is answered (appendonly with appendfsync
	// always). Acknowledged data then survives kill -9.
	Durable bool
	// Password is the password for clients; "" needs none.
	Password string
	// TLS, if not nil, makes the server accept TLS only, from clients with a certificate of this
	// authority.
	TLS *Authority
	// SentinelPassword is the password of the Sentinels for clients; "" needs none.
	SentinelPassword string
	// Args are further arguments, such as "--maxmemory", "10mb".
	Args []string
}

// Server is one redis-server. A method that cannot do its work fails the test. Methods must not be
// called concurrently.
type Server struct {
	t    testing.TB
	opts Options
	path string
	args []string // without the arguments for the port
	dir  string
	port int
	proc *Process
}

// Start runs a redis-server until the test ends.
func Start(t testing.TB, opts Options) *Server {
	t.Helper()
	args := []string{"--save", "", "--loglevel", "notice"}
	if opts.Durable {
		args = append(args, "--appendonly", "yes", "--appendfsync", "always", "--aof-load-truncated", "yes")
	}
	return start(t, opts, program(t, "redis-server"), append(append(args, opts.security()...), opts.Args...), "")
}

// start runs path as a server on a free port. It tries several ports, because another process may
// take a port first. If conf is not "", conf is the content of the server's configuration file.
func start(t testing.TB, opts Options, path string, args []string, conf string) *Server {
	t.Helper()
	s := &Server{t: t, opts: opts, path: path, args: args, dir: t.TempDir()}
	if conf != "" {
		file := filepath.Join(s.dir, "redis.conf")
		if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		s.args = append([]string{file}, args...)
	}
	var err error
	for range 5 {
		s.port = FreePort(t)
		if err = s.run(); err == nil {
			t.Cleanup(func() {
				s.proc.End(syscall.SIGKILL)
				if t.Failed() && os.Getenv("PARLEY_REDIS_LOG") != "" {
					t.Logf("redis on %s:\n%s", s.Addr(), s.proc.out)
				}
			})
			return s
		}
	}
	t.Fatalf("start redis: %v", err)
	return nil
}

// FreePort returns a port that is free now. The port is below the range for outgoing connections,
// so that it is still free when a stopped server starts again.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 10_000 + rand.N(20_000)
		if l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// run starts the process and waits until it answers.
func (s *Server) run() error {
	args := append(slices.Clone(s.args), s.opts.ports(s.port)...)
	args = append(args, "--bind", "127.0.0.1", "--dir", s.dir)
	var err error
	if s.proc, err = Launch(nil, s.path, args...); err != nil {
		return err
	}
	Eventually(s.t, "redis does not answer", func() error {
		if s.proc.Over() {
			return nil
		}
		_, err := s.Try("PING")
		return err
	})
	if s.proc.Over() {
		if os.Getenv(Instead) != "" && strings.Contains(s.proc.out.String(), "Failed finding TLS support") {
			s.t.Skip("the server that replaces Redis was built without TLS")
		}
		return fmt.Errorf("the server ended at once:\n%s", s.proc.out)
	}
	return nil
}

// Addr returns host and port.
func (s *Server) Addr() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

// URL returns a value for --redis-url.
func (s *Server) URL() string { return s.opts.url(s.Addr()) }

// URLAs returns URL for an ACL user.
func (s *Server) URLAs(user, password string) string { return s.opts.urlAs(user, password, s.Addr()) }

// Try sends one command and returns the values of the answer. Nested values are flattened.
func (s *Server) Try(args ...string) ([]string, error) {
	return command(s.Addr(), s.opts, args...)
}

// Do is Try, but an error fails the test.
func (s *Server) Do(args ...string) []string {
	s.t.Helper()
	out, err := s.Try(args...)
	if err != nil {
		s.t.Fatalf("redis %s: %v: %v", s.Addr(), args, err)
	}
	return out
}

// Keys returns every key.
func (s *Server) Keys() []string { s.t.Helper(); return s.Do("KEYS", "*") }

// Stop ends the server in an orderly way.
func (s *Server) Stop() { s.proc.End(syscall.SIGTERM) }

// Kill ends the server like a crash.
func (s *Server) Kill() { s.proc.End(syscall.SIGKILL) }

// Pause suspends the process of the server. Until Continue, the server accepts connections and
// answers nothing.
func (s *Server) Pause() { s.proc.Signal(syscall.SIGSTOP) }

// Continue resumes a paused server.
func (s *Server) Continue() { s.proc.Signal(syscall.SIGCONT) }

// Restart starts a stopped or killed server again, with the same address and its data on disk.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.run(); err != nil {
		s.t.Fatalf("start redis again: %v", err)
	}
}

// RestartEmpty is Restart after the data on disk was deleted.
func (s *Server) RestartEmpty() {
	s.t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(s.dir, e.Name())); err != nil {
			s.t.Fatal(err)
		}
	}
	s.Restart()
}

// Out returns the last output of the server.
func (s *Server) Out() string { return s.proc.out.String() }
