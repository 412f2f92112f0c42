package telemetry_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"parley/pkg/relay"
	"parley/pkg/telemetry"
)

func TestScrape(t *testing.T) {
	t.Parallel()
	m := telemetry.New("1.2.3")
	m.WatchRelay(func() relay.Stats {
		return relay.Stats{Conns: 3, Rooms: 2, Unsaved: 17, Closed: map[relay.CloseCode]uint64{relay.CloseMalformed: 5}}
	})
	m.WatchEvents(func() uint64 { return 7 }, func() (uint64, uint64) { return 6, 4 })
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
		`parley_audit_dropped_total 7`, `parley_webhooks_total{result="delivered"} 6`, `parley_webhooks_total{result="failed"} 4`,
		`parley_build_info{version="1.2.3"} 1`, `parley_store_append_seconds_total 0`, `go_goroutines`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in the scrape", want)
		}
	}
	problems, err := testutil.CollectAndLint(telemetry.RelayCollector(func() relay.Stats { return relay.Stats{} }))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
