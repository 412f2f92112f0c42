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

// Authority is a private certificate authority with the certificates that it has signed: one for
// servers on 127.0.0.1 and one for clients. The fields are names of PEM files.
type Authority struct {
	CA, ServerCert, ServerKey, ClientCert, ClientKey string
}

// NewAuthority creates an authority. Its files are deleted with the test.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	dir := t.TempDir()
	ca := &x509.Certificate{
		Subject: pkix.Name{CommonName: "redistest authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := &Authority{CA: filepath.Join(dir, "ca.pem")}
	caKey := sign(t, ca, ca, nil, a.CA, filepath.Join(dir, "ca.key"))
	// A server is also a client: of its master, and of the other servers of a cluster.
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

// sign creates a key and a certificate for it. The key of parent signs the certificate; if
// parentKey is nil, the certificate signs itself.
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

// serverArgs makes a server accept TLS only, from clients with a certificate, and use TLS for
// replication and within a cluster.
func (a *Authority) serverArgs() []string {
	return []string{
		"--tls-cert-file", a.ServerCert, "--tls-key-file", a.ServerKey, "--tls-ca-cert-file", a.CA,
		"--tls-auth-clients", "yes", "--tls-replication", "yes", "--tls-cluster", "yes",
	}
}

// clientConfig returns the TLS configuration of a client of such a server.
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

// security returns the arguments of a server for password and TLS.
func (o Options) security() (args []string) {
	if o.Password != "" {
		args = append(args, "--requirepass", o.Password, "--masterauth", o.Password)
	}
	if o.TLS != nil {
		args = append(args, o.TLS.serverArgs()...)
	}
	return args
}

// ports returns the arguments for the port of a server.
func (o Options) ports(port int) []string {
	if o.TLS != nil {
		return []string{"--port", "0", "--tls-port", strconv.Itoa(port)}
	}
	return []string{"--port", strconv.Itoa(port)}
}

// url returns the address of servers in the form of --redis-url, with the given parameters
// (name=value).
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
