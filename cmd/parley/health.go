package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthTime is what a health check waits: Docker's default is 30 s, Kubernetes' 1 s.
const healthTime = 3 * time.Second

// runHealthcheck is the subcommand healthcheck: with the settings of serve it asks the server on this machine whether it is ready. It is
// for images that have no curl.
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

// probe asks a Parley on this machine for a page.
func (c config) probe(addr, path string) error {
	client := &http.Client{Timeout: healthTime}
	scheme := "http://"
	if c.tlsCert != "" {
		scheme = "https://"
		// It is this machine that is asked, and the certificate is for the name that others use.
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	}
	return get(client, scheme+local(addr)+path)
}

// local gives the address at which this machine reaches what listens on addr.
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
