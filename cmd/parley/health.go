package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthTime is the timeout of a health check. Docker's default is 30 s, Kubernetes' is 1 s.
const healthTime = 3 * time.Second

// runHealthcheck is the subcommand healthcheck. It uses the settings of serve to ask the server on
// this machine whether it is ready. The command is for images without curl.
func runHealthcheck(args []string, env lookup, stdout, stderr io.Writer) int {
	cfg, err := parseConfig(args, env)
	if err != nil {
		return complain(stderr, "%v", err)
	}
	if err := cfg.probe(cfg.addr, "/readyz"); err != nil {
		fmt.Fprintf(stderr, "parley: not ready: %v\n", err)
		return exitFailure
	}
	fmt.Fprintln(stdout, "ready")
	return exitOK
}

// probe requests a page from a Parley on this machine.
func (c config) probe(addr, path string) error {
	client := &http.Client{Timeout: healthTime}
	scheme := "http://"
	if c.tlsCert != "" {
		scheme = "https://"
		// The certificate is for the public name, but the request goes to this machine by address.
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	}
	return get(client, scheme+local(addr)+path)
}

// local returns the address for reaching a listener on addr from this machine.
func local(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port)
}
