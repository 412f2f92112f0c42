package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"parley/pkg/internal/rawio"
)

// keepAlive finds peers that are gone without a word, as go-redis' own dialer does.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 5 * time.Second, Count: 3}

// dialer is that of go-redis with the sockets of rawio below.
func dialer(timeout time.Duration, conf *tls.Config) func(ctx context.Context, network, addr string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: timeout, KeepAliveConfig: keepAlive}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		conn, err := plain.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		conn = rawio.Wrap(conn)
		if conf == nil {
			return conn, nil
		}
		secured := tls.Client(conn, confFor(conf, addr))
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return secured, nil
	}
}

// confFor is conf with the name of the server that it is to be checked against.
func confFor(conf *tls.Config, addr string) *tls.Config {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || conf.ServerName != "" || conf.InsecureSkipVerify {
		return conf
	}
	conf = conf.Clone()
	conf.ServerName = host
	return conf
}
