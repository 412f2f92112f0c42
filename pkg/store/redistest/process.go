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

// Deadline limits the time of anything that a test waits for. It is long, because test machines can
// be slow.
const Deadline = 60 * time.Second

// Require is the environment variable that makes a test fail without redis-server, instead of being
// skipped.
const Require = "PARLEY_REQUIRE_REDIS"

// Instead is the environment variable with the path of another server to test with, such as
// Valkey's.
const Instead = "PARLEY_REDIS_SERVER"

// program returns the path of a Redis program. Without the program, the test is skipped, or fails
// if Require is set.
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

// Process is a child process. It ends with the test process, however that ends.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	out  *tail
}

// tail keeps the last output of a process, for the message of a failed test.
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

// launcher starts processes from one OS thread that lives as long as the program. The kernel ends a
// child with Pdeathsig when the thread that started it ends, and other threads may end before the
// program.
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

// Launch starts a program with the variables in env added to the environment of the test.
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
		_ = p.cmd.Wait() // the caller that ended the process knows how
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

// Signal sends a signal. It has no effect on a process that has ended.
func (p *Process) Signal(sig syscall.Signal) { _ = p.cmd.Process.Signal(sig) }

// Out returns the last output of the process.
func (p *Process) Out() string { return p.out.String() }

// End sends a signal and waits for the process to end. After Deadline the process is killed.
func (p *Process) End(sig syscall.Signal) {
	p.Signal(sig)
	select {
	case <-p.done:
	case <-time.After(Deadline):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// Eventually repeats check until it returns nil. After Deadline the test fails with the last error.
func Eventually(t testing.TB, what string, check func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(Deadline); time.Now().Before(end); {
		if err = check(); err == nil {
			return
		}
		<-time.After(20 * time.Millisecond) // a pause between two checks
	}
	t.Fatalf("%s: %v", what, err)
}
