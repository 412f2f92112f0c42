package telemetry_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
	"parley/pkg/session"
	"parley/pkg/telemetry"
)

// receiver is an OpenTelemetry collector that keeps what it receives.
type receiver struct {
	mu    sync.Mutex
	spans []*spans.Span
	about string
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		zipped, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = zipped
	}
	raw, err := io.ReadAll(body)
	var request collector.ExportTraceServiceRequest
	if err := errors.Join(err, proto.Unmarshal(raw, &request)); err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, "not traces", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		c.about = resource.GetResource().String()
		for _, scope := range resource.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
}

func (c *receiver) span(t *testing.T, name string) *spans.Span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.GetName() == name {
			return s
		}
	}
	t.Fatalf("no span %q among %d", name, len(c.spans))
	return nil
}

func TestTraces(t *testing.T) {
	got := &receiver{}
	server := httptest.NewServer(got)
	defer server.Close()
	var log bytes.Buffer
	logger := telemetry.NewLogger(&log, true, new(slog.LevelVar))
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{Endpoint: server.URL, Ratio: 1, Version: "9.9", Node: "n1", Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	store := relaytest.NewStore("0000beef")
	documents := tracing.Log(store)
	id := relay.RoomID{Session: "0000beef"}
	ctx, end := tracing.Request(t.Context(), "GET", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "req-1")
	logger.InfoContext(ctx, "under the span")
	if _, err := documents.Since(ctx, id, relay.Position{}); err != nil {
		t.Fatal(err)
	}
	told := make(chan error, 1)
	answer := func(_ relay.Position, err error) { told <- err }
	documents.Append(relay.RoomID{Session: "gone"}, relay.Position{}, nil, relay.Batched, answer)
	if err := <-told; !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("an append to no session gave %v", err)
	}
	store.Gather() // the traced log must not flush a batched append
	documents.Append(id, relay.Position{}, []relay.Entry{{Update: []byte{0, 0}}}, relay.Batched, answer)
	if store.Appends() != 0 {
		t.Error("a batched append did not wait for the flush")
	}
	documents.Flush()
	if err := <-told; err != nil {
		t.Error(err)
	}
	if err := documents.Compact(ctx, id, nil, store.Whole(id).At); err != nil {
		t.Fatal(err)
	}
	if err := documents.SetAside(ctx, id, relay.Entry{}, "why"); err != nil {
		t.Fatal(err)
	}
	sessions := tracing.Sessions(brokenSessions{})
	if _, err := sessions.Get(ctx, "0000beef"); err == nil {
		t.Fatal("the broken store works")
	}
	end("/api/v1/sessions/:id", "0000beef", 503)
	if err := tracing.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	request := got.span(t, "GET /api/v1/sessions/:id")
	if request.GetStatus().GetCode() != spans.Status_STATUS_CODE_ERROR || len(request.GetParentSpanId()) != 8 {
		t.Errorf("the request is %v", request)
	}
	for name, status := range map[string]spans.Status_StatusCode{
		"store.since": spans.Status_STATUS_CODE_UNSET, "store.compact": spans.Status_STATUS_CODE_UNSET,
		"store.set_aside": spans.Status_STATUS_CODE_UNSET, "store.session.get": spans.Status_STATUS_CODE_ERROR,
	} {
		s := got.span(t, name)
		if !bytes.Equal(s.GetParentSpanId(), request.GetSpanId()) || s.GetStatus().GetCode() != status {
			t.Errorf("%s is %v; want it under the request with status %v", name, s, status)
		}
	}
	if s := got.span(t, "store.append"); s.GetStatus().GetCode() != spans.Status_STATUS_CODE_UNSET {
		t.Errorf("the append is %v; a missing session is an answer and not a failure", s)
	}
	for _, want := range []string{"9.9", "n1", "parley"} {
		if !strings.Contains(got.about, want) {
			t.Errorf("no %s in %s", want, got.about)
		}
	}
	if !strings.Contains(log.String(), `"trace_id":"0af7651916cd43dd8448eb211c80319c"`) {
		t.Errorf("the line has no trace: %s", log.String())
	}
}

// brokenSessions is a store whose Get fails.
type brokenSessions struct{ session.Store }

func (brokenSessions) Get(context.Context, session.ID) (session.Session, error) {
	return session.Session{}, errors.New("broken")
}

// Without tracing the stores are not wrapped.
func TestNoTraces(t *testing.T) {
	t.Parallel()
	var none *telemetry.Tracing
	store := relaytest.NewStore("x")
	if none.Log(store) != relay.Log(store) || none.Sessions(nil) != nil || none.Close(t.Context()) != nil {
		t.Error("something was put around the store")
	}
}

// A collector that cannot be reached delays nothing, and its failure is logged.
func TestCollectorAway(t *testing.T) { // not parallel: the library has one handler of errors for the process
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	var log bytes.Buffer
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{
		Endpoint: server.URL, Ratio: 1, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, end := tracing.Request(t.Context(), "GET", "", "x")
	end("/", "", 200)
	if err := tracing.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "traces cannot be sent") {
		t.Errorf("the log says %q", log.String())
	}
}
