package signin

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// maxSkew is how far the clocks of the provider and this machine may differ.
const maxSkew = time.Minute

// verify returns the claims of a person whose ID token proves that this provider has signed them in
// for this service and this sign-in.
//
// Source: OpenID Connect Core 1.0, section 3.1.3.7.
func (p *Provider) verify(ctx context.Context, found *oidc.Provider, l Login, tokens *oauth2.Token) (map[string]any, error) {
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, fmt.Errorf("%w: no ID token; is the scope openid allowed for this client?", ErrProvider)
	}
	verifier := found.Verifier(&oidc.Config{
		ClientID: p.opts.ClientID,
		Now:      func() time.Time { return p.now().Add(-maxSkew) },
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	if l.Nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(l.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: the ID token belongs to another sign-in", ErrProvider)
	}
	if token.IssuedAt.After(p.now().Add(maxSkew)) {
		return nil, fmt.Errorf("%w: the ID token is issued in the future; check the clocks", ErrProvider)
	}
	if token.Subject == "" {
		return nil, fmt.Errorf("%w: the ID token has no subject", ErrProvider)
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	if azp, given := claims["azp"]; (given || len(token.Audience) > 1) && azp != p.opts.ClientID {
		return nil, fmt.Errorf("%w: the ID token is for another client", ErrProvider)
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrProvider, err)
		}
	}
	return p.complete(ctx, found, tokens, token.Subject, claims)
}

// complete adds what the ID token does not say from the userinfo endpoint: many providers tell name
// and groups there alone. What the ID token says, counts.
func (p *Provider) complete(ctx context.Context, found *oidc.Provider, tokens *oauth2.Token, subject string, claims map[string]any) (map[string]any, error) {
	if p.saysAll(claims) || found.UserInfoEndpoint() == "" {
		return claims, nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, fmt.Errorf("%w: userinfo: %w", ErrProvider, err)
	}
	if info.Subject != subject {
		return nil, fmt.Errorf("%w: userinfo speaks of another person", ErrProvider)
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return nil, fmt.Errorf("%w: userinfo: %w", ErrProvider, err)
	}
	for name, value := range more {
		if _, said := claims[name]; !said {
			claims[name] = value
		}
	}
	return claims, nil
}

// saysAll reports whether the claims say all that is shown and decided by.
func (p *Provider) saysAll(claims map[string]any) bool {
	if len(p.opts.Policy.Groups)+len(p.opts.Policy.Admins) > 0 && find(claims, p.opts.GroupsClaim) == nil {
		return false
	}
	return text(claims, "name") != "" && text(claims, "email") != ""
}
