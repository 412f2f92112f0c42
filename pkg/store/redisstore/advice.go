package redisstore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// advice is what to do about an error of connecting: a line that somebody can act on who has never seen Redis' or Go's own words.
type advice struct {
	// when reports whether it is about this error, of which text is the message.
	when func(err error, text string) bool
	// say is the line. It stands in front of the error where the error adds something, which alone decides.
	say   string
	alone bool
}

// advices are looked at in order. Texts are those of Redis, Valkey, Sentinel, go-redis and crypto/tls.
var advices = []advice{
	{has("WRONGPASS"), "refuses the user or password: put the right ones into the address, as redis://user:password@host (% : @ / in them as %25 %3A %40 %2F)", true},
	{has("NOAUTH"), "wants a password: put it into the address, as redis://:password@host", true},
	{has("NOPERM", "ACL failure"), "this user may not do what is needed: give it the ACL rules ~parley:* &parley:* +@read +@write +@pubsub +@scripting +@transaction +@connection +info +time +wait, in a cluster +cluster|slots (with prefix=x in the address ~x:* &x:*)", false},
	{has("cluster support disabled"), "is no cluster: leave cluster=true, and further hosts, out of the address", true},
	{has("MOVED ", "CROSSSLOT"), "is a node of a cluster: add cluster=true to the address", true},
	{has("READONLY"), "is a replica, which takes no writes: give the address of the master, or of Sentinels with master_name=<name>", true},
	{has("CLUSTERDOWN"), "the cluster does not serve all slots: look at redis-cli --cluster check", false},
	{has("MISCONF"), "cannot write its data to disk, and takes no writes until it can: look at its disk and log", true},
	{has("OOM "), "its memory is full: raise maxmemory", true},
	{is[x509.UnknownAuthorityError], "its certificate is by an authority that is not known here: name the authority's file with tls_ca", true},
	{is[x509.HostnameError], "its certificate is for another name: say which with tls_server_name", false},
	{is[x509.CertificateInvalidError], "its certificate is not valid (ended, or a wrong clock)", false},
	{has("remote error: tls"), "wants a client certificate by its own authority: give tls_cert and tls_key", false},
	{is[tls.RecordHeaderError], "does not speak TLS on this port: use redis://, or its TLS port", true},
}

// For what looks alike from here, as a server that wants something and one that is just ending.
const (
	closed       = "ended the connection at once: if it speaks TLS, use rediss://; else look at its log"
	closedBehind = "ended the connection after the handshake: if it wants a client certificate, give tls_cert and tls_key; else look at its log"
	silentForTLS = "does not answer to TLS: use redis:// if it speaks none, or its TLS port"
)

// has looks for one of the words in the message.
func has(words ...string) func(error, string) bool {
	return func(_ error, text string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
}

// is looks for an error of that type.
func is[T error](err error, _ string) bool {
	var e T
	return errors.As(err, &e)
}

// explain puts into words what to do about an error of the first commands.
func (t *target) explain(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if t.master != "" && strings.Contains(text, "sentinel") {
		return t.explainSentinel(err, text)
	}
	for _, a := range advices {
		switch {
		case !a.when(err, text):
		case a.alone:
			return explained{a.say, err}
		default:
			return fmt.Errorf("%s: %w", a.say, err)
		}
	}
	if say := t.guess(err); say != "" {
		return explained{say, err}
	}
	return fmt.Errorf("cannot be reached: %w", err)
}

// guess says what is likely wrong when the other side only ends the connection, or says nothing.
func (t *target) guess(err error) string {
	ended := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	var timeout interface{ Timeout() bool }
	switch {
	case ended && t.tls:
		return closedBehind
	case ended:
		return closed
	case t.tls && errors.As(err, &timeout) && timeout.Timeout():
		return silentForTLS
	}
	return ""
}

// explained is an error that is told in other words.
type explained struct {
	text string
	err  error
}

func (e explained) Error() string { return e.text }
func (e explained) Unwrap() error { return e.err }

// explainSentinel is explain for what the client says when no Sentinel names a master: it joins what each of them said.
func (t *target) explainSentinel(err error, text string) error {
	switch {
	case has("WRONGPASS", "NOAUTH")(nil, text):
		return explained{"the Sentinels refuse or want a password of their own: give sentinel_password, and sentinel_user if they have users", err}
	case has("NOPERM")(nil, text):
		return explained{"the Sentinels' user may not ask them: give it the ACL rules +sentinel +subscribe +@connection &*", err}
	case errors.Is(err, redis.Nil):
		return explained{"no Sentinel knows a master called " + t.master + ": see redis-cli -p 26379 SENTINEL MASTERS, and give its name with master_name", err}
	}
	for _, a := range advices {
		if a.when(err, text) {
			return explained{"of the Sentinels: " + a.say, err}
		}
	}
	if say := t.guess(err); say != "" {
		return explained{"of the Sentinels: " + say, err}
	}
	first, _, _ := strings.Cut(text, "\n")
	return explained{"no Sentinel can be reached: " + first, err}
}
