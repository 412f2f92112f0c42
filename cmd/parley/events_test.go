package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// Expiry closes live sockets for good and sends a webhook, and then the session is gone. Creating a
// session needs a key.
func TestExpiryKeysAndWebhooks(t *testing.T) {
	t.Parallel()
	told := make(chan string, 16)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var event struct {
			Type string
			Data struct {
				Session struct{ ID, Title, Status string }
			}
		}
		if err := json.Unmarshal(body, &event); err != nil || r.Header.Get("webhook-signature") == "" {
			told <- "bad"
		}
		told <- strings.TrimSpace(event.Type + " " + event.Data.Session.ID + " " + event.Data.Session.Title)
	}))
	t.Cleanup(receiver.Close)
	const key = "a-key-of-the-ats"
	p := launch(t, "--data-dir", t.TempDir(), "--session-ttl", "2s", "--api-key", key, "--webhook-url", receiver.URL, "--webhook-secret", "s")
	p.call(t, "POST", "/api/v1/sessions", "", "", 401, nil)
	var made shown
	p.call(t, "POST", "/api/v1/sessions", key, `{"title":"Round 2"}`, 201, &made)
	e := p.connect(t, made.ID, made.Token)
	var list struct{ Sessions []shown }
	if p.call(t, "GET", "/api/v1/sessions", key, "", 200, &list); len(list.Sessions) != 1 || list.Sessions[0].ID != made.ID {
		t.Errorf("listed %+v", list)
	}
	for {
		_, _, err := e.ws.ReadMessage()
		if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
			if closed.Code != 4410 {
				t.Errorf("closed with %d", closed.Code)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p.call(t, "GET", "/api/v1/sessions/"+made.ID, made.Token, "", 410, nil)
	for _, want := range []string{"session.created " + made.ID + " Round 2", "session.expired " + made.ID + " Round 2"} {
		select {
		case got := <-told:
			if got != want {
				t.Errorf("got webhooks %q, want %q", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("no webhook %s", want)
		}
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != exitOK || strings.Contains(p.stderr.String(), key) || !strings.Contains(p.stderr.String(), `"event":"expired"`) {
		t.Errorf("exit %d:\n%s", code, p.stderr.String())
	}
}
