//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/crdt"
)

func TestMain(m *testing.M) {
	if os.Getenv(hubVariable) != "" { // startHub runs this binary
		if err := runHub(os.Args[2], os.Args[3]); err != nil {
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func TestKeystrokesAreWhatYjsWouldSend(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc()
	for clock := range uint64(60) {
		if err := doc.ApplyUpdate(appendKeystroke(nil, 3, clock)); err != nil {
			t.Fatalf("clock %d: %v", clock, err)
		}
	}
	if got, want := doc.Text(rootName).String(), strings.Repeat("abcdefghijklmnopqrstuvwxyz", 3)[:60]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	state, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := spans(nil, state)
	if want := []span{{3, 0, 60}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("spans of the state: %v, %v; want %v", got, err, want)
	}
}

func TestSpansAgreeWithTheEngine(t *testing.T) {
	t.Parallel()
	var updates [][]byte
	for _, at := range []struct {
		writer int
		clock  uint64
	}{{0, 4}, {0, 5}, {1, 0}, {0, 6}, {2, 1 << 40}} {
		updates = append(updates, appendKeystroke(nil, at.writer, at.clock))
	}
	merged, err := crdt.MergeUpdates(updates...)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := spans(nil, merged)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := slowSpans(nil, merged)
	if err != nil || !slices.Equal(fast, slow) {
		t.Errorf("got %v, the engine says %v, %v", fast, slow, err)
	}
}

// hubTarget is a hub in this process.
func hubTarget(t *testing.T, h *hub) *target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	app := h.app()
	served := make(chan error, 1)
	go func() { served <- app.Listener(l) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		<-served
	})
	return &target{addrs: []string{l.Addr().String()}, dialect: deaf{plain{"/"}}}
}

func TestLostAndDoubledUpdatesAreSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		copies func(n int64) int
		check  func(lost, doubled uint64) bool
	}{
		{"neither", func(int64) int { return 1 }, func(lost, doubled uint64) bool { return lost == 0 && doubled == 0 }},
		{"lost", func(n int64) int { return min(1, int(n%10)) }, func(lost, doubled uint64) bool { return lost > 0 && doubled == 0 }},
		{"doubled", func(n int64) int { return 1 + int(n%10)/9 }, func(lost, doubled uint64) bool { return lost == 0 && doubled > 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			h := &hub{queue: true, copies: func(int) int { return c.copies(n.Add(1)) }}
			crowd, err := newCrowd(hubTarget(t, h), "room", 2, 3, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer crowd.swarm.shutdown()
			if err := crowd.enter(crowd.all(), 2); err != nil {
				t.Fatal(err)
			}
			for range 50 {
				for _, r := range crowd.rooms {
					crowd.typeOne(r, 0)
				}
			}
			limit := time.Minute
			if c.name == "lost" {
				limit = 2 * time.Second // it never comes to rest
			}
			missing, err := crowd.settle(limit)
			if err != nil {
				t.Fatal(err)
			}
			if !c.check(crowd.lost+missing, crowd.doubled) {
				t.Errorf("lost %d, missing %d, doubled %d, delivered %d", crowd.lost, missing, crowd.doubled, crowd.delivered)
			}
		})
	}
}

// Every writer types at the given rate, and every letter reaches everybody else in the room.
func TestTypingKeepsItsRate(t *testing.T) {
	t.Parallel()
	crowd, err := newCrowd(hubTarget(t, &hub{queue: true}), "room", 2, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer crowd.swarm.shutdown()
	if err := crowd.enter(crowd.all(), 2); err != nil {
		t.Fatal(err)
	}
	ticks := 0
	if err := crowd.typeFor(500*time.Millisecond, 20, func(time.Duration) { ticks++ }); err != nil {
		t.Fatal(err)
	}
	for _, r := range crowd.rooms {
		for i, w := range r.writers {
			if w.clock != 10 {
				t.Errorf("%s, writer %d: typed %d letters in half a second of 20 a second", r.name, i, w.clock)
			}
		}
	}
	missing, err := crowd.settle(time.Minute)
	if want := uint64(2 * 2 * 10 * 2); err != nil || missing != 0 || crowd.delivered != want || crowd.latency.n != want {
		t.Errorf("missing %d, delivered %d, latencies %d, %v; want %d", missing, crowd.delivered, crowd.latency.n, err, want)
	}
	if crowd.latency.max <= 0 || crowd.latency.max > time.Minute {
		t.Errorf("the slowest letter took %v", crowd.latency.max)
	}
	if ticks < 10 {
		t.Errorf("ticked %d times", ticks)
	}
}

func TestRunAgainstTheHub(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out strings.Builder
	err := run([]string{
		"-servers", "hub,hub-queue", "-duration", "200ms", "-scale", "0.02",
		"-json", filepath.Join(dir, "out.json"), "-svg", filepath.Join(dir, "out.svg"), "fan-out-100x3", "saturate-20x3", "idle",
	}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "| 20 rooms × 3, as fast as it goes | ") || strings.Contains(out.String(), "LOST") {
		t.Errorf("got:\n%s", out.String())
	}
	for _, name := range []string{"out.json", "out.svg"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(b), "as fast as it goes") {
			t.Errorf("%s: %v\n%s", name, err, b)
		}
	}
}

// TestAPeerThatFailsIsNoted has one server of two missing: a peer's failure is noted and the rest
// goes on, Parley's is an error.
func TestAPeerThatFailsIsNoted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	results, drawing := filepath.Join(dir, "out.json"), filepath.Join(dir, "out.svg")
	args := []string{"-duration", "100ms", "-scale", "0.02", "-peers", dir, "-parley", filepath.Join(dir, "parley"), "-json", results}
	var out strings.Builder
	if err := run(append(args, "-servers", "hub,y-websocket", "fan-out-100x3", "idle"), &out); err != nil {
		t.Errorf("a peer that fails ends the run: %v", err)
	}
	if !strings.Contains(out.String(), " | failed |\n") {
		t.Errorf("got:\n%s", out.String())
	}

	out.Reset()
	if err := run([]string{"-servers", "hub,y-websocket", "-from", results, "-svg", drawing}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| 100 rooms × 3, 10 updates/s each | ") {
		t.Errorf("drawn anew:\n%s", out.String())
	}
	b, err := os.ReadFile(drawing)
	if err != nil || !strings.Contains(string(b), "did not make it") {
		t.Errorf("%v\n%s", err, b)
	}
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the chart is no XML: %v", err)
		}
	}
	if err := run(append(args, "-servers", "hub,parley", "fan-out-100x3"), &out); err == nil {
		t.Error("nobody is told that Parley failed")
	}
}
