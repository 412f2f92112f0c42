package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"
)

// lookup reads an environment variable, as os.LookupEnv does.
type lookup func(name string) (string, bool)

// config is every setting of serve, checked. What each means stands in sections, beside its flag.
type config struct {
	addr           string
	store          string
	dataDir        string
	runtimesDir    string // "": only what is in the binary
	wheelsDir      string // "": none
	redisURL       string
	open           bool
	sessionTTL     time.Duration
	secret         string // "": the one kept in the store
	publicURL      string
	allowedOrigins []string
	trustedProxies []*net.IPNet
	metricsAddr    string // "": none
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
	tlsCert        string // "": plain HTTP
	tlsKey         string
	logLevel       slog.Level
	logFormat      string
	pprof          bool
	otlpEndpoint   string // "": no traces
	traceRatio     float64

	origins map[string]given // where each setting came from, by its name
}

// given is what was said for one setting, and where.
type given struct {
	source string   // for a person: "--addr", "PARLEY_ADDR", "parley.yaml:3", or "default"
	values []string // several for a list alone
	whole  bool     // each value is one: no commas to split at
}

// byDefault says that nobody chose.
const byDefault = "default"

// chosen reports whether somebody said something for the setting.
func (c config) chosen(name string) bool { return c.origins[name].source != byDefault }

// check looks at what only several settings together say.
func (c config) check() error {
	switch {
	case c.store == "redis" && c.redisURL == "":
		return errors.New("--store redis needs --redis-url, as redis://host:port")
	case c.store != "redis" && c.redisURL != "":
		return errors.New("--redis-url is for --store redis")
	case (c.tlsCert == "") != (c.tlsKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case c.webhookURL != "" && c.webhookSecret == "":
		return errors.New("--webhook-url needs --webhook-secret, so that the receiver can tell who sends")
	case c.webhookSecret != "" && c.webhookURL == "":
		return errors.New("--webhook-secret is for --webhook-url")
	}
	if err := isDirectory("runtimes-dir", c.runtimesDir); err != nil {
		return err
	}
	return isDirectory("wheels-dir", c.wheelsDir)
}

// parseConfig reads flags, then variables for what no flag sets, then the file of --config, then defaults. The error is one line for a
// person; flag.ErrHelp asks for the help.
func parseConfig(args []string, env lookup) (config, error) {
	flags, err := parseFlags(args)
	if err != nil {
		return config{}, err
	}
	file, err := configFile(flags, env)
	if err != nil {
		return config{}, err
	}
	c := config{origins: map[string]given{}}
	for _, s := range settings() {
		g, err := s.find(flags, env, file)
		if err != nil {
			return config{}, err
		}
		if err := s.apply(&c, g); err != nil {
			return config{}, err
		}
		c.origins[s.name] = g
	}
	return c, c.check()
}

// parseFlags gives the values of each flag, by name.
func parseFlags(args []string) (map[string][]string, error) {
	values := map[string][]string{}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for _, s := range settings() {
		take := func(v string) error {
			if !s.list {
				values[s.name] = nil // the last one counts
			}
			values[s.name] = append(values[s.name], v)
			return nil
		}
		if s.isSwitch() {
			fs.BoolFunc(s.name, "", take)
		} else {
			fs.Func(s.name, "", take)
		}
	}
	if err := fs.Parse(args); err != nil {
		if text, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
			return nil, fmt.Errorf("unknown flag --%s: see parley help", strings.TrimPrefix(text, "-"))
		}
		if text, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
			return nil, fmt.Errorf("--%s needs a value", text)
		}
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q: only flags are taken here", fs.Arg(0))
	}
	return values, nil
}

// configFile reads the file that --config or its variable names, if any.
func configFile(flags map[string][]string, env lookup) (map[string]given, error) {
	path, source := "", ""
	if v, ok := env(configSetting.variable()); ok {
		path, source = v, configSetting.variable()
	}
	if v := flags[configSetting.name]; len(v) > 0 {
		path, source = v[0], "--"+configSetting.name
	}
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("bad value %q for %s: %w", path, source, unwrapPath(err))
	}
	return parseFile(path, raw)
}

// unwrapPath takes operation and path from an error that is shown beside the path.
func unwrapPath(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
