package redistest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// command sends one command on a new connection and returns the answer: one string for each value,
// in order.
func command(addr string, opts Options, args ...string) ([]string, error) {
	c, err := opts.dial(addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return nil, err
	}
	r := bufio.NewReader(c)
	if opts.Password != "" {
		if _, err := ask(c, r, "AUTH", opts.Password); err != nil {
			return nil, err
		}
	}
	return ask(c, r, args...)
}

func (o Options) dial(addr string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: time.Second}
	if o.TLS == nil {
		return plain.Dial("tcp", addr)
	}
	config, err := o.TLS.clientConfig()
	if err != nil {
		return nil, err
	}
	return tls.DialWithDialer(plain, "tcp", addr, config)
}

func ask(w io.Writer, r *bufio.Reader, args ...string) ([]string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return nil, err
	}
	return readValue(r)
}

// readValue reads one RESP 2 value, flattened.
func readValue(r *bufio.Reader) ([]string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return nil, errors.New("empty line from Redis")
	}
	kind, rest := line[0], line[1:]
	switch kind {
	case '+', ':':
		return []string{rest}, nil
	case '-':
		return nil, errors.New(rest)
	case '$', '*':
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 {
			return nil, err // -1 means no value
		}
		if kind == '$' {
			return readBulk(r, n)
		}
		var all []string
		for range n {
			v, err := readValue(r)
			if err != nil {
				return nil, err
			}
			all = append(all, v...)
		}
		return all, nil
	}
	return nil, fmt.Errorf("unexpected answer from Redis: %q", line)
}

func readBulk(r *bufio.Reader, n int) ([]string, error) {
	b := make([]byte, n+2)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	return []string{string(b[:n])}, nil
}
