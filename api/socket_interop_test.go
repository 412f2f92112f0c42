package api_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestSocketServesTheUnmodifiedClient runs the real y-websocket, in the version that the client is
// built with. The client types, disconnects, reconnects and waits: see testdata/interop.mjs. The
// test needs Node and the packages of the client.
func TestSocketServesTheUnmodifiedClient(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "node", "testdata/interop.mjs", "ws://"+e.host+"/ws/sessions", "one").CombinedOutput()
	if err != nil {
		t.Errorf("node testdata/interop.mjs: %v (make build fetches its packages)", err)
	}
	ok := 0
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "ok ") {
			ok++
			continue
		}
		t.Error(strings.TrimSpace(line))
	}
	if ok != 7 {
		t.Errorf("%d checks passed, want 7", ok)
	}
}
