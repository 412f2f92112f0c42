package main

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"parley/pkg/store/redisstore"
)

// into returns the setter of a field with a single value.
func into[T any](field func(*config) *T, parse func(string) (T, error)) func(*config, string) error {
	return func(c *config, s string) (err error) {
		*field(c), err = parse(s)
		return err
	}
}

// add returns the setter of a field with a list.
func add[T any](field func(*config) *[]T, parse func(string) (T, error)) func(*config, string) error {
	return func(c *config, s string) error {
		v, err := parse(s)
		*field(c) = append(*field(c), v)
		return err
	}
}

// rate returns the setter of a limit. auto stands for usual, or for no limit with open access.
func rate(field func(*config) *int, usual int) func(*config, string) error {
	return func(c *config, s string) error {
		if s == "auto" {
			if *field(c) = usual; c.open {
				*field(c) = 0
			}
			return nil
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return errors.New("use a number, 0 for no limit, or auto")
		}
		*field(c) = n
		return nil
	}
}

func oneOf(values ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		for _, v := range values {
			if s == v {
				return s, nil
			}
		}
		return "", errors.New("use " + strings.Join(values, " or "))
	}
}

func isOpen(s string) (bool, error) {
	_, err := oneOf("invite", "open")(s)
	return s == "open", err
}

func nonempty(otherwise string) func(string) (string, error) {
	return func(s string) (string, error) {
		if s == "" {
			return "", errors.New(otherwise)
		}
		return s, nil
	}
}

func atLeast(characters int) func(string) (string, error) {
	return func(s string) (string, error) {
		if len(s) < characters {
			return "", fmt.Errorf("use at least %d characters", characters)
		}
		return s, nil
	}
}

func address(s string) (string, error) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", errors.New("use host:port, such as :8080 or 127.0.0.1:8080")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > math.MaxUint16 {
		return "", errors.New("the port must be a number from 0 to 65535")
	}
	return s, nil
}

// addressOrOff reads an address. off and "" give "".
func addressOrOff(s string) (string, error) {
	if s == "off" || s == "" {
		return "", nil
	}
	return address(s)
}

func redisURL(s string) (string, error) { return s, redisstore.CheckURL(s) }

func webAddress(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Fragment != "" {
		return "", errors.New("use the form https://host/path")
	}
	return s, nil
}

// word reads a name without blanks.
func word(s string) (string, error) {
	if s == "" || strings.ContainsAny(s, " \t\r\n\"\\") {
		return "", errors.New("use a name without blanks")
	}
	return s, nil
}

// scopes reads scopes of OAuth: names with blanks between them.
func scopes(s string) ([]string, error) {
	if strings.ContainsAny(s, ",;\"\\") {
		return nil, errors.New("separate the scopes by blanks")
	}
	return strings.Fields(s), nil
}

func isTrue(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, errors.New("use true or false")
	}
	return b, nil
}

func logLevel(s string) (slog.Level, error) {
	var level slog.Level
	if _, err := oneOf("debug", "info", "warn", "error")(s); err != nil {
		return 0, err
	}
	return level, level.UnmarshalText([]byte(s))
}

// share reads a number from 0 to 1.
func share(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, errors.New("use a number from 0 to 1")
	}
	return f, nil
}

// origin reads a web address that consists of scheme, host and port only.
func origin(s string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", errors.New("use scheme and host only, such as https://parley.example")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// network reads an IP address, or a network in CIDR form.
func network(s string) (*net.IPNet, error) {
	if ip := net.ParseIP(s); ip != nil {
		bits := 128
		if ip4 := ip.To4(); ip4 != nil {
			ip, bits = ip4, 32
		}
		return &net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)}, nil
	}
	_, n, err := net.ParseCIDR(s)
	if err != nil {
		return nil, errors.New("use an address or a network, such as 10.0.0.0/8")
	}
	return n, nil
}

func durationWithin(low, high time.Duration) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, errors.New("use a duration, such as 90m or 24h")
		}
		if d < low || d > high {
			return 0, fmt.Errorf("use a duration from %v to %v", low, high)
		}
		return d, nil
	}
}

// sizeWithin reads a number of bytes. The units KiB, MiB and GiB are optional.
func sizeWithin(low, high int) func(string) (int, error) {
	return func(s string) (int, error) {
		number, unit := s, 1
		for _, u := range []struct {
			suffix string
			bytes  int
		}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}} {
			if n, ok := strings.CutSuffix(s, u.suffix); ok {
				number, unit = n, u.bytes
			}
		}
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil {
			return 0, errors.New("use a number of bytes, such as 1048576 or 1MiB")
		}
		if n < (low+unit-1)/unit || n > high/unit {
			return 0, fmt.Errorf("use from %d to %d bytes", low, high)
		}
		return n * unit, nil
	}
}

// isDirectory checks that a setting names an existing directory, or nothing.
func isDirectory(name, path string) error {
	if info, err := os.Stat(path); path != "" && (err != nil || !info.IsDir()) {
		return fmt.Errorf("bad value %q for --%s: the directory does not exist", path, name)
	}
	return nil
}
