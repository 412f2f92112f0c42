package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestTheReferenceLibraryTakesTheSignature verifies a sent event with the receiver library that
// Standard Webhooks publishes. The test needs Node and the packages of the client.
func TestTheReferenceLibraryTakesTheSignature(t *testing.T) {
	t.Parallel()
	r := &receiver{answer: func(int, *http.Request) (int, error) { return http.StatusNoContent, nil }}
	s := newSender(t, r, &bytes.Buffer{})
	s.Send("session.ended", map[string]string{"title": "Ada & Bo ✓ <b>"})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.got) != 1 {
		t.Fatalf("%d deliveries, want 1", len(r.got))
	}
	headers := map[string]string{}
	for name := range r.got[0].Header {
		headers[strings.ToLower(name)] = r.got[0].Header.Get(name)
	}
	verify := func(body string) (string, error) {
		in, err := json.Marshal(map[string]any{"secret": secret, "headers": headers, "body": body})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "node", "testdata/verify.mjs")
		cmd.Stdin = bytes.NewReader(in)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	if got, err := verify(r.bodies[0]); err != nil || got != "session.ended" {
		t.Errorf("the reference library says %q, %v (make build fetches its packages)", got, err)
	}
	if got, err := verify(r.bodies[0] + " "); err == nil || !strings.Contains(got, "No matching signature") {
		t.Errorf("for another body the library says %q, %v", got, err)
	}
}
