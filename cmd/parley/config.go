package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley/pkg/access"
	"parley/pkg/webhook"
)

// lookup reads an environment variable, as os.LookupEnv does.
type lookup func(name string) (string, bool)

// config is every setting of serve, checked.
type config struct {
	addr           string
	store          string
	dataDir        string
	redisURL       string
	open           bool
	sessionTTL     time.Duration
	secret         string // "": the one kept in the store
	publicURL      string
	allowedOrigins []string
	trustedProxies []*net.IPNet
	metricsAddr    string // "": none
	metricsChosen  bool   // by flag or variable, so that it has to work
	maxDocBytes    int
	maxMsgBytes    int
	drainTime      time.Duration
	createRate     int // sessions per address and minute; 0: any number
	inviteFailures int // wrong invite codes per address and minute; 0: any number
	joinRate       int // participants per address and minute; 0: any number
	keyCreateRate  int // sessions per API key and minute; 0: any number
	maxConns       int // websockets per address; 0: any number
	messageRate    int // messages per connection and second; 0: any number
	apiKeys        []string
	webhookURL     string // "": none
	webhookSecret  string
}

// setting is one flag with its variable.
type setting struct {
	name  string
	value string // what the help shows as its argument
	def   string
	help  string
	set   func(c *config, s string) error
	list  bool // may be given several times; the variable holds them with commas between
	quiet bool // never shown, not even when it is wrong
}

// variable is the environment variable of the setting.
func (s setting) variable() string {
	return "PARLEY_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// settings is the one list of what can be set.
var settings = []setting{
	{name: "addr", value: "host:port", def: ":8080", help: "where to listen", set: func(c *config, s string) error {
		c.addr = s
		return checkAddr(s)
	}},
	{name: "store", value: "local|redis", def: "local", help: "where sessions are kept", set: func(c *config, s string) error {
		c.store = s
		return oneOf(s, "local", "redis")
	}},
	{name: "data-dir", value: "path", def: "./data", help: "directory of the local store", set: func(c *config, s string) error {
		c.dataDir = s
		if s == "" {
			return errors.New("give a directory")
		}
		return nil
	}},
	{name: "redis-url", value: "url", help: "redis://… or rediss://…, for --store redis", set: func(c *config, s string) error {
		c.redisURL = s
		return checkRedisURL(s)
	}},
	{name: "access", value: "invite|open", def: "invite", help: "open: nobody needs a token, for development and plain y-websocket clients", set: func(c *config, s string) error {
		c.open = s == "open"
		return oneOf(s, "invite", "open")
	}},
	{name: "session-ttl", value: "duration", def: "24h", help: "how long a session lives", set: func(c *config, s string) (err error) {
		c.sessionTTL, err = durationWithin(s, time.Second, 10*365*24*time.Hour)
		return err
	}},
	{name: "secret", value: "text", quiet: true, help: fmt.Sprintf("key of the tokens, at least %d characters (default: made once and kept in the store)", access.MinSecret), set: func(c *config, s string) error {
		c.secret = s
		if len(s) < access.MinSecret {
			return fmt.Errorf("give at least %d characters", access.MinSecret)
		}
		return nil
	}},
	{name: "public-url", value: "url", help: "what links start with (default: the address that a request came to)", set: func(c *config, s string) (err error) {
		c.publicURL, err = origin(s)
		return err
	}},
	{name: "allowed-origin", value: "url", list: true, help: "a further origin whose pages may connect; repeatable", set: func(c *config, s string) error {
		o, err := origin(s)
		c.allowedOrigins = append(c.allowedOrigins, o)
		return err
	}},
	{name: "trusted-proxy", value: "address|network", list: true, help: "a proxy whose X-Forwarded headers count; repeatable", set: func(c *config, s string) error {
		n, err := network(s)
		c.trustedProxies = append(c.trustedProxies, n)
		return err
	}},
	{name: "metrics-addr", value: "host:port|off", def: "127.0.0.1:9464", help: "where to serve /metrics", set: func(c *config, s string) error {
		if c.metricsAddr = s; s == "off" || s == "" {
			c.metricsAddr = ""
			return nil
		}
		return checkAddr(s)
	}},
	{name: "max-doc-bytes", value: "size", def: "8MiB", help: "largest document, encoded", set: func(c *config, s string) (err error) {
		c.maxDocBytes, err = sizeWithin(s, 64<<10, 1<<30)
		return err
	}},
	{name: "max-message-bytes", value: "size", def: "1MiB", help: "largest websocket message", set: func(c *config, s string) (err error) {
		c.maxMsgBytes, err = sizeWithin(s, 1<<10, 256<<20)
		return err
	}},
	{name: "create-rate", value: "n|auto", def: "auto", help: "sessions that one address may create in a minute; 0: any number; auto: 120, with open access any", set: func(c *config, s string) (err error) {
		c.createRate, err = rate(s, 120, c.open)
		return err
	}},
	{name: "invite-failures", value: "n|auto", def: "auto", help: "invite codes and API keys that one address may get wrong in a minute; 0: any number; auto: 60, with open access any", set: func(c *config, s string) (err error) {
		c.inviteFailures, err = rate(s, 60, c.open)
		return err
	}},
	{name: "join-rate", value: "n|auto", def: "auto", help: "participants that one address may become in a minute; 0: any number; auto: 600, with open access any", set: func(c *config, s string) (err error) {
		c.joinRate, err = rate(s, 600, c.open)
		return err
	}},
	{name: "max-connections", value: "n|auto", def: "auto", help: "websockets that one address may have open; 0: any number; auto: 10000, with open access any", set: func(c *config, s string) (err error) {
		c.maxConns, err = rate(s, 10_000, c.open)
		return err
	}},
	{name: "message-rate", value: "n|auto", def: "auto", help: "websocket messages that one connection may send in a second; 0: any number; auto: 2000, with open access any", set: func(c *config, s string) (err error) {
		c.messageRate, err = rate(s, 2000, c.open)
		return err
	}},
	{name: "api-key", value: "text", list: true, quiet: true, help: "a key without which no session can be created, and with which all can be listed and deleted; repeatable", set: func(c *config, s string) error {
		c.apiKeys = append(c.apiKeys, s)
		if len(s) < access.MinKey {
			return fmt.Errorf("give at least %d characters", access.MinKey)
		}
		return nil
	}},
	{name: "api-key-rate", value: "n|auto", def: "auto", help: "sessions that one API key may create in a minute; 0: any number; auto: 600, with open access any", set: func(c *config, s string) (err error) {
		c.keyCreateRate, err = rate(s, 600, c.open)
		return err
	}},
	{name: "webhook-url", value: "url", help: "where to POST what happens: session.created, participant.joined, session.ended, session.expired", set: func(c *config, s string) error {
		c.webhookURL = s
		return checkWebhookURL(s)
	}},
	{name: "webhook-secret", value: "text", quiet: true, help: "what webhooks are signed with: whsec_ and base64, or any text", set: func(c *config, s string) error {
		c.webhookSecret = s
		_, err := webhook.Key(s)
		return err
	}},
	{name: "drain-time", value: "duration", def: "5s", help: "over how long connections are closed on shutdown", set: func(c *config, s string) (err error) {
		c.drainTime, err = durationWithin(s, time.Millisecond, time.Hour)
		return err
	}},
}

// parseConfig reads flags, then variables for what no flag sets, then defaults. The error is one line for a person;
// flag.ErrHelp asks for the help.
func parseConfig(args []string, env lookup) (config, error) {
	given := map[string][]string{}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for _, s := range settings {
		fs.Func(s.name, "", func(v string) error {
			if !s.list {
				given[s.name] = nil // the last one counts
			}
			given[s.name] = append(given[s.name], v)
			return nil
		})
	}
	if err := fs.Parse(args); err != nil {
		if text, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
			return config{}, fmt.Errorf("unknown flag --%s: see parley help", strings.TrimPrefix(text, "-"))
		}
		if text, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
			return config{}, fmt.Errorf("--%s needs a value", text)
		}
		return config{}, err
	}
	if fs.NArg() > 0 {
		return config{}, fmt.Errorf("unexpected argument %q: serve takes flags only", fs.Arg(0))
	}
	var c config
	for _, s := range settings {
		if err := s.apply(&c, given[s.name], env); err != nil {
			return config{}, err
		}
	}
	return c, c.check()
}

// apply sets one setting from the flags given for it, else its variable, else its default.
func (s setting) apply(c *config, given []string, env lookup) error {
	source, chosen := "--"+s.name, true
	if len(given) == 0 {
		if v, ok := env(s.variable()); ok && v != "" {
			source, given = s.variable(), []string{v}
		} else if s.def != "" {
			given, chosen = []string{s.def}, false
		}
	}
	if s.name == "metrics-addr" {
		c.metricsChosen = chosen
	}
	for _, v := range given {
		parts := []string{v}
		if s.list {
			parts = strings.Split(v, ",")
		}
		for _, part := range parts {
			part = strings.TrimSpace(part)
			if err := s.set(c, part); err != nil {
				if s.quiet {
					return fmt.Errorf("bad value for %s: %w", source, err)
				}
				return fmt.Errorf("bad value %q for %s: %w", part, source, err)
			}
		}
	}
	return nil
}

// check looks at what only several settings together say.
func (c config) check() error {
	switch {
	case c.store == "redis":
		return errors.New("--store redis is not in this build yet: use --store local")
	case c.redisURL != "":
		return errors.New("--redis-url is for --store redis")
	case c.webhookURL != "" && c.webhookSecret == "":
		return errors.New("--webhook-url needs --webhook-secret, so that the receiver can tell who sends")
	case c.webhookSecret != "" && c.webhookURL == "":
		return errors.New("--webhook-secret is for --webhook-url")
	}
	return nil
}

func oneOf(s string, values ...string) error {
	for _, v := range values {
		if s == v {
			return nil
		}
	}
	return errors.New("use " + strings.Join(values, " or "))
}

func checkAddr(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return errors.New("give it as host:port, as :8080 or 127.0.0.1:8080")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > math.MaxUint16 {
		return errors.New("the port is a number from 0 to 65535")
	}
	return nil
}

func checkRedisURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return errors.New("give it as redis://host:port or rediss://host:port")
	}
	return nil
}

func checkWebhookURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Fragment != "" {
		return errors.New("give it as https://host/path")
	}
	return nil
}

// origin reads scheme, host and port of a web address that has nothing else.
func origin(s string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", errors.New("give scheme and host only, as https://parley.example")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// network reads an address, or a network in CIDR form.
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
		return nil, errors.New("give an address or a network, as 10.0.0.0/8")
	}
	return n, nil
}

func durationWithin(s string, low, high time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New("give a duration, as 90m or 24h")
	}
	if d < low || d > high {
		return 0, fmt.Errorf("use %v to %v", low, high)
	}
	return d, nil
}

// rate reads a number of times per minute; auto is the usual one, or none with open access, which stands before it in settings.
func rate(s string, usual int, open bool) (int, error) {
	if s == "auto" {
		if open {
			return 0, nil
		}
		return usual, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return 0, errors.New("give a number, 0 for no limit, or auto")
	}
	return n, nil
}

// sizeWithin reads a number of bytes, with KiB, MiB or GiB behind it if need be.
func sizeWithin(s string, low, high int) (int, error) {
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
		return 0, errors.New("give a number of bytes, as 1048576 or 1MiB")
	}
	if n < (low+unit-1)/unit || n > high/unit {
		return 0, fmt.Errorf("use %d to %d bytes", low, high)
	}
	return n * unit, nil
}

// printFlags lists all settings of serve.
func printFlags(w io.Writer) {
	fmt.Fprintln(w, "Flags of serve, each with its environment variable:")
	for _, s := range settings {
		fmt.Fprintf(w, "\n  --%s %s   (%s)\n        %s", s.name, s.value, s.variable(), s.help)
		if s.def != "" {
			fmt.Fprintf(w, " (default %s)", s.def)
		}
		fmt.Fprintln(w)
	}
}
