package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// maxAddress is how many characters of an address are shown.
const maxAddress = 300

// Report is what a provider says about itself.
type Report struct {
	Skew time.Duration // how far its clock is ahead of this machine's, in whole seconds
	Keys int           // keys that can sign ID tokens
	PKCE bool          // whether it says that it knows S256
	// Client is nil if the provider knows the client and its secret, ErrClient if it does not, and
	// another error if it does not say.
	Client error
}

// ErrClient means that the provider does not know the client, or the secret is wrong.
var ErrClient = errors.New("the provider does not accept the client id and the client secret")

// ErrIssuer means that what answers at the address of the issuer has another name.
var ErrIssuer = errors.New("the provider calls itself")

// Examine asks the provider for everything that a sign-in needs, without a person.
func (p *Provider) Examine(ctx context.Context, redirect string) (Report, error) {
	defer p.client.CloseIdleConnections()
	err := p.find(ctx)
	if other := (*oidc.IssuerMismatchError)(nil); errors.As(err, &other) {
		return Report{}, fmt.Errorf("%w %q, and not %q", ErrIssuer, clean(other.Discovered, maxAddress), other.Provided)
	}
	if err != nil {
		return Report{}, err
	}
	found := p.known()
	var doc struct {
		Keys   string   `json:"jwks_uri"`
		Revoke string   `json:"revocation_endpoint"`
		PKCE   []string `json:"code_challenge_methods_supported"`
	}
	if err := found.Claims(&doc); err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	r := Report{PKCE: slices.Contains(doc.PKCE, "S256")}
	keys, date, err := p.fetchKeys(ctx, doc.Keys)
	if err != nil {
		return Report{}, err
	}
	for _, k := range keys.Keys {
		if k.Use != "enc" && k.Valid() && k.IsPublic() {
			r.Keys++
		}
	}
	if !date.IsZero() {
		r.Skew = date.Sub(p.now()).Round(time.Second)
	}
	r.Client = p.tryClient(ctx, found, redirect, doc.Revoke)
	return r, nil
}

// fetchKeys returns the keys of the provider and the time on its clock.
func (p *Provider) fetchKeys(ctx context.Context, address string) (keys jose.JSONWebKeySet, date time.Time, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return keys, date, fmt.Errorf("%w: jwks_uri: %w", ErrProvider, err)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return keys, date, fmt.Errorf("%w: keys: %w", ErrProviderAway, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return keys, date, fmt.Errorf("%w: its keys: %s", ErrProvider, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(&keys); err != nil {
		return keys, date, fmt.Errorf("%w: its keys: %w", ErrProvider, err)
	}
	date, _ = http.ParseTime(res.Header.Get("Date")) // zero if the provider does not say
	return keys, date, nil
}

// tryClient offers a code that nobody has. A provider that knows the client refuses the code, and
// any other refuses the client. Some providers look at the code first. So the client also revokes a
// token that nobody has, which the provider allows to clients alone.
//
// Source: RFC 6749, section 5.2; RFC 7009, section 2.
func (p *Provider) tryClient(ctx context.Context, found *oidc.Provider, redirect, revocation string) error {
	status, code, err := p.post(ctx, found.Endpoint().TokenURL, url.Values{
		"grant_type": {"authorization_code"}, "code": {"parley-doctor"}, "redirect_uri": {redirect}, "code_verifier": {secret()},
	})
	switch {
	case err != nil:
		return err
	case code == "invalid_client", code == "unauthorized_client":
		return ErrClient
	case code == "":
		return fmt.Errorf("%w: the token endpoint answers %s", ErrProvider, status)
	case code != "invalid_grant":
		return fmt.Errorf("%w: the token endpoint answers %s, error %s", ErrProvider, status, code)
	case revocation == "":
		return nil
	}
	if _, code, err = p.post(ctx, revocation, url.Values{"token": {"parley-doctor"}}); err == nil && code == "invalid_client" {
		return ErrClient
	}
	return nil // a provider may refuse to revoke for reasons that say nothing of a sign-in
}

// post sends a form as the client. code is the error in the answer, "" if there is none.
func (p *Provider) post(ctx context.Context, address string, form url.Values) (status, code string, err error) {
	form.Set("client_id", p.opts.ClientID)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", fmt.Errorf("%w: its addresses: %w", ErrProvider, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.opts.ClientSecret != "" {
		req.SetBasicAuth(url.QueryEscape(p.opts.ClientID), url.QueryEscape(p.opts.ClientSecret))
	}
	res, err := p.client.Do(req)
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrProviderAway, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrProviderAway, err)
	}
	var refusal struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(raw, &refusal) // anything else is no error of OAuth
	return res.Status, clean(refusal.Error, maxName), nil
}
