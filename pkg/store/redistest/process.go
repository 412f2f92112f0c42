package redistest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Deadline is how long anything may take that has to happen at last: machines under test are slow at times.
const Deadline = 60 * time.Second

// Require is the environment variable that turns a missing redis-server from a skipped test into a failed one.
const Require = "PARLEY_REQUIRE_REDIS"

// Instead is the environment variable that names another server to test with: the path of Valkey's program, say.
const Instead = "PARLEY_REDIS_SERVER"

// program gives the path of a Redis program. Without it the test is skipped, or fails where Require is set.
func program(t testing.TB, name string) string {
	t.Helper()
	if path := os.Getenv(Instead); path != "" {
		return path
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv(Require) != "" {
		t.Fatalf("%s is needed: install Debian's package %s", name, name)
	}
	t.Skipf("no %s on this machine", name)
	return ""
}

// Process is a child that ends with the test process, however that ends.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	out  *tail
}

// tail keeps the last bytes of what a process prints, for the message of a test that fails.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *tail) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() > 64<<10 {
		o.buf.Next(o.buf.Len() - 32<<10)
	}
	return o.buf.Write(p)
}

func (o *tail) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// launcher starts processes from one OS thread that lives as long as the program: the kernel ends a child with
// Pdeathsig when the thread that made it ends, which is not always when the program does.
var launcher = sync.OnceValue(func() chan func() {
	jobs := make(chan func())
	go launch(jobs) // ends with the program
	return jobs
})

func launch(jobs <-chan func()) {
	runtime.LockOSThread()
	for job := range jobs {
		job()
	}
}

// Launch starts a program with these variables on top of the test's own.
func Launch(env []string, path string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(path, args...), done: make(chan struct{}), out: &tail{}}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	launcher() <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	go func() { // ends with the process
		_ = p.cmd.Wait() // how it ended is for who ended it
		close(p.done)
	}()
	return p, nil
}

// Over reports whether the process has ended.
func (p *Process) Over() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Signal sends a signal; a process that has ended takes none.
func (p *Process) Signal(sig syscall.Signal) { _ = p.cmd.Process.Signal(sig) }

// Out gives the last of what the process printed.
func (p *Process) Out() string { return p.out.String() }

// End sends a signal and waits for the process to end; past the deadline it is killed.
func (p *Process) End(sig syscall.Signal) {
	p.Signal(sig)
	select {
	case <-p.done:
	case <-time.After(Deadline):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// Eventually tries check until it gives nil, and fails the test with its last error after Deadline.
func Eventually(t testing.TB, what string, check func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(Deadline); time.Now().Before(end); {
		if err = check(); err == nil {
			return
		}
		<-time.After(20 * time.Millisecond) // between two looks, not instead of one
	}
	t.Fatalf("%s: %v", what, err)
}
