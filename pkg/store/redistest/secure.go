package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Authority is a private certificate authority with what it has signed: a certificate of servers on 127.0.0.1, and one of clients.
// The fields are names of PEM files.
type Authority struct {
	CA, ServerCert, ServerKey, ClientCert, ClientKey string
}

// NewAuthority makes an authority that nobody trusts yet. Its files go with the test.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	dir := t.TempDir()
	ca := &x509.Certificate{
		Subject: pkix.Name{CommonName: "redistest authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := &Authority{CA: filepath.Join(dir, "ca.pem")}
	caKey := sign(t, ca, ca, nil, a.CA, filepath.Join(dir, "ca.key"))
	// A server is also a client, of the master that it follows and of the others of a cluster.
	server := &x509.Certificate{
		Subject: pkix.Name{CommonName: "redis"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"redis.internal"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	a.ServerCert, a.ServerKey = filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	sign(t, server, ca, caKey, a.ServerCert, a.ServerKey)
	client := &x509.Certificate{Subject: pkix.Name{CommonName: "parley"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	a.ClientCert, a.ClientKey = filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")
	sign(t, client, ca, caKey, a.ClientCert, a.ClientKey)
	return a
}

// sign makes a key and a certificate for it, signed with the key of parent or, when that is nil, with its own.
func sign(t testing.TB, cert, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, certFile, keyFile string) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parentKey == nil {
		parentKey = key
	}
	if cert.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		t.Fatal(err)
	}
	cert.NotBefore, cert.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return key
}

// serverArgs has a server speak TLS alone, to clients with a certificate, to replicas and within a cluster.
func (a *Authority) serverArgs() []string {
	return []string{
		"--tls-cert-file", a.ServerCert, "--tls-key-file", a.ServerKey, "--tls-ca-cert-file", a.CA,
		"--tls-auth-clients", "yes", "--tls-replication", "yes", "--tls-cluster", "yes",
	}
}

// clientConfig is what a client of such a server needs.
func (a *Authority) clientConfig() (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(a.ClientCert, a.ClientKey)
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(a.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}, ServerName: "127.0.0.1"}, nil
}

// security is the arguments of a server for password and TLS.
func (o Options) security() (args []string) {
	if o.Password != "" {
		args = append(args, "--requirepass", o.Password, "--masterauth", o.Password)
	}
	if o.TLS != nil {
		args = append(args, o.TLS.serverArgs()...)
	}
	return args
}

// ports is the arguments for where a server listens.
func (o Options) ports(port int) []string {
	if o.TLS != nil {
		return []string{"--port", "0", "--tls-port", strconv.Itoa(port)}
	}
	return []string{"--port", strconv.Itoa(port)}
}

// url gives the address of some servers, as --redis-url takes it, with such parameters (name=value).
func (o Options) url(hosts string, parameters ...string) string {
	return o.urlAs("", o.Password, hosts, parameters...)
}

func (o Options) urlAs(user, password, hosts string, parameters ...string) string {
	u := "redis://"
	if o.TLS != nil {
		u = "rediss://"
		parameters = append(parameters, "tls_ca="+o.TLS.CA, "tls_cert="+o.TLS.ClientCert, "tls_key="+o.TLS.ClientKey)
	}
	if password != "" {
		u += user + ":" + password + "@"
	}
	u += hosts
	if len(parameters) > 0 {
		u += "?" + strings.Join(parameters, "&")
	}
	return u
}
