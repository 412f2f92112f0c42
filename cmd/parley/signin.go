package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/api"
	"parley/pkg/access"
	"parley/pkg/signin"
)

// signInConfig holds the settings of sign-in.
type signInConfig struct {
	mode    string // none, oidc or header
	oidc    signin.OIDC
	preset  string
	headers signin.Headers // fields that are "" come from the preset
}

// headersInUse returns the headers of --sign-in header.
func (s signInConfig) headersInUse() signin.Headers {
	h, preset := s.headers, signin.Presets[s.preset]
	h.User, h.Name = cmp.Or(h.User, preset.User), cmp.Or(h.Name, preset.Name)
	h.Email, h.Groups = cmp.Or(h.Email, preset.Email), cmp.Or(h.Groups, preset.Groups)
	return h
}

// checkSignIn finds settings of sign-in that are missing, or that cannot work.
func (c config) checkSignIn() error {
	s := c.signIn
	for _, name := range []string{"oidc-issuer", "oidc-client-id", "oidc-client-secret", "oidc-scopes", "oidc-groups-claim", "oidc-groups", "oidc-admins"} {
		if c.chosen(name) && s.mode != "oidc" {
			return fmt.Errorf("--%s needs --sign-in oidc", name)
		}
	}
	for _, name := range []string{"header-preset", "header-user", "header-name", "header-email", "header-groups", "header-admins"} {
		if c.chosen(name) && s.mode != "header" {
			return fmt.Errorf("--%s needs --sign-in header", name)
		}
	}
	if s.mode != "none" && c.open {
		return errors.New("--access open lets anyone in, so --sign-in would guard nothing; use --access invite")
	}
	switch s.mode {
	case "oidc":
		return c.checkOIDC()
	case "header":
		return c.checkHeaders()
	}
	return nil
}

func (c config) checkOIDC() error {
	switch s := c.signIn.oidc; {
	case s.Issuer == "":
		return errors.New("--sign-in oidc needs --oidc-issuer, such as https://login.example")
	case s.ClientID == "":
		return errors.New("--sign-in oidc needs --oidc-client-id, the id of this service at the provider")
	case strings.Contains(s.Issuer, "?"):
		return fmt.Errorf("bad value %q for --oidc-issuer: an issuer has no query", s.Issuer)
	}
	return nil
}

func (c config) checkHeaders() error {
	if err := signin.CheckProxies(c.trustedProxies); err != nil {
		return fmt.Errorf("--sign-in header believes whoever connects from --trusted-proxy, and %w; name the address of the proxy alone", err)
	}
	if err := c.signIn.headersInUse().Check(); err != nil {
		return fmt.Errorf("the --header-* settings: %w", err)
	}
	return nil
}

// newSignIn returns how interviewers sign in, or nil.
func (n *node) newSignIn(tokens *access.Tokens) *api.SignIn {
	cookies := signin.NewCookies(tokens, n.store, time.Now)
	switch n.cfg.signIn.mode {
	case "oidc":
		n.provider = signin.NewProvider(n.cfg.signIn.oidc, time.Now, n.log)
		return &api.SignIn{Cookies: cookies, Provider: n.provider}
	case "header":
		headers := n.cfg.signIn.headersInUse()
		return &api.SignIn{Cookies: cookies, Headers: &headers}
	}
	return nil
}
