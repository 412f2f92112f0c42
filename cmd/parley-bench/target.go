//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// kind is a server that can be measured.
type kind struct {
	name, title string
	copies      bool // it knows no documents, and scenarios about documents leave it out
	several     bool // it is several processes
	start       func(env setup) (*target, error)
}

// own reports whether it is Parley, on any store.
func (k kind) own() bool { return strings.HasPrefix(k.name, "parley") }

// setup is what the servers are started with.
type setup struct {
	dir    string   // temporary, the server's own
	parley string   // the program
	peers  string   // the folder with the node_modules of the peers
	vars   []string // further environment variables
}

// target is a running server: one process, or several nodes of one.
type target struct {
	addrs   []string // one for each node
	procs   []*exec.Cmd
	redis   *exec.Cmd // of procs, nil without one
	dialect dialect
	log     string // path of what the processes write
	metrics string // of the first node, "" when it has none
}

// addr gives the node that a client connects to. The clients of one room sit on different nodes,
// and the writers of all rooms are spread over all nodes.
func (t *target) addr(c *client) string { return t.addrs[(c.room.number+c.seat)%len(t.addrs)] }

// kinds lists what -servers can name.
var kinds = append([]kind{
	{name: "parley", title: "Parley", start: startParley},
	{name: "hub", title: "copying hub", copies: true, start: func(env setup) (*target, error) { return startHub(env, "-each") }},
	{name: "hub-queue", title: "copying hub, one write for what waits", copies: true, start: func(env setup) (*target, error) { return startHub(env, "-queue") }},
	{name: "y-websocket", title: "y-websocket server", start: func(env setup) (*target, error) {
		return startNode(env, plain{"/"}, filepath.Join("node_modules", "@y", "websocket-server", "src", "server.js"))
	}},
	{name: "hocuspocus", title: "Hocuspocus", start: func(env setup) (*target, error) {
		return startNode(env, hocuspocus{}, "hocuspocus.mjs")
	}},
}, nodeKinds...)

func startParley(env setup) (*target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddr()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(env.parley, "serve", "--addr", addr, "--access", "open", "--metrics-addr", metrics, "--data-dir", filepath.Join(env.dir, "data"))
	t, err := launch(env, plain{"/ws/sessions/"}, addr, cmd)
	if err == nil {
		t.metrics = "http://" + metrics + "/metrics"
	}
	return t, err
}

// startHub runs this very program as a hub.
func startHub(env setup, mode string) (*target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "hub", mode, addr)
	cmd.Env = append(os.Environ(), hubVariable+"=1")
	return launch(env, deaf{plain{"/"}}, addr, cmd)
}

func startNode(env setup, d dialect, script string) (*target, error) {
	if _, err := os.Stat(filepath.Join(env.peers, "node_modules")); err != nil {
		return nil, fmt.Errorf("the peers are not installed: npm --prefix %s ci", env.peers)
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	host, port, _ := strings.Cut(addr, ":")
	cmd := exec.Command("node", script)
	cmd.Dir = env.peers
	cmd.Env = append(append(os.Environ(), "HOST="+host, "PORT="+port, "NODE_ENV=production"), env.vars...)
	return launch(env, d, addr, cmd)
}

// freeAddr gives an address that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// launch starts a process and waits until it answers.
func launch(env setup, d dialect, addr string, cmd *exec.Cmd) (*target, error) {
	t := &target{addrs: []string{addr}, dialect: d, log: filepath.Join(env.dir, "log")}
	log, err := os.Create(t.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t.procs = append(t.procs, cmd)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", addr); err == nil {
			return t, conn.Close()
		}
	}
	t.stop()
	return nil, fmt.Errorf("no answer on %s: %s", addr, t.lastWords())
}

// lastWords is the end of what the server wrote.
func (t *target) lastWords() string {
	b, _ := os.ReadFile(t.log)
	return string(bytes.TrimSpace(b[max(0, len(b)-600):]))
}

// stop ends the processes and waits for them.
func (t *target) stop() {
	for _, p := range t.procs {
		_ = p.Process.Kill()
		_ = p.Wait()
	}
}

// cpu is the user and system time that the processes have taken.
func (t *target) cpu() (time.Duration, error) { return cpuOf(slices.Values(t.procs), t) }

func cpuOf(procs iter.Seq[*exec.Cmd], t *target) (sum time.Duration, err error) {
	for p := range procs {
		var spent unix.Timespec
		if err := unix.ClockGettime(cpuClock(p.Process.Pid), &spent); err != nil {
			return 0, fmt.Errorf("the server has gone: %s", t.lastWords())
		}
		sum += time.Duration(spent.Nano())
	}
	return sum, nil
}

// cpuClock gives the clock of the CPU time of all threads of a process, as clock_getcpuclockid(3)
// does. The clock counts nanoseconds. /proc/pid/stat counts ticks of 10 ms, which would be several
// per cent of a short scenario.
func cpuClock(pid int) int32 { return int32(^pid<<3 | 2) }

// memory is what processes have resident, in bytes.
type memory struct {
	own    uint64 // their own: heap, stacks, and what the allocator keeps
	mapped uint64 // of files: program and database, which the kernel can take back at any time
}

// memory adds up what the processes have resident.
func (t *target) memory() (sum memory, err error) {
	for _, p := range t.procs {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
		if err != nil {
			return sum, fmt.Errorf("the server has gone: %s", t.lastWords())
		}
		for line := range strings.Lines(string(b)) {
			name, rest, _ := strings.Cut(line, ":")
			n, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			switch name {
			case "RssAnon":
				sum.own += n << 10
			case "RssFile":
				sum.mapped += n << 10
			}
		}
	}
	if sum.own == 0 {
		return sum, errors.New("no RssAnon in /proc/pid/status")
	}
	return sum, nil
}
