package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"parley/pkg/signin"
)

// examineSignIn checks that interviewers can sign in.
func (c config) examineSignIn(f *findings) {
	switch c.signIn.mode {
	case "oidc":
		c.examineProvider(f)
	case "header":
		h := c.signIn.headersInUse()
		f.ok("sign-in", fmt.Sprintf("by the header %s at /auth/login, from %d trusted networks", h.User, len(c.trustedProxies)))
		for _, n := range c.trustedProxies {
			if ones, bits := n.Mask.Size(); bits-ones > 8 {
				f.warn("sign-in", fmt.Sprintf("every machine in %s can sign in as anybody", n), "name the address of the proxy alone in --trusted-proxy")
			}
		}
		if c.publicURL == "" {
			f.warn("sign-in", "the scheme of links comes from the proxy's X-Forwarded-Proto", "set --public-url, so that cookies are always for HTTPS")
		}
	}
}

// examineProvider asks the provider of OpenID Connect.
func (c config) examineProvider(f *findings) {
	issuer := c.signIn.oidc.Issuer
	if strings.HasPrefix(issuer, "http://") && !strings.HasPrefix(issuer, "http://localhost") && !strings.HasPrefix(issuer, "http://127.") {
		f.warn("sign-in", issuer+" is plain HTTP: whoever is on the way can be anybody", "use the https:// address of the provider")
	}
	redirect := "https://<this service>/auth/callback"
	if c.publicURL != "" {
		redirect = c.publicURL + "/auth/callback"
	} else {
		f.warn("sign-in", "the redirect URL starts with the host of the request", "set --public-url to the address that people use, such as https://parley.example")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*doctorTime)
	defer cancel()
	report, err := signin.NewProvider(c.signIn.oidc, time.Now, slog.New(slog.DiscardHandler)).Examine(ctx, redirect)
	if errors.Is(err, signin.ErrIssuer) {
		f.fail("sign-in", err.Error(), "if this is your provider, set --oidc-issuer to exactly the name that it calls itself")
		return
	}
	if err != nil {
		f.fail("sign-in", err.Error(), "check --oidc-issuer: "+strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration must open from this machine and name this issuer")
		return
	}
	switch skew := report.Skew; {
	case report.Keys == 0:
		f.fail("sign-in", "the provider shows no key that signs ID tokens", "have the provider sign ID tokens with RS256 or ES256")
	case skew > time.Minute || skew < -time.Minute:
		f.fail("sign-in", fmt.Sprintf("the provider's clock differs by %v, so its tokens are refused", skew), "set both clocks by NTP")
	case errors.Is(report.Client, signin.ErrClient):
		f.fail("sign-in", report.Client.Error(), "check --oidc-client-id and --oidc-client-secret, and that the client may use a code with a secret")
	case report.Client != nil:
		f.warn("sign-in", "the client could not be tried: "+report.Client.Error(), "try a sign-in in the browser")
	default:
		f.ok("sign-in", fmt.Sprintf("%s answers, with %d keys; it must allow the redirect URL %s", issuer, report.Keys, redirect))
	}
	if !report.PKCE {
		f.warn("sign-in", "the provider does not say that it knows PKCE with S256", "most providers take it all the same; allow it for this client")
	}
	if len(c.signIn.oidc.Policy.Groups) == 0 {
		f.ok("sign-in", "everybody at the provider may interview; --oidc-groups narrows that down")
	}
}
