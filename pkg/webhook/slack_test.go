package webhook_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/pkg/webhook"
)

// sendSlack returns what an incoming webhook gets of an event.
func sendSlack(t *testing.T, event string, data any) (text string, raw string) {
	t.Helper()
	r := &receiver{answer: func(int, *http.Request) (int, error) { return 200, nil }}
	s, err := webhook.New(webhook.Options{URL: "https://hooks.example/T/B", Format: webhook.FormatSlack,
		Client: &http.Client{Transport: r}, Now: time.Now, Logger: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s.Send(event, data)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.bodies) != 1 || r.got[0].Header.Get("webhook-signature") != "" || r.got[0].Header.Get("Content-Type") != "application/json" {
		t.Fatalf("got %v", r.bodies)
	}
	var body map[string]string
	if err := json.Unmarshal([]byte(r.bodies[0]), &body); err != nil || len(body) != 1 {
		t.Fatalf("%s: %v", r.bodies[0], err)
	}
	return body["text"], r.bodies[0]
}

func TestSlack(t *testing.T) {
	t.Parallel()
	sess := func(title string) map[string]any {
		return map[string]any{"session": map[string]any{"id": "0a1b2c3d", "title": title, "url": "https://parley.example/s/0a1b2c3d?a=1&b=2"},
			"scorecard":   map[string]any{"author": map[string]any{"name": "Ada & co"}, "decision": "no"},
			"participant": map[string]any{"name": "Eve <!channel> @here", "role": "candidate"}}
	}
	const link = " https://parley.example/s/0a1b2c3d?a=1&amp;b=2"
	for _, tc := range []struct{ event, title, want string }{
		{"session.created", "R&D <Backend>", "R&amp;D &lt;Backend&gt; was created." + link},
		{"session.ended", "", "Interview 0a1b2c3d has ended." + link},
		{"session.ended", "[x](https://evil.example)", "[x]\u200b(https:\u200b//evil.example) has ended." + link},
		{"participant.joined", "A\nB", "Eve &lt;!channel&gt; @\u200bhere joined A B as candidate." + link},
		{"scorecard.submitted", "T", "Ada &amp; co submitted a scorecard for T." + link},
		{"something.new", "T", "T: something.new" + link},
	} {
		got, raw := sendSlack(t, tc.event, sess(tc.title))
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.event, got, tc.want)
		}
		if strings.Contains(raw, `\u0026`) {
			t.Errorf("%s: escaped twice: %s", tc.event, raw)
		}
	}
	got, _ := sendSlack(t, "session.expired", map[string]any{"session": map[string]string{"id": "0a1b2c3d"}})
	if got != "Interview 0a1b2c3d is over its time and was deleted." {
		t.Errorf("expired: %q", got)
	}
}

func FuzzSlack(f *testing.F) {
	f.Add("session.created", `{"session":{"title":"<@U1>"}}`)
	f.Fuzz(func(t *testing.T, event, data string) {
		body, err := webhook.SlackBody(event, []byte(data))
		if err != nil {
			return
		}
		var decoded struct{ Text string }
		if err := json.Unmarshal(body, &decoded); err != nil || strings.ContainsAny(decoded.Text, "<>") {
			t.Fatalf("%q, %v", body, err)
		}
	})
}
