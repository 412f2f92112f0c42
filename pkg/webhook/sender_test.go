package webhook_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/pkg/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver is the receiving service, without a network. answer decides each answer.
type receiver struct {
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	times  []time.Time
	answer func(n int, req *http.Request) (int, error) // n counts from 1
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.got, r.bodies, r.times = append(r.got, req), append(r.bodies, string(body)), append(r.times, time.Now())
	n := len(r.got)
	r.mu.Unlock()
	status, err := r.answer(n, req)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("ok")), Header: http.Header{"Location": {"http://elsewhere.example"}}}, nil
}

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func newSender(t *testing.T, r *receiver, log *bytes.Buffer) *webhook.Sender {
	t.Helper()
	s, err := webhook.New(webhook.Options{
		URL: "https://ats.example/hook", Secret: secret, Client: &http.Client{Transport: r}, Now: time.Now, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The example is from the reference implementations of the specification
// (standard-webhooks/standard-webhooks, libraries).
func TestSign(t *testing.T) {
	t.Parallel()
	key, err := webhook.Key(secret)
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if key, err := webhook.Key("plain text"); err != nil || string(key) != "plain text" {
		t.Errorf("a plain secret gives %q, %v", key, err)
	}
	if _, err := webhook.Key("whsec_***"); err == nil {
		t.Error("a broken secret is accepted")
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func(n int, _ *http.Request) (int, error) { return 204, nil }}
		s := newSender(t, r, &bytes.Buffer{})
		s.Send("session.created", map[string]string{"id": "0a1b2c3d"})
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(r.got) != 1 {
			t.Fatalf("%d requests", len(r.got))
		}
		h := r.got[0].Header
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if h.Get("webhook-signature") != webhook.Sign(key, h.Get("webhook-id"), h.Get("webhook-timestamp"), []byte(r.bodies[0])) {
			t.Errorf("the signature is wrong: %v", h)
		}
		var body struct {
			Type      string
			Timestamp time.Time
			Data      map[string]string
		}
		if err := json.Unmarshal([]byte(r.bodies[0]), &body); err != nil || body.Type != "session.created" || !body.Timestamp.Equal(time.Now()) || body.Data["id"] != "0a1b2c3d" {
			t.Errorf("body %s, %v", r.bodies[0], err)
		}
		if h.Get("Content-Type") != "application/json" || !strings.HasPrefix(h.Get("webhook-id"), "msg_") {
			t.Errorf("headers %v", h)
		}
		s.Send("late", nil)
		if delivered, failed := s.Counts(); delivered != 1 || failed != 1 {
			t.Errorf("%d delivered, %d failed", delivered, failed)
		}
	})
}

// A failed event is sent again, with the same id and growing pauses. Redirects are not followed.
// Other events are not delayed.
func TestRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		r.answer = func(n int, _ *http.Request) (int, error) {
			switch n {
			case 1:
				return 500, nil
			case 2:
				return 302, nil
			case 3:
				return 0, errors.New("connection refused")
			}
			return 200, nil
		}
		s := newSender(t, r, &bytes.Buffer{})
		start := time.Now()
		s.Send("session.ended", nil)
		for d, _ := s.Counts(); d == 0; d, _ = s.Counts() {
			synctest.Wait()
			<-time.After(100 * time.Millisecond)
		}
		if len(r.got) != 4 || r.got[3].URL.Host != "ats.example" {
			t.Fatalf("%d requests", len(r.got))
		}
		for i, req := range r.got {
			if req.Header.Get("webhook-id") != r.got[0].Header.Get("webhook-id") || r.bodies[i] != r.bodies[0] {
				t.Error("a repeated event has another id")
			}
		}
		if took := r.times[3].Sub(start); took < 7*time.Second || took > 10*time.Second {
			t.Errorf("three pauses took %v", took)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestGivingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := &receiver{answer: func(int, *http.Request) (int, error) { return 400, nil }}
		s := newSender(t, r, &log)
		s.Send("session.expired", nil)
		<-time.After(10 * time.Minute)
		synctest.Wait()
		if _, failed := s.Counts(); failed != 1 || len(r.got) != 8 || !strings.Contains(log.String(), "session.expired") || strings.Contains(log.String(), secret) {
			t.Errorf("%d failed after %d attempts; log:\n%s", failed, len(r.got), log.String())
		}
		// Close during a pause makes one more attempt at once and then ends.
		s.Send("session.expired", nil)
		<-time.After(500 * time.Millisecond)
		start := time.Now()
		if err := s.Close(t.Context()); err != nil || time.Since(start) > time.Second {
			t.Errorf("Close took %v: %v", time.Since(start), err)
		}
		if _, failed := s.Counts(); failed != 2 || len(r.got) != 10 {
			t.Errorf("%d failed after %d attempts", failed, len(r.got))
		}
	})
}

// A hanging receiver blocks no caller, memory stays bounded, and Close ends in time.
func TestStuckReceiver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func(_ int, req *http.Request) (int, error) {
			<-req.Context().Done()
			return 0, req.Context().Err()
		}}
		s := newSender(t, r, &bytes.Buffer{})
		start := time.Now()
		for range 2000 {
			s.Send("participant.joined", nil)
		}
		if time.Since(start) != 0 {
			t.Error("Send waited")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 2*time.Second {
			t.Errorf("Close gave %v after %v", err, time.Since(start))
		}
		if delivered, failed := s.Counts(); delivered != 0 || failed != 2000 {
			t.Errorf("%d delivered, %d failed", delivered, failed)
		}
		var none *webhook.Sender
		none.Send("x", nil)
		if d, f := none.Counts(); d+f != 0 || none.Close(t.Context()) != nil {
			t.Error("a nil Sender must do nothing")
		}
	})
}
