package checks_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/pkg/store/redistest"
)

// balancer is a load balancer with the configuration for operators.
type balancer struct {
	config string // path in deploy/
	// rewrite lists the parts of the configuration that a test must change: names of machines,
	// ports, paths.
	rewrite func(nodes []*node, listen string, cert, key, both string) []string
	// run starts the balancer with the changed configuration.
	run func(t *testing.T, config string) *process
}

var balancers = map[string]balancer{
	"nginx": {
		config: "nginx/parley.conf",
		rewrite: func(_ []*node, listen, cert, key, _ string) []string {
			return []string{
				"listen 443 ssl http2;", "listen " + listen + " ssl http2;", "listen 80;", "listen unix:" + filepath.Dir(cert) + "/80;",
				"/etc/ssl/parley.crt", cert, "/etc/ssl/parley.key", key, "/var/log/nginx/parley.log", "/dev/stdout",
			}
		},
		run: func(t *testing.T, config string) *process {
			dir := filepath.Dir(config)
			main := filepath.Join(dir, "nginx.conf")
			text := fmt.Sprintf("daemon off;\nmaster_process on;\nworker_processes 1;\npid %[1]s/pid;\nerror_log stderr;\nevents {}\nhttp {\n"+
				"client_body_temp_path %[1]s/a;\nproxy_temp_path %[1]s/b;\nfastcgi_temp_path %[1]s/c;\nuwsgi_temp_path %[1]s/d;\nscgi_temp_path %[1]s/e;\n"+
				"include %[2]s;\n}\n", dir, config)
			if os.Getuid() == 0 {
				text = "user root;\n" + text // the temporary directory belongs to root
			}
			if err := os.WriteFile(main, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return spawn(t, tool(t, "nginx"), "-p", dir, "-e", "stderr", "-c", main)
		},
	},
	"haproxy": {
		config: "haproxy/haproxy.cfg",
		rewrite: func(_ []*node, listen, _, _, both string) []string {
			return []string{"bind :80\n", "bind unix@" + filepath.Dir(both) + "/80\n", "bind :443", "bind " + listen, "/etc/haproxy/parley.pem", both, "maxconn 100000", "maxconn 1000", "abns@parley-writes", "unix@" + filepath.Dir(both) + "/writes"}
		},
		run: func(t *testing.T, config string) *process { return spawn(t, tool(t, "haproxy"), "-W", "-f", config) },
	},
	"caddy": {
		config: "caddy/Caddyfile",
		rewrite: func(_ []*node, listen, cert, key, _ string) []string {
			_, port, _ := net.SplitHostPort(listen)
			return []string{"parley.example {", fmt.Sprintf("{\nadmin off\nauto_https off\n}\nhttps://parley.example:%s {\n\tbind 127.0.0.1\n\ttls %s %s", port, cert, key)}
		},
		run: func(t *testing.T, config string) *process {
			p := filepath.Dir(config)
			t.Setenv("XDG_DATA_HOME", p)
			t.Setenv("XDG_CONFIG_HOME", p)
			return spawn(t, tool(t, "caddy"), "run", "--adapter", "caddyfile", "--config", config)
		},
	},
}

// start writes the configuration for the test and runs the balancer.
func (b balancer) start(t *testing.T, nodes []*node) *browser {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", b.config))
	if err != nil {
		t.Fatal(err)
	}
	cert, key, both := certificate(t)
	listen := freeAddr(t)
	text := string(raw)
	changes := b.rewrite(nodes, listen, cert, key, both)
	for i, n := range nodes {
		changes = append(changes, fmt.Sprintf("parley-%d:8080", i+1), n.addr)
	}
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%s lacks %q, which this test must change", b.config, changes[i])
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	path := filepath.Join(t.TempDir(), filepath.Base(b.config))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run(t, path)
	web := newBrowser(listen, "https")
	eventually(t, "the balancer reaches a node", func() error {
		status, err := web.call("GET", "/healthz", "", nil)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		return err
	})
	return web
}

// Behind each balancer, people edit together over three nodes. One node drains, another node is
// killed. Both times all people reconnect, nothing is lost, and requests continue to work.
func TestBalancers(t *testing.T) {
	for name, b := range balancers {
		t.Run(name, func(t *testing.T) {
			redis := redistest.Start(t, redistest.Options{})
			var nodes []*node
			for range 3 {
				nodes = append(nodes, startNode(t, "--store", "redis", "--redis-url", redis.URL(), "--access", "open", "--trusted-proxy", "127.0.0.1", "--drain-time", "500ms"))
			}
			web := b.start(t, nodes)

			var made struct {
				ID      string
				Invites struct{ Candidate string }
			}
			if status, err := web.call("POST", "/api/v1/sessions", `{"code":""}`, &made); status != http.StatusCreated || err != nil || !strings.HasPrefix(made.Invites.Candidate, "https://parley.example/j/") {
				t.Fatalf("create: %d, %v, link %q; want a link that starts with the address in the browser", status, err, made.Invites.Candidate)
			}
			var editors []*editor
			for range 6 {
				editors = append(editors, web.open(t, "/ws/sessions/"+made.ID))
			}
			if err := editors[0].write("all here. "); err != nil {
				t.Fatal(err)
			}
			agree(t, "all here. ", editors...)
			occupied := 0
			for _, n := range nodes {
				if n.figure(t, "parley_connections") != "0" {
					occupied++
				}
			}
			if occupied < 2 {
				t.Errorf("six connections are on only %d node", occupied)
			}

			ask := askOn(web)
			leave(t, nodes, syscall.SIGTERM)
			lost := ask.stop()
			if len(lost) > 0 {
				t.Errorf("during the drain of a node: %v", lost)
			}
			if err := editors[1].write("one drained. "); err != nil {
				t.Fatal(err)
			}
			agree(t, "one drained. ", editors...)
			restarts := 0
			for _, e := range editors {
				if slices.Contains(e.closed(), 1012) {
					restarts++
				}
			}
			if restarts == 0 {
				t.Error("no connection was closed with 1012")
			}

			ask = askOn(web)
			leave(t, nodes, syscall.SIGKILL)
			eventually(t, "requests after a node was killed", func() error {
				if ask.good.Load() < 20 {
					return errors.New("none yet")
				}
				return nil
			})
			if lost := ask.stop(); len(lost) > 2 {
				t.Errorf("after a node was killed: %v", lost)
			}
			if err := editors[2].write("one killed. "); err != nil {
				t.Fatal(err)
			}
			agree(t, "one killed. ", editors...)
		})
	}
}

// A node that dies before it answers a POST may have done what was asked. Its client hears of that,
// on a connection that was used before too, and the POST is not sent again.
func TestNoBalancerLeavesAPostWithoutAnswer(t *testing.T) {
	for name, b := range balancers {
		t.Run(name, func(t *testing.T) {
			var posts atomic.Int64
			dying := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					posts.Add(1)
					panic(http.ErrAbortHandler) // closes the connection without an answer
				}
			}))
			defer dying.Close()
			nodes := make([]*node, 3)
			for i := range nodes {
				nodes[i] = &node{addr: dying.Listener.Addr().String()}
			}
			web := b.start(t, nodes)
			for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
				transport := web.http.Transport.(*http.Transport).Clone()
				transport.ForceAttemptHTTP2 = version == "HTTP/2.0"
				web.http.Transport = transport
				res, err := web.http.Get("https://parley.example/healthz")
				if err != nil || res.StatusCode != http.StatusOK || res.Proto != version {
					t.Fatalf("GET, %s: %+v, %v", version, res, err)
				}
				res.Body.Close()
				before := posts.Load()
				status, err := web.call("POST", "/api/v1/sessions", "{}", nil)
				if err != nil || status != http.StatusBadGateway {
					t.Errorf("POST, %s: %d, %v; want 502", version, status, err)
				}
				if sent := posts.Load() - before; sent != 1 {
					t.Errorf("POST, %s: the nodes got it %d times", version, sent)
				}
			}
		})
	}
}

// leave ends the first running node with connections and waits for its end.
func leave(t *testing.T, nodes []*node, sig syscall.Signal) {
	t.Helper()
	for _, n := range nodes {
		select {
		case <-n.exited:
			continue
		default:
		}
		if v := n.figure(t, "parley_connections"); v == "0" || v == "" {
			continue
		}
		if err := n.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		select {
		case <-n.exited:
		case <-time.After(patience):
			t.Fatalf("the node did not end:\n%s", n.out.String())
		}
		if code := n.cmd.ProcessState.ExitCode(); sig == syscall.SIGTERM && code != 0 {
			t.Errorf("exit code %d", code)
		}
		return
	}
	t.Fatal("no node has connections")
}

// asker requests a page again and again.
type asker struct {
	end, done chan struct{}
	good      atomic.Int64
	lost      []string // owned by the goroutine until done is closed
}

func askOn(web *browser) *asker {
	a := &asker{end: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		for {
			select {
			case <-a.end:
				return
			case <-time.After(5 * time.Millisecond):
			}
			switch status, err := web.call("GET", "/api/v1/health", "", nil); {
			case err != nil:
				a.lost = append(a.lost, err.Error())
			case status != http.StatusOK:
				a.lost = append(a.lost, fmt.Sprint(status))
			default:
				a.good.Add(1)
			}
		}
	}()
	return a
}

// stop ends the requests and returns those that failed.
func (a *asker) stop() []string {
	close(a.end)
	<-a.done
	return a.lost
}
