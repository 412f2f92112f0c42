package redisstore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// target is what an address says: where Redis is, of what kind it is, and how to speak to it.
//
//	redis://[user:password@]host:port[,host:port…][/db][?name=value&…]
//
// rediss:// is the same over TLS. One host is a single server, or a cluster with cluster=true.
// Several hosts are nodes of a cluster. With master_name=<name> the hosts are Sentinels that watch
// a master of this name. addr=host:port, any number of times, gives further hosts, as go-redis
// writes it.
type target struct {
	hosts            []string // host:port
	tls              bool
	user, password   string
	db               int
	cluster          bool
	master           string // its name in Sentinel; "" without Sentinel
	sentinelUser     string
	sentinelPassword string
	caFile           string
	certFile         string
	keyFile          string
	serverName       string
	prefix           string
	pool             int
	timeout          time.Duration
	waitReplicas     int
	waitTimeout      time.Duration
}

// parameter is one name=value after the question mark.
type parameter struct {
	help string
	set  func(t *target, v string) error
}

var parameters = map[string]parameter{
	"cluster": {"true: the hosts are nodes of a cluster", func(t *target, v string) (err error) {
		t.cluster, err = strconv.ParseBool(v)
		return wrong(err, "use true or false")
	}},
	"master_name":       {"the hosts are Sentinels that watch a master of this name", text(func(t *target) *string { return &t.master })},
	"addr":              {"a further host:port; may be given several times", func(t *target, v string) error { return t.setHosts(v) }},
	"sentinel_user":     {"user for the Sentinels", text(func(t *target) *string { return &t.sentinelUser })},
	"sentinel_password": {"password for the Sentinels", text(func(t *target) *string { return &t.sentinelPassword })},
	"tls_ca":            {"file with the certificates that check the one of Redis", text(func(t *target) *string { return &t.caFile })},
	"tls_cert":          {"file with this node's certificate, with tls_key", text(func(t *target) *string { return &t.certFile })},
	"tls_key":           {"file with the key of tls_cert", text(func(t *target) *string { return &t.keyFile })},
	"tls_server_name":   {"name in the certificate of Redis, when it is not the host", text(func(t *target) *string { return &t.serverName })},
	"prefix":            {"beginning of all keys (parley)", setPrefix},
	"pool": {"connections per server (8)", func(t *target, v string) (err error) {
		t.pool, err = numberWithin(v, 1, 10_000)
		return err
	}},
	"timeout": {"time limit of one answer of Redis (5s)", func(t *target, v string) (err error) {
		t.timeout, err = durationWithin(v, 50*time.Millisecond, time.Minute)
		return err
	}},
	"wait_replicas": {"replicas that must have an edit before it counts as saved (0)", func(t *target, v string) (err error) {
		t.waitReplicas, err = numberWithin(v, 0, 16)
		return err
	}},
	"wait_timeout": {"how long to wait for them before an append counts as failed (1s)", func(t *target, v string) (err error) {
		t.waitTimeout, err = durationWithin(v, 10*time.Millisecond, time.Minute)
		return err
	}},
}

// CheckURL returns what is wrong with an address, without connecting. Its error never shows a
// password.
func CheckURL(address string) error {
	t, err := parseURL(address)
	if err == nil {
		_, err = t.tlsConfig()
	}
	return err
}

// parseURL reads an address.
func parseURL(address string) (target, error) {
	t := target{prefix: "parley", pool: 8, timeout: 5 * time.Second, waitTimeout: time.Second}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || scheme != "redis" && scheme != "rediss" {
		return target{}, errors.New("write redis://host:port or rediss://host:port")
	}
	t.tls = scheme == "rediss"
	// url.Parse accepts one host only, so the address is split here.
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	if strings.Contains(tail, "#") {
		return target{}, errors.New("a # has no meaning in an address; in a password write %23")
	}
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		if err := t.setUser(authority[:i]); err != nil {
			return target{}, err
		}
		authority = authority[i+1:]
	}
	if err := t.setHosts(authority); err != nil {
		return target{}, err
	}
	path, query, _ := strings.Cut(tail, "?")
	if err := t.setDB(path); err != nil {
		return target{}, err
	}
	if err := t.setParameters(query); err != nil {
		return target{}, err
	}
	return t, t.check()
}

func (t *target) setUser(s string) (err error) {
	user, password, both := strings.Cut(s, ":")
	if t.user, err = url.PathUnescape(user); err == nil {
		t.password, err = url.PathUnescape(password)
	}
	switch {
	case err != nil:
		// The text of err would show the password.
		return errors.New("user or password has a % that is not an escape: write %25")
	case !both:
		return errors.New("give user and password as user:password@, a password alone as :password@")
	}
	return nil
}

func (t *target) setHosts(s string) error {
	for host := range strings.SplitSeq(s, ",") {
		name, port, err := net.SplitHostPort(host)
		if err != nil {
			name, port = strings.Trim(host, "[]"), ""
		}
		if name == "" || strings.ContainsAny(name, " @") {
			return fmt.Errorf("%q is no host: write redis://host:port", host)
		}
		if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
			return fmt.Errorf("the port of %q is not a number from 1 to 65535", host)
		}
		t.hosts = append(t.hosts, net.JoinHostPort(name, port))
	}
	return nil
}

func (t *target) setDB(path string) (err error) {
	if path == "" || path == "/" {
		return nil
	}
	if t.db, err = strconv.Atoi(path[1:]); err != nil || t.db < 0 {
		return fmt.Errorf("%q is not a database: give a number, as in redis://host:port/0", path[1:])
	}
	return nil
}

func (t *target) setParameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the part after the ? cannot be read: write name=value&name=value")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p, known := parameters[name]
		if !known {
			return fmt.Errorf("there is no parameter %q: there are %s", name, strings.Join(slices.Sorted(maps.Keys(parameters)), ", "))
		}
		if len(values[name]) > 1 && name != "addr" {
			return fmt.Errorf("%s is given twice", name)
		}
		for _, v := range values[name] {
			if err := p.set(t, v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// check checks what several parts say together, and fills in the ports.
func (t *target) check() error {
	port := "6379"
	if t.master != "" {
		port = "26379"
	}
	for i, h := range t.hosts {
		t.hosts[i] = strings.TrimSuffix(h, ":")
		if strings.HasSuffix(h, ":") {
			t.hosts[i] = h + port
		}
	}
	t.cluster = t.cluster || len(t.hosts) > 1 && t.master == ""
	switch {
	case t.cluster && t.master != "":
		return errors.New("give cluster=true or master_name=<name>, not both")
	case t.cluster && t.db != 0:
		return errors.New("a cluster has only database 0")
	case t.waitTimeout >= t.timeout:
		return errors.New("wait_timeout has to be shorter than timeout")
	case t.cluster && t.waitReplicas > 0:
		return errors.New("wait_replicas is for a single server or Sentinel, not for a cluster")
	case (t.sentinelUser != "" || t.sentinelPassword != "") && t.master == "":
		return errors.New("sentinel_user and sentinel_password need master_name=<name>")
	case (t.certFile == "") != (t.keyFile == ""):
		return errors.New("give tls_cert and tls_key together")
	case !t.tls && (t.caFile != "" || t.certFile != "" || t.serverName != ""):
		return errors.New("tls_ca, tls_cert, tls_key and tls_server_name need rediss://")
	}
	return nil
}

// tlsConfig reads the named files. It returns nil without TLS.
func (t *target) tlsConfig() (*tls.Config, error) {
	if !t.tls {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.serverName}
	if t.caFile != "" {
		pem, err := os.ReadFile(t.caFile)
		if err != nil {
			return nil, fmt.Errorf("tls_ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls_ca: no certificate in %s", t.caFile)
		}
	}
	if t.certFile != "" {
		cert, err := tls.LoadX509KeyPair(t.certFile, t.keyFile)
		if err != nil {
			return nil, fmt.Errorf("tls_cert and tls_key: %w", err)
		}
		c.Certificates = []tls.Certificate{cert}
	}
	return c, nil
}

// universal returns the options of the client. The client speaks RESP2 and does not subscribe to
// maintenance notices: nothing here uses what they add, and other servers need not know them.
func (t *target) universal(dialTimeout time.Duration) (*redis.UniversalOptions, error) {
	conf, err := t.tlsConfig()
	if err != nil {
		return nil, err
	}
	return &redis.UniversalOptions{
		Addrs: t.hosts, DB: t.db, Username: t.user, Password: t.password, TLSConfig: conf,
		MasterName: t.master, SentinelUsername: t.sentinelUser, SentinelPassword: t.sentinelPassword, IsClusterMode: t.cluster,
		ClientName: "parley", Protocol: 2, DisableIdentity: true, PoolSize: t.pool,
		Dialer: dialer(dialTimeout, conf), DialTimeout: dialTimeout, DialerRetries: 1, ReadTimeout: t.timeout, WriteTimeout: t.timeout, ContextTimeoutEnabled: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}, nil
}

// String returns the address for messages and logs, without users and passwords.
func (t target) String() string {
	scheme, kind := "redis", ""
	if t.tls {
		scheme = "rediss"
	}
	switch {
	case t.cluster:
		kind = " (cluster)"
	case t.master != "":
		kind = " (Sentinel, master " + t.master + ")"
	}
	return scheme + "://" + strings.Join(t.hosts, ",") + kind
}

func text(field func(*target) *string) func(*target, string) error {
	return func(t *target, v string) error {
		if v == "" {
			return errors.New("the value is empty")
		}
		*field(t) = v
		return nil
	}
}

func setPrefix(t *target, v string) error {
	if v == "" || len(v) > 64 || strings.ContainsAny(v, "{}*?[] \r\n") {
		return errors.New("use 1 to 64 characters without blanks, braces and wildcards")
	}
	t.prefix = v
	return nil
}

func numberWithin(s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("use a number from %d to %d", low, high)
	}
	return n, nil
}

func durationWithin(s string, low, high time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < low || d > high {
		return 0, fmt.Errorf("use a duration from %v to %v, such as 500ms", low, high)
	}
	return d, nil
}

func wrong(err error, advice string) error {
	if err != nil {
		return errors.New(advice)
	}
	return nil
}
