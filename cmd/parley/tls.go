package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certLookEvery is how often a handshake looks whether the files have changed.
const certLookEvery = 10 * time.Second

// certificate is what --tls-cert and --tls-key hold, read anew when the files change. A change that does not hold together is logged,
// and the old one stays.
type certificate struct {
	// Fixed by loadCertificate.
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex // guards what follows
	current *tls.Certificate
	stamp   string // of the files that current came from, or that were refused
	looked  time.Time
}

// loadCertificate reads a certificate; its error is fit to be shown.
func loadCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log, looked: time.Now()}
	c.stamp = c.stampOf()
	pair, err := readPair(certFile, keyFile)
	c.current = pair
	return c, err
}

func readPair(certFile, keyFile string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("cannot use the certificate %s with the key %s: %w", certFile, keyFile, err)
	}
	return &pair, nil
}

// config is the TLS configuration that follows the files.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if time.Since(c.looked) > certLookEvery {
				c.reloadLocked()
			}
			return c.current, nil
		},
	}
}

// reload looks at the files at once.
func (c *certificate) reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reloadLocked()
}

func (c *certificate) reloadLocked() {
	c.looked = time.Now()
	stamp := c.stampOf()
	if stamp == c.stamp {
		return
	}
	c.stamp = stamp
	pair, err := readPair(c.certFile, c.keyFile)
	if err != nil {
		c.log.Error("the new certificate is not used, the old one stays", "err", err)
		return
	}
	c.current = pair
	c.log.Info("certificate read anew", "ends", pair.Leaf.NotAfter)
}

// stampOf tells versions of the files apart.
func (c *certificate) stampOf() string {
	stamp := ""
	for _, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), " ")
		}
	}
	return stamp
}

// ends is when the certificate in use ends. On nil, for a node without TLS, it is zero.
func (c *certificate) ends() time.Time {
	if c == nil {
		return time.Time{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current.Leaf.NotAfter
}
