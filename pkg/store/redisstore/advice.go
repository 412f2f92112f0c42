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

// advice says what to do about an error of connecting, to a person who knows neither the errors of
// Redis nor those of Go.
type advice struct {
	// when reports whether the advice is about err, whose message is text.
	when  func(err error, text string) bool
	say   string
	place place
}

// place says where advice stands.
type place uint8

// The places.
const (
	inFront place = iota // the message of the error follows the advice
	instead              // the advice says all
)

// advices are tried in order. They look for the texts of Redis, Valkey, Sentinel, go-redis and
// crypto/tls.
var advices = []advice{
	{has("WRONGPASS"), "refuses the user or password: put the right ones into the address, as redis://user:password@host (% : @ / in them as %25 %3A %40 %2F)", instead},
	{has("NOAUTH"), "wants a password: put it into the address, as redis://:password@host", instead},
	{has("NOPERM", "ACL failure"), "the user may not do what is needed: give it the ACL rules ~parley:* &parley:* +@read +@write +@pubsub +@scripting +@transaction +@connection +info +time +wait, in a cluster +cluster|slots (with prefix=x in the address ~x:* &x:*)", inFront},
	{has("cluster support disabled"), "is not a cluster: leave cluster=true and further hosts out of the address", instead},
	{has("MOVED ", "CROSSSLOT"), "is a node of a cluster: add cluster=true to the address", instead},
	{has("READONLY"), "is a replica and takes no writes: give the address of the master, or of Sentinels with master_name=<name>", instead},
	{has("CLUSTERDOWN"), "the cluster does not serve all slots: run redis-cli --cluster check", inFront},
	{has("MISCONF"), "cannot write its data to disk and refuses writes: check its disk and its log", instead},
	{has("OOM "), "its memory is full: raise maxmemory", instead},
	{is[x509.UnknownAuthorityError], "its certificate is from an unknown authority: name the authority's file with tls_ca", instead},
	{is[x509.HostnameError], "its certificate is for another name: give that name with tls_server_name", inFront},
	{is[x509.CertificateInvalidError], "its certificate is not valid (it has expired, or a clock is wrong)", inFront},
	{has("remote error: tls"), "wants a client certificate from its own authority: give tls_cert and tls_key", inFront},
	{is[tls.RecordHeaderError], "does not speak TLS on this port: use redis://, or its TLS port", instead},
}

// Advice for a connection that ends or stays silent, which can have two causes.
const (
	closed       = "ended the connection at once: if it speaks TLS, use rediss://; otherwise check its log"
	closedBehind = "ended the connection after the handshake: if it wants a client certificate, give tls_cert and tls_key; otherwise check its log"
	silentForTLS = "does not answer to TLS: use redis:// if it does not speak TLS, or use its TLS port"
)

// has matches a message that contains one of the words.
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

// is matches an error of type T.
func is[T error](err error, _ string) bool {
	var e T
	return errors.As(err, &e)
}

// explain puts advice in front of an error of the first commands, or in its place.
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
		case a.place == instead:
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

// guess returns the likely cause when the other side only ends the connection or stays silent.
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

// explained is an error whose message is replaced by advice.
type explained struct {
	text string
	err  error
}

func (e explained) Error() string { return e.text }
func (e explained) Unwrap() error { return e.err }

// explainSentinel explains the error that the client returns when no Sentinel names a master. That
// error joins the errors of all Sentinels.
func (t *target) explainSentinel(err error, text string) error {
	switch {
	case has("WRONGPASS", "NOAUTH")(nil, text):
		return explained{"the Sentinels want another password, or a password of their own: give sentinel_password, and sentinel_user if they have users", err}
	case has("NOPERM")(nil, text):
		return explained{"the user of the Sentinels may not ask them: give it the ACL rules +sentinel +subscribe +@connection &*", err}
	case errors.Is(err, redis.Nil):
		return explained{"no Sentinel knows a master called " + t.master + ": run redis-cli -p 26379 SENTINEL MASTERSand give the right name with master_name", err}
	}
	for _, a := range advices {
		if a.when(err, text) {
			return explained{"from the Sentinels: " + a.say, err}
		}
	}
	if say := t.guess(err); say != "" {
		return explained{"from the Sentinels: " + say, err}
	}
	first, _, _ := strings.Cut(text, "\n")
	return explained{"no Sentinel can be reached: " + first, err}
}
