package telemetry_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"parley/pkg/relay"
	"parley/pkg/telemetry"
)

func TestScrape(t *testing.T) {
	t.Parallel()
	m := telemetry.New("1.2.3")
	m.WatchRelay(func() relay.Stats {
		return relay.Stats{
			Conns: 3, Rooms: 2, Unsaved: 17, UnsavedDocs: 1, UnsavedAge: 1500 * time.Millisecond, Waiting: 40, MaxWaiting: 30, Lagging: 1,
			Inbox: 4, DocBytes: []int{1 << 20, 100, 1024, 1025}, Participants: map[string]int{"candidate": 2, "": 1},
			Closed: map[relay.CloseCode]uint64{relay.CloseMalformed: 5},
		}
	})
	m.WatchNode(func() bool { return true }, func() time.Time { return time.Unix(1_800_000_000, 0) })
	census := &telemetry.Census{}
	m.WatchSessions(census)
	census.Set(map[string]int{"active": 8})
	m.WatchDisk(func() float64 { return 5 }, func() float64 { return 6 })
	m.Measured(relay.FanOut, 30*time.Millisecond)
	m.WatchEvents(func() uint64 { return 7 }, func() uint64 { return 8 }, func() (uint64, uint64) { return 6, 4 })
	m.Request("GET", "/api/v1/sessions/:id", 404, 3*time.Millisecond)
	m.Request("GET", "/api/v1/sessions/:id", 404, 5*time.Millisecond)
	m.Commit(40, 3*time.Millisecond, nil)
	m.Commit(1, time.Millisecond, errors.New("disk full"))
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	body := rec.Body.String()
	for _, want := range []string{
		`parley_http_requests_total{method="GET",route="/api/v1/sessions/:id",status="404"} 2`,
		`parley_http_request_seconds_count{route="/api/v1/sessions/:id"} 2`,
		`parley_store_commit_writes_sum 41`, `parley_store_commit_errors_total 1`,
		`parley_connections 3`, `parley_rooms 2`, `parley_unsaved_bytes 17`, `parley_connections_closed_total{code="4400"} 5`,
		`parley_audit_dropped_total 7`, `parley_trace_dropped_total 8`, `parley_webhooks_total{result="delivered"} 6`, `parley_webhooks_total{result="failed"} 4`,
		`parley_participants{role="candidate"} 2`, `parley_participants{role="observer"} 0`, `parley_participants{role="other"} 1`,
		`parley_unsaved_documents 1`, `parley_unsaved_oldest_age_seconds 1.5`, `parley_outbox_bytes 40`, `parley_outbox_max_bytes 30`,
		`parley_outbox_lagging_connections 1`, `parley_room_inbox_max_events 4`, `parley_messages_rejected_total{reason="rate"} 0`,
		`parley_document_bytes_bucket{le="1024"} 2`, `parley_document_bytes_bucket{le="4096"} 3`, `parley_document_bytes_count 4`,
		`parley_fanout_seconds_bucket{le="0.025"} 0`, `parley_fanout_seconds_bucket{le="0.05"} 1`, `parley_store_append_seconds_count 0`,
		`parley_connections_closed_total{code="1012"} 0`, `parley_sessions{status="active"} 8`, `parley_draining 1`,
		`parley_store_bytes 5`, `parley_store_free_bytes 6`,
		`parley_tls_certificate_expires_timestamp_seconds 1.8e+09`,
		`version="1.2.3"} 1`, `go_goroutines`, `process_resident_memory_bytes`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in the scrape", want)
		}
	}
	if strings.Contains(body, "parley_updates_denied") {
		t.Error("a rejection has a second name")
	}
	problems, err := testutil.CollectAndLint(telemetry.RelayCollector(func() relay.Stats { return relay.Stats{} }))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// A scrape that asks for native histograms gets them.
func TestNativeHistograms(t *testing.T) {
	t.Parallel()
	m := telemetry.New("1")
	m.Measured(relay.Merge, 3*time.Microsecond)
	req := httptest.NewRequest("GET", "/metrics", nil)
	req.Header.Set("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, req)
	decoder := expfmt.NewDecoder(rec.Body, expfmt.ResponseFormat(rec.Result().Header))
	for {
		var family dto.MetricFamily
		if err := decoder.Decode(&family); err != nil {
			t.Fatalf("no parley_merge_seconds: %v", err)
		}
		if family.GetName() == "parley_merge_seconds" {
			h := family.GetMetric()[0].GetHistogram()
			if len(h.GetPositiveSpan()) == 0 || len(h.GetBucket()) == 0 {
				t.Errorf("native %v, classic %v; want both", h.GetPositiveSpan(), h.GetBucket())
			}
			return
		}
	}
}

// BenchmarkMeasured measures what one time costs.
func BenchmarkMeasured(b *testing.B) {
	m := telemetry.New("1")
	b.RunParallel(func(pb *testing.PB) {
		took := time.Microsecond
		for pb.Next() {
			m.Measured(relay.FanOut, took)
			took += 37 * time.Nanosecond
		}
	})
}
