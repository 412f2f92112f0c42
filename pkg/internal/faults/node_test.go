package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/pkg/store/redistest"
)

// node is one parley process. It keeps its address over restarts.
type node struct {
	t     *testing.T
	name  string
	addr  string
	args  []string
	proc  *redistest.Process
	wrote []string // output of earlier processes
}

// startNode runs a node over the given Redis.
func startNode(t *testing.T, name, redisURL string, args ...string) *node {
	t.Helper()
	n := &node{t: t, name: name, args: append([]string{"serve", "--store", "redis", "--redis-url", redisURL, "--drain-time", "500ms", "--log-level", "warn"}, args...)}
	n.addr = "127.0.0.1:" + strconv.Itoa(redistest.FreePort(t))
	n.start()
	t.Cleanup(func() {
		n.proc.Signal(syscall.SIGCONT)
		n.proc.End(syscall.SIGKILL)
		out := strings.Join(append(n.wrote, n.proc.Out()), "--- next process ---\n")
		if strings.Contains(out, "DATA RACE") || strings.Contains(out, "panicked") {
			t.Errorf("node %s had a data race or a panic", n.name)
		}
		if t.Failed() {
			t.Logf("node %s:\n%s", n.name, out)
		}
	})
	return n
}

// startNodes runs several nodes.
func startNodes(t *testing.T, count int, redisURL string, args ...string) []*node {
	t.Helper()
	nodes := make([]*node, count)
	for i := range nodes {
		nodes[i] = startNode(t, string(rune('A'+i)), redisURL, args...)
	}
	return nodes
}

// start starts the process and waits until it is ready.
func (n *node) start() {
	n.t.Helper()
	if n.proc != nil {
		n.wrote = append(n.wrote, n.proc.Out())
	}
	var err error
	n.proc, err = redistest.Launch([]string{"PARLEY_METRICS_ADDR=off", "PARLEY_ADDR=" + n.addr}, binary, n.args...)
	if err != nil {
		n.t.Fatal(err)
	}
	redistest.Eventually(n.t, "node "+n.name+" does not become ready", func() error {
		if n.proc.Over() {
			n.t.Fatalf("node %s ended:\n%s", n.name, n.proc.Out())
		}
		return n.ready()
	})
}

func (n *node) ready() error {
	resp, err := quick.Get("http://" + n.addr + "/readyz")
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("readyz: %s", resp.Status)
	}
	return nil
}

func (n *node) kill()  { n.proc.End(syscall.SIGKILL) }
func (n *node) pause() { n.proc.Signal(syscall.SIGSTOP) }
func (n *node) goOn()  { n.proc.Signal(syscall.SIGCONT) }

// stop ends the node in an orderly way, as a rolling restart does.
func (n *node) stop() {
	n.t.Helper()
	n.proc.End(syscall.SIGTERM)
	if out := n.proc.Out(); strings.Contains(out, "could not be stored") {
		n.t.Errorf("node %s stopped with unsaved edits:\n%s", n.name, out)
	}
}

// quick is for requests that the caller repeats.
var quick = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// call sends one request and decodes the answer into out, unless out is nil.
func (n *node) call(method, path, token string, body, out any) (status int, err error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, "http://"+n.addr+"/api/v1"+path, in)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := quick.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("%s %s on %s: %s: %s", method, path, n.name, resp.Status, answer)
	}
	if out != nil {
		return resp.StatusCode, json.Unmarshal(answer, out)
	}
	return resp.StatusCode, nil
}

// must repeats call until it succeeds, and fails the test at the deadline.
func (n *node) must(method, path, token string, body, out any) {
	n.t.Helper()
	redistest.Eventually(n.t, "no answer", func() error {
		_, err := n.call(method, path, token, body, out)
		return err
	})
}
