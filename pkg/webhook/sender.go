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
	queueDepth     = 1024             // events; past it the newest are dropped and counted
	workers        = 4                // deliveries at a time: one receiver that is slow for one event does not hold up all
	attempts       = 8                // per event: with these pauses some two minutes
	firstPause     = time.Second      // after the first failure, doubled each time, with up to a quarter more at random
	longestPause   = time.Minute      // between two attempts
	attemptTimeout = 10 * time.Second // for one POST, its answer included
)

// secretPrefix marks a secret in base64, as Standard Webhooks writes them.
const secretPrefix = "whsec_"

// Options are what a Sender is made of. URL and Secret are needed.
type Options struct {
	URL    string // http or https
	Secret string // whsec_ and base64, or any text
	Client *http.Client
	Now    func() time.Time
	Logger *slog.Logger
}

// Sender delivers events. It is safe for concurrent use; a nil Sender delivers nothing.
type Sender struct {
	// Fixed by New.
	url    string
	key    []byte
	client *http.Client
	now    func() time.Time
	log    *slog.Logger
	queue  chan delivery   // depth queueDepth; never closed
	hurry  context.Context // done when Close was called: pauses end, each event is tried once more
	stop   context.CancelFunc
	abort  context.Context // done when Close has run out of time
	cancel context.CancelFunc

	running   sync.WaitGroup
	delivered atomic.Uint64
	failed    atomic.Uint64
}

// delivery is one event on its way. Its id and body stay the same over all attempts.
type delivery struct {
	id, event string
	body      []byte
}

// New gives a Sender and starts its workers, or an error when the secret is not base64 behind its prefix. Call Close when
// done with it.
func New(opts Options) (*Sender, error) {
	key, err := Key(opts.Secret)
	if err != nil {
		return nil, err
	}
	s := &Sender{url: opts.URL, key: key, client: opts.Client, now: opts.Now, log: opts.Logger, queue: make(chan delivery, queueDepth)}
	if s.client == nil {
		s.client = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: workers, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: attemptTimeout,
		}}
	}
	client := *s.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // what is signed goes where it was sent
	s.client = &client
	s.hurry, s.stop = context.WithCancel(context.Background())
	s.abort, s.cancel = context.WithCancel(context.Background())
	for range workers {
		s.running.Go(s.work)
	}
	return s, nil
}

// Key gives the bytes that a secret signs with.
func Key(secret string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok {
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("what follows %s is not base64", secretPrefix)
	}
	return key, nil
}

// Send has an event delivered: {"type", "timestamp", "data"}. It never waits. data is encoded before Send returns.
func (s *Sender) Send(event string, data any) {
	if s == nil {
		return
	}
	body, err := json.Marshal(struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      any       `json:"data"`
	}{event, s.now().UTC(), data})
	if err != nil {
		s.lose(event, "", fmt.Errorf("encode: %w", err))
		return
	}
	d := delivery{id: newID(), event: event, body: body}
	if s.hurry.Err() != nil {
		s.lose(event, d.id, fmt.Errorf("shutting down"))
		return
	}
	select {
	case s.queue <- d:
	default:
		s.lose(event, d.id, fmt.Errorf("%d events wait already", queueDepth))
	}
}

func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return "msg_" + hex.EncodeToString(b[:])
}

// Counts gives how many events were delivered and how many were given up.
func (s *Sender) Counts() (delivered, failed uint64) {
	if s == nil {
		return 0, 0
	}
	return s.delivered.Load(), s.failed.Load()
}

// Close tries what waits once more and ends the Sender. When ctx ends first the rest is given up, and counted.
func (s *Sender) Close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	s.stop()
	unwatch := context.AfterFunc(ctx, s.cancel)
	defer unwatch()
	s.running.Wait()
	s.cancel()
	s.client.CloseIdleConnections()
	if err := ctx.Err(); err != nil {
		_, failed := s.Counts()
		return fmt.Errorf("send webhooks: %d given up: %w", failed, err)
	}
	return nil
}

// work is a worker: one delivery after the other, until Close and nothing waits.
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
		case <-s.hurry.Done():
			select {
			case d := <-s.queue:
				s.deliver(d)
			default:
				return
			}
		}
	}
}

// deliver tries until the receiver has the event, refuses for good, or the attempts are used up.
func (s *Sender) deliver(d delivery) {
	pause := firstPause
	for n := 1; ; n++ {
		hurried := s.hurry.Err() != nil // this attempt is the last, then
		err := s.post(d)
		if err == nil {
			s.delivered.Add(1)
			return
		}
		if n == attempts || hurried || s.abort.Err() != nil {
			s.lose(d.event, d.id, err)
			return
		}
		timer := time.NewTimer(pause + mathrand.N(pause/4))
		select {
		case <-timer.C:
		case <-s.hurry.Done():
			timer.Stop()
		}
		pause = min(2*pause, longestPause)
	}
}

// post makes one attempt. Any answer of 2xx is a success.
func (s *Sender) post(d delivery) error {
	ctx, cancel := context.WithTimeout(s.abort, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(d.body))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(s.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "parley")
	req.Header.Set("Webhook-Id", d.id)
	req.Header.Set("Webhook-Timestamp", stamp)
	req.Header.Set("Webhook-Signature", Sign(s.key, d.id, stamp, d.body))
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection can be used again
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("the receiver answered %d", res.StatusCode)
	}
	return nil
}

// Sign gives the value of webhook-signature: v1, and the HMAC-SHA256 of id, timestamp and body with dots between, in base64.
func Sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// lose counts and logs an event that nobody got.
func (s *Sender) lose(event, id string, err error) {
	s.failed.Add(1)
	s.log.Error("webhook not delivered", "event", event, "id", id, "err", err)
}
