package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// verdict is how bad a finding is.
type verdict string

const (
	fine    verdict = "ok"
	doubt   verdict = "warn"
	trouble verdict = "FAIL"
)

// finding is one thing that doctor looked at.
type finding struct {
	verdict verdict
	about   string
	detail  string
	advice  string // what to change, "" when nothing is
}

// findings is what doctor has found out so far.
type findings []finding

func (f *findings) ok(about, detail string) { *f = append(*f, finding{fine, about, detail, ""}) }
func (f *findings) warn(about, detail, advice string) {
	*f = append(*f, finding{doubt, about, detail, advice})
}
func (f *findings) fail(about, detail, advice string) {
	*f = append(*f, finding{trouble, about, detail, advice})
}

// doctorTime bounds every question to another machine.
const doctorTime = 10 * time.Second

// runDoctor is the subcommand doctor: with the settings of serve it looks whether serve would do well here.
func runDoctor(args []string, env lookup, stdout, stderr io.Writer) int {
	cfg, err := parseConfig(args, env)
	if err != nil {
		return complain(stderr, "%v", err)
	}
	var f findings
	f.ok("settings", "they hold together")
	cfg.examinePorts(&f)
	cfg.examineOrigins(&f)
	cfg.examineCertificate(&f, time.Now())
	switch cfg.store {
	case "redis":
		cfg.examineRedis(&f)
	default:
		cfg.examineDataDir(&f)
	}
	examineMachine(&f)
	cfg.examineOthers(&f)
	worst := exitOK
	for _, x := range f {
		fmt.Fprintf(stdout, "%-4s  %-13s %s\n", x.verdict, x.about, x.detail)
		if x.advice != "" {
			fmt.Fprintf(stdout, "%20s-> %s\n", "", x.advice)
		}
		if x.verdict == trouble {
			worst = exitFailure
		}
	}
	return worst
}

// examinePorts looks whether the listeners can be had.
func (c config) examinePorts(f *findings) {
	for _, l := range []struct{ about, flag, addr string }{{"address", "--addr", c.addr}, {"metrics", "--metrics-addr", c.metricsAddr}} {
		if l.addr == "" {
			f.warn(l.about, "no metrics are served", "set --metrics-addr, so that somebody notices before a candidate does")
			continue
		}
		listener, err := net.Listen("tcp", l.addr)
		switch {
		case err == nil:
			listener.Close()
			f.ok(l.about, l.addr+" can be listened on")
		case l.flag == "--addr" && c.isParley(l.addr):
			f.ok(l.about, l.addr+" is served by a Parley already")
		case l.flag == "--metrics-addr" && isMetrics(l.addr):
			f.ok(l.about, l.addr+" is served by a Parley already")
		default:
			f.fail(l.about, fmt.Sprintf("cannot listen on %s: %v", l.addr, plain(err)), "stop what holds it, or choose another with "+l.flag)
		}
	}
}

// isParley reports whether a Parley answers at an address of this machine.
func (c config) isParley(addr string) bool { return c.probe(addr, "/healthz") == nil }

func isMetrics(addr string) bool {
	return get(&http.Client{Timeout: doctorTime}, "http://"+local(addr)+"/log-level") == nil
}

// examineOrigins looks at what browsers will be told.
func (c config) examineOrigins(f *findings) {
	switch {
	case c.open:
		f.warn("access", "open: anyone who reaches this server may read and write every session", "use --access invite for anything but development")
	case c.publicURL == "" && len(c.trustedProxies) == 0:
		f.warn("links", "they start with whatever host a request names", "set --public-url to what people type, as https://parley.example")
	case c.publicURL == "":
		f.ok("links", "they start with the host that the proxy names in X-Forwarded-Host")
	case strings.HasPrefix(c.publicURL, "http://") && !strings.HasPrefix(c.publicURL, "http://localhost"):
		f.warn("links", c.publicURL+" is plain HTTP: links and code can be read on the way", "serve HTTPS, by a load balancer or with --tls-cert")
	default:
		f.ok("links", "they start with "+c.publicURL)
	}
	for _, o := range c.allowedOrigins {
		if strings.HasPrefix(o, "http://") && !strings.HasPrefix(o, "http://localhost") {
			f.warn("origins", o+" is plain HTTP: whoever sits on the way can act as its pages", "allow its https:// form")
		}
	}
	if c.store == "redis" && c.secret == "" {
		f.ok("secret", "made once and kept in Redis, the same for all nodes")
	}
}

// certificateSoon is how long before its end a certificate is a matter of concern.
const certificateSoon = 21 * 24 * time.Hour

// examineCertificate looks at --tls-cert.
func (c config) examineCertificate(f *findings, now time.Time) {
	if c.tlsCert == "" {
		return
	}
	pair, err := readPair(c.tlsCert, c.tlsKey)
	if err != nil {
		f.fail("certificate", err.Error(), "give a PEM certificate with its chain, and the key that belongs to it")
		return
	}
	ends, left := pair.Leaf.NotAfter, pair.Leaf.NotAfter.Sub(now)
	text := fmt.Sprintf("ends %s, in %d days", ends.UTC().Format(time.DateOnly), int(left.Hours()/24))
	switch host := strings.TrimPrefix(c.publicURL, "https://"); {
	case now.Before(pair.Leaf.NotBefore):
		f.fail("certificate", "is valid only from "+pair.Leaf.NotBefore.UTC().Format(time.RFC3339), "look at this machine's clock, or wait")
	case left <= 0:
		f.fail("certificate", "ended "+ends.UTC().Format(time.DateOnly), "put a new one in its place; it is read without a restart")
	case left < certificateSoon:
		f.warn("certificate", text, "renew it and put it in its place; it is read without a restart")
	case host != "" && pair.Leaf.VerifyHostname(hostOf(host)) != nil:
		f.fail("certificate", "is not for "+hostOf(host)+" but for "+strings.Join(pair.Leaf.DNSNames, ", "), "get one for the host of --public-url")
	default:
		f.ok("certificate", text)
	}
}

func hostOf(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}

// examineOthers looks whether those answer that are to be told something.
func (c config) examineOthers(f *findings) {
	for _, o := range []struct{ about, url, what string }{
		{"webhooks", c.webhookURL, "events wait and are lost in the end"}, {"traces", c.otlpEndpoint, "traces are dropped"},
	} {
		if o.url == "" {
			continue
		}
		if err := dial(o.url); err != nil {
			f.warn(o.about, fmt.Sprintf("%s cannot be reached (%v): %s", hostOnly(o.url), err, o.what), "look at the address, DNS and firewalls between here and there")
			continue
		}
		f.ok(o.about, hostOnly(o.url)+" can be reached")
	}
}

// dial opens and closes a connection to the host of a web address.
func dial(address string) error {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndex(host, "@"); i >= 0 {
		host = host[i+1:]
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), map[string]string{"http": "80", "https": "443"}[scheme])
	}
	ctx, cancel := context.WithTimeout(context.Background(), doctorTime)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return plain(err)
	}
	return conn.Close()
}

// hostOnly gives scheme and host of an address, without what may be secret.
func hostOnly(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndex(host, "@"); i >= 0 {
		host = host[i+1:]
	}
	return scheme + "://" + host
}

// get asks for a page and wants it.
func get(client *http.Client, address string) error {
	res, err := client.Get(address)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New("it answers " + res.Status)
	}
	return nil
}
