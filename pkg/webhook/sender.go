package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of sending.
const (
	queueDepth = 1024 // events; when full, new events are dropped and counted
	workers    = 4    // deliveries in parallel, so that one slow delivery does not block all others
	attempts   = 8    // per event: with these pauses some two minutes
	// After the first failure. The pause doubles each time, plus a random quarter at most.
	firstPause     = time.Second
	longestPause   = time.Minute      // longest pause between two attempts
	attemptTimeout = 10 * time.Second // for one POST including its answer
)

// secretPrefix marks a secret in base64, as defined by Standard Webhooks.
const secretPrefix = "whsec_"

// Options configure a Sender. URL is required, and with FormatJSON Secret.
type Options struct {
	URL    string // http or https
	Secret string // whsec_ and base64, or any text; "" signs nothing
	Format string // FormatJSON, the default, or FormatSlack
	Client *http.Client
	Now    func() time.Time
	Logger *slog.Logger
}

// Sender delivers events. It is safe for concurrent use. A nil Sender delivers nothing.
type Sender struct {
	// Fixed by New.
	url    string
	key    []byte // empty: nothing is signed
	format string
	client *http.Client
	now    func() time.Time
	log    *slog.Logger
	queue  chan delivery // depth queueDepth; never closed
	// Done after Close was called: pauses end, and each event gets one more attempt.
	closing      context.Context
	startClosing context.CancelFunc
	aborted      context.Context // done when the time of Close is over
	abort        context.CancelFunc

	running   sync.WaitGroup
	delivered atomic.Uint64
	failed    atomic.Uint64
}

// delivery is one event to deliver. Its id and body stay the same in all attempts.
type delivery struct {
	id, event string
	body      []byte
}

// New returns a Sender and starts its workers. New fails if the secret has the prefix but is not
// base64. Call Close at the end.
func New(opts Options) (*Sender, error) {
	key, err := Key(opts.Secret)
	if err != nil {
		return nil, err
	}
	s := &Sender{url: opts.URL, key: key, format: opts.Format, client: opts.Client, now: opts.Now, log: opts.Logger, queue: make(chan delivery, queueDepth)}
	if s.client == nil {
		s.client = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: workers, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: attemptTimeout,
		}}
	}
	client := *s.client
	// A signed event must not go to an address that the operator did not configure.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client = &client
	s.closing, s.startClosing = context.WithCancel(context.Background())
	s.aborted, s.abort = context.WithCancel(context.Background())
	for range workers {
		s.running.Go(s.work)
	}
	return s, nil
}

// Key returns the bytes of a secret that sign events.
func Key(secret string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok {
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("the text after %s must be base64", secretPrefix)
	}
	return key, nil
}

// Send queues an event for delivery as {"type", "timestamp", "data"}. Send never blocks. data is
// encoded before Send returns.
func (s *Sender) Send(event string, data any) {
	if s == nil {
		return
	}
	body, err := s.encode(event, data)
	if err != nil {
		s.giveUp(event, "", fmt.Errorf("encode: %w", err))
		return
	}
	d := delivery{id: newID(), event: event, body: body}
	if s.closing.Err() != nil {
		s.giveUp(event, d.id, fmt.Errorf("shutting down"))
		return
	}
	select {
	case s.queue <- d:
	default:
		s.giveUp(event, d.id, fmt.Errorf("the queue of %d events is full", queueDepth))
	}
}

func (s *Sender) encode(event string, data any) ([]byte, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	if s.format == FormatSlack {
		return slackBody(event, raw)
	}
	return json.Marshal(struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{event, s.now().UTC(), raw})
}

func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return "msg_" + hex.EncodeToString(b[:])
}

// Counts returns the numbers of delivered and of failed events.
func (s *Sender) Counts() (delivered, failed uint64) {
	if s == nil {
		return 0, 0
	}
	return s.delivered.Load(), s.failed.Load()
}

// Close tries each queued event once more and ends the Sender. If ctx ends first, the other events
// are dropped and counted.
func (s *Sender) Close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	s.startClosing()
	unwatch := context.AfterFunc(ctx, s.abort)
	defer unwatch()
	s.running.Wait()
	s.abort()
	s.client.CloseIdleConnections()
	if err := ctx.Err(); err != nil {
		_, failed := s.Counts()
		return fmt.Errorf("send webhooks: %d events failed: %w", failed, err)
	}
	return nil
}

// work delivers queued events one after the other. It ends after Close, when the queue is empty.
func (s *Sender) work() {
	for {
		select {
		case d := <-s.queue:
			s.deliver(d)
			continue
		default:
		}
		select {
		case d := <-s.queue:
			s.deliver(d)
		case <-s.closing.Done():
			select {
			case d := <-s.queue:
				s.deliver(d)
			default:
				return
			}
		}
	}
}

// deliver tries until the receiver accepts the event or no attempt is left.
func (s *Sender) deliver(d delivery) {
	pause := firstPause
	for n := 1; ; n++ {
		last := s.closing.Err() != nil // then this attempt is the last
		err := s.post(d)
		if err == nil {
			s.delivered.Add(1)
			return
		}
		if n == attempts || last || s.aborted.Err() != nil {
			s.giveUp(d.event, d.id, err)
			return
		}
		timer := time.NewTimer(pause + mathrand.N(pause/4))
		select {
		case <-timer.C:
		case <-s.closing.Done():
			timer.Stop()
		}
		pause = min(2*pause, longestPause)
	}
}

// post makes one attempt. Any 2xx answer is a success.
func (s *Sender) post(d delivery) error {
	ctx, cancel := context.WithTimeout(s.aborted, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(d.body))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(s.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "parley")
	if len(s.key) > 0 {
		req.Header.Set("Webhook-Id", d.id)
		req.Header.Set("Webhook-Timestamp", stamp)
		req.Header.Set("Webhook-Signature", Sign(s.key, d.id, stamp, d.body))
	}
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection can be reused
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("the receiver answered %d", res.StatusCode)
	}
	return nil
}

// Sign returns the value of webhook-signature: v1, and the HMAC-SHA256 of id, timestamp and body
// joined by dots, in base64.
func Sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// giveUp counts and logs an event that was not delivered.
func (s *Sender) giveUp(event, id string, err error) {
	s.failed.Add(1)
	s.log.Error("webhook not delivered", "event", event, "id", id, "err", err)
}
