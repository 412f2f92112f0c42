package api_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestSocketServesTheUnmodifiedClient has y-websocket itself, of the version that the client is built with, type,
// drop out, come back and wait: see testdata/interop.mjs. It needs Node and the client's packages.
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
