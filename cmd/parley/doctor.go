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

// verdict is the severity of a finding.
type verdict string

const (
	fine    verdict = "ok"
	doubt   verdict = "warn"
	trouble verdict = "FAIL"
)

// finding is the result of one check.
type finding struct {
	verdict verdict
	about   string
	detail  string
	advice  string // what to change, or ""
}

// findings collects the results of all checks.
type findings []finding

func (f *findings) ok(about, detail string) { *f = append(*f, finding{fine, about, detail, ""}) }
func (f *findings) warn(about, detail, advice string) {
	*f = append(*f, finding{doubt, about, detail, advice})
}
func (f *findings) fail(about, detail, advice string) {
	*f = append(*f, finding{trouble, about, detail, advice})
}

// doctorTime limits every request to another machine.
const doctorTime = 10 * time.Second

// runDoctor is the subcommand doctor. It checks whether serve would work well on this machine with
// the given settings.
func runDoctor(args []string, env lookup, stdout, stderr io.Writer) int {
	cfg, err := parseConfig(args, env)
	if err != nil {
		return complain(stderr, "%v", err)
	}
	var f findings
	f.ok("settings", "valid")
	cfg.examinePorts(&f)
	cfg.examineOrigins(&f)
	cfg.examineCertificate(&f, time.Now())
	switch cfg.store {
	case "redis":
		cfg.examineRedis(&f)
	default:
		cfg.examineDataDir(&f)
	}
	cfg.examineArchive(&f)
	examineMachine(&f)
	cfg.examineOthers(&f)
	cfg.examineSignIn(&f)
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

// examinePorts checks that the listeners are available.
func (c config) examinePorts(f *findings) {
	for _, l := range []struct{ about, flag, addr string }{{"address", "--addr", c.addr}, {"metrics", "--metrics-addr", c.metricsAddr}} {
		if l.addr == "" {
			f.warn(l.about, "metrics are off", "set --metrics-addr to notice problems before a candidate does")
			continue
		}
		listener, err := net.Listen("tcp", l.addr)
		switch {
		case err == nil:
			listener.Close()
			f.ok(l.about, l.addr+" is free")
		case l.flag == "--addr" && c.isParley(l.addr):
			f.ok(l.about, l.addr+" is in use by a running Parley")
		case l.flag == "--metrics-addr" && isMetrics(l.addr):
			f.ok(l.about, l.addr+" is in use by a running Parley")
		default:
			f.fail(l.about, fmt.Sprintf("cannot listen on %s: %v", l.addr, plain(err)), "stop the program that uses it, or choose another address with "+l.flag)
		}
	}
}

// isParley reports whether a Parley answers at an address of this machine.
func (c config) isParley(addr string) bool { return c.probe(addr, "/healthz") == nil }

func isMetrics(addr string) bool {
	return get(&http.Client{Timeout: doctorTime}, "http://"+local(addr)+"/log-level") == nil
}

// examineOrigins checks the settings that browsers depend on.
func (c config) examineOrigins(f *findings) {
	switch {
	case c.open:
		f.warn("access", "open: anyone who reaches this server may read and write every session", "use --access invite for anything but development")
	case c.publicURL == "" && len(c.trustedProxies) == 0:
		f.warn("links", "start with the host of the request, which the client chooses", "set --public-url to the address that people use, such as https://parley.example")
	case c.publicURL == "":
		f.ok("links", "start with the host that the proxy sends in X-Forwarded-Host")
	case strings.HasPrefix(c.publicURL, "http://") && !strings.HasPrefix(c.publicURL, "http://localhost"):
		f.warn("links", c.publicURL+" is plain HTTP: others on the network can read links and code", "serve HTTPS with a load balancer or --tls-cert")
	default:
		f.ok("links", "start with "+c.publicURL)
	}
	for _, o := range c.allowedOrigins {
		if strings.HasPrefix(o, "http://") && !strings.HasPrefix(o, "http://localhost") {
			f.warn("origins", o+" is plain HTTP: others on the network can act as its pages", "allow the https:// origin instead")
		}
	}
	if c.store == "redis" && c.secret == "" {
		f.ok("secret", "generated once and kept in Redis, the same for all nodes")
	}
}

// certificateSoon is the time before the end of a certificate in which doctor warns.
const certificateSoon = 21 * 24 * time.Hour

// examineCertificate checks the certificate of --tls-cert.
func (c config) examineCertificate(f *findings, now time.Time) {
	if c.tlsCert == "" {
		return
	}
	pair, err := readPair(c.tlsCert, c.tlsKey)
	if err != nil {
		f.fail("certificate", err.Error(), "use a PEM certificate with its chain, and the matching key")
		return
	}
	ends, left := pair.Leaf.NotAfter, pair.Leaf.NotAfter.Sub(now)
	text := fmt.Sprintf("expires %s, in %d days", ends.UTC().Format(time.DateOnly), int(left.Hours()/24))
	switch host := strings.TrimPrefix(c.publicURL, "https://"); {
	case now.Before(pair.Leaf.NotBefore):
		f.fail("certificate", "is not valid before "+pair.Leaf.NotBefore.UTC().Format(time.RFC3339), "check the clock of this machine, or wait")
	case left <= 0:
		f.fail("certificate", "expired "+ends.UTC().Format(time.DateOnly), "replace the file; a restart is not needed")
	case left < certificateSoon:
		f.warn("certificate", text, "renew the certificate and replace the file; a restart is not needed")
	case host != "" && pair.Leaf.VerifyHostname(hostOf(host)) != nil:
		f.fail("certificate", "is for "+strings.Join(pair.Leaf.DNSNames, ", ")+", not for "+hostOf(host), "get a certificate for the host of --public-url")
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

// examineOthers checks that the configured webhook receiver and trace collector can be reached.
func (c config) examineOthers(f *findings) {
	for _, o := range []struct{ about, url, what string }{
		{"webhooks", c.webhookURL, "events are queued and finally dropped"}, {"traces", c.otlpEndpoint, "traces are dropped"},
	} {
		if o.url == "" {
			continue
		}
		if err := dial(o.url); err != nil {
			f.warn(o.about, fmt.Sprintf("%s cannot be reached (%v): %s", hostOnly(o.url), err, o.what), "check the address, DNS and firewalls")
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

// hostOnly returns scheme and host of an address, without secret parts such as a password.
func hostOnly(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndex(host, "@"); i >= 0 {
		host = host[i+1:]
	}
	return scheme + "://" + host
}

// get requests a page and expects status 200.
func get(client *http.Client, address string) error {
	res, err := client.Get(address)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New("the answer is " + res.Status)
	}
	return nil
}
