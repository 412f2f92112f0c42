package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certLookEvery is how often a handshake checks whether the files have changed.
const certLookEvery = 10 * time.Second

// certificate holds the pair of --tls-cert and --tls-key and reloads it when the files change. If
// the new files are not valid, the error is logged and the old certificate stays in use.
type certificate struct {
	// Fixed by loadCertificate.
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex // guards the fields below
	current *tls.Certificate
	stamp   string // version of the files that were last loaded or refused
	looked  time.Time
}

// loadCertificate reads a certificate. The error can be shown to a person.
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

// config returns a TLS configuration that follows the files.
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

// reload checks the files at once.
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
		c.log.Error("cannot load the new certificate, the old one stays in use", "err", err)
		return
	}
	c.current = pair
	c.log.Info("certificate reloaded", "ends", pair.Leaf.NotAfter)
}

// stampOf identifies the version of the files, by time and size.
func (c *certificate) stampOf() string {
	stamp := ""
	for _, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), " ")
		}
	}
	return stamp
}

// ends returns when the certificate expires. For a node without TLS, c is nil and the result is
// zero.
func (c *certificate) ends() time.Time {
	if c == nil {
		return time.Time{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current.Leaf.NotAfter
}
