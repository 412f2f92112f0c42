package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"parley/pkg/internal/rawio"
)

// keepAlive notices peers that disappear without closing the connection. The values are those of
// go-redis' own dialer.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 5 * time.Second, Count: 3}

// dialer works like go-redis' own dialer, with the sockets of package rawio. They do not wake Go's
// system monitor.
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

// confFor returns conf with the server name that the certificate is checked against.
func confFor(conf *tls.Config, addr string) *tls.Config {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || conf.ServerName != "" || conf.InsecureSkipVerify {
		return conf
	}
	conf = conf.Clone()
	conf.ServerName = host
	return conf
}
