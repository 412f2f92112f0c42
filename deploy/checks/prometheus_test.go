package checks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"go.yaml.in/yaml/v4"

	"parley/deploy/dashboards"
	"parley/pkg/relay"
	"parley/pkg/store/redistest"
)

// promtool accepts the rules, and the tests of the rules pass.
func TestRulesHold(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", "rules", "rules.yaml"}, {"test", "rules", "rules_test.yaml"}, {"check", "config", "prometheus.yaml"},
	} {
		cmd := exec.Command(tool(t, "promtool"), args...)
		cmd.Dir = "../prometheus"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// rule is an alert of rules.yaml.
type rule struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

func rules(t *testing.T) []rule {
	t.Helper()
	raw, err := os.ReadFile("../prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 10 {
		t.Fatalf("%d rules", len(all))
	}
	return all
}

// Every alert has a severity and an entry in the runbook, and every entry belongs to an alert.
func TestAlertsHaveRunbookEntries(t *testing.T) {
	t.Parallel()
	runbook, err := os.ReadFile("../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(string(runbook), -1) {
		entries[m[1]] = true
	}
	for _, r := range rules(t) {
		if !entries[r.Alert] || !strings.HasSuffix(r.Annotations["runbook_url"], "#"+strings.ToLower(r.Alert)) {
			t.Errorf("%s has no entry in the runbook, or no link to it", r.Alert)
		}
		if s := r.Labels["severity"]; s != "page" && s != "ticket" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("the texts of %s are too short", r.Alert)
		}
		delete(entries, r.Alert)
	}
	for name := range entries {
		t.Errorf("the runbook has an entry %s, but there is no such alert", name)
	}
}

// The runbook lists every reason for rejecting a message.
func TestRunbookKnowsRejections(t *testing.T) {
	t.Parallel()
	runbook := read(t, "RUNBOOK.md")
	for _, c := range relay.Counters() {
		if reason, ok := c.Rejection(); ok && !strings.Contains(runbook, "`"+reason+"`") {
			t.Errorf("the runbook lacks %s", reason)
		}
	}
}

// prometheus is a running Prometheus.
type prometheus struct{ addr string }

// startPrometheus runs a Prometheus that scrapes the nodes every second, with the labels that
// dashboards and rules use.
func startPrometheus(t *testing.T, targets []string) prometheus {
	t.Helper()
	dir := t.TempDir()
	ruleFile, err := filepath.Abs("../prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q]\nscrape_configs:\n  - job_name: parley\n    static_configs: [{targets: [%s]}]\n",
		ruleFile, strings.Join(targets, ", "))
	path := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := prometheus{freeAddr(t)}
	spawn(t, tool(t, "prometheus"), "--config.file="+path, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+p.addr, "--log.level=warn")
	return p
}

// sample is one element of the answer to a query.
type sample struct {
	Metric map[string]string
	Value  [2]any // time, value as text
}

func (s sample) value() string { return fmt.Sprint(s.Value[1]) }

// query returns the current value of an expression.
func (p prometheus) query(expr string) ([]sample, error) {
	res, err := http.Get("http://" + p.addr + "/api/v1/query?query=" + url.QueryEscape(expr))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct{ Result []sample }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, errors.New(answer.Error)
	}
	return answer.Data.Result, nil
}

// data returns an error unless the expression has numeric values.
func (p prometheus) data(expr string) error {
	samples, err := p.query(expr)
	for _, s := range samples {
		if s.value() != "NaN" {
			return nil
		}
	}
	if err == nil {
		err = fmt.Errorf("no data: %d samples, none is a number", len(samples))
	}
	return err
}

// comparison matches the end of every alert's expression.
var comparison = regexp.MustCompile(`^(?s)(.*) (>|<) [0-9.]+$`)

// Under load, every query of every dashboard and the compared expression of every alert have data.
// No alert fires on a healthy system.
func TestEveryQueryHasData(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	cert, key, _ := certificate(t)
	nodes := []*node{
		startNode(t, "--store", "redis", "--redis-url", redis.URL()),
		startNode(t, "--store", "redis", "--redis-url", redis.URL()),
		startNode(t, "--data-dir", t.TempDir(), "--tls-cert", cert, "--tls-key", key),
	}
	var targets []string
	for _, n := range nodes {
		targets = append(targets, n.metrics)
	}
	p := startPrometheus(t, targets)
	var editors []*editor
	for i, n := range nodes {
		web := newBrowser(n.addr, "http")
		if i == 2 {
			web = newBrowser(n.addr, "https")
		}
		editors = append(editors, populate(t, web)...)
	}
	stop := load(t, editors)
	defer stop()
	defer visit(t, newBrowser(nodes[0].addr, "http"))()

	eventually(t, "some scrapes of every node", func() error {
		samples, err := p.query(`sum(count_over_time(up{job="parley"}[1m]))`)
		if err == nil && (len(samples) == 0 || len(samples[0].value()) < 2) { // ten or more
			err = fmt.Errorf("%v", samples)
		}
		return err
	})
	fill := strings.NewReplacer("$__rate_interval", "30s", "$instance", ".*")
	for _, d := range dashboards.All() {
		for _, q := range d.Queries() {
			eventually(t, d.Title+" gives "+q.Expr, func() error { return p.data(fill.Replace(q.Expr)) })
		}
	}
	for _, r := range rules(t) {
		parts := comparison.FindStringSubmatch(strings.TrimSpace(r.Expr))
		if parts == nil {
			t.Errorf("%s does not end in a comparison: %s", r.Alert, r.Expr)
			continue
		}
		eventually(t, r.Alert+" compares "+parts[1], func() error { return p.data(parts[1]) })
	}
	if dir := os.Getenv("PARLEY_DRAW_DASHBOARDS"); dir != "" {
		draw(t, p, dir, fill)
	}
	firing, err := p.query(`ALERTS{severity="page"}`)
	if err != nil || len(firing) > 0 {
		t.Errorf("alerts on a healthy system: %v, %v", firing, err)
	}
}

// populate creates a session with three people and sends some failing requests.
func populate(t *testing.T, web *browser) []*editor {
	t.Helper()
	var made struct {
		ID, Token string
		Invites   map[string]string
	}
	if status, err := web.call("POST", "/api/v1/sessions", `{"code":""}`, &made); err != nil || status != http.StatusCreated {
		t.Fatalf("create: %d, %v", status, err)
	}
	editors := []*editor{web.open(t, "/ws/sessions/"+made.ID+"?ack=1&token="+made.Token)}
	for _, role := range []string{"candidate", "observer"} {
		var joined struct{ Token string }
		link := made.Invites[role]
		body := fmt.Sprintf(`{"invite":%q,"name":"Bo"}`, link[strings.LastIndex(link, "/")+1:])
		if status, err := web.call("POST", "/api/v1/join", body, &joined); err != nil || status != http.StatusOK {
			t.Fatalf("join: %d, %v", status, err)
		}
		editors = append(editors, web.open(t, "/ws/sessions/"+made.ID+"?token="+joined.Token))
	}
	for _, path := range []string{"/api/v1/sessions/ffffffff", "/auth/login"} { // no such session, no sign-in
		if status, err := web.call("GET", path, "", nil); err != nil || status < 400 {
			t.Errorf("%s: %d, %v", path, status, err)
		}
	}
	ws, _, err := web.dialer.Dial("ws"+strings.TrimPrefix(web.scheme, "http")+"://parley.example/ws/sessions/"+made.ID+"?token="+made.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteMessage(websocket.BinaryMessage, []byte{0, 2, 200}); err != nil { // malformed
		t.Error(err)
	}
	return editors
}

// visit creates a session every second and reads it, until stop is called.
func visit(t *testing.T, web *browser) (stop func()) {
	end := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			var made struct{ ID, Token string }
			if status, err := web.call("POST", "/api/v1/sessions", `{}`, &made); err != nil || status != http.StatusCreated {
				t.Errorf("create: %d, %v", status, err)
			}
			if status, err := web.callAs(made.Token, "GET", "/api/v1/sessions/"+made.ID, "", nil); err != nil || status != http.StatusOK {
				t.Errorf("look: %d, %v", status, err)
			}
			select {
			case <-end:
				return
			case <-time.After(time.Second):
			}
		}
	}()
	return func() {
		close(end)
		<-done
	}
}

// load lets the first two of each three editors type until stop is called. That is enough to make
// nodes compact documents.
func load(t *testing.T, editors []*editor) (stop func()) {
	end := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-end:
				return
			case <-time.After(3 * time.Millisecond):
			}
			for i, e := range editors {
				if i%3 != 2 && n%(i%3+1) == 0 {
					if err := e.write("x"); err != nil {
						t.Error(err)
						return
					}
				}
			}
		}
	}()
	return func() {
		close(end)
		<-done
	}
}
