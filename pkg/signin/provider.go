package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	providerTime = 8 * time.Second // for one request to the provider, below the time of a handler
	maxAnswer    = 1 << 20         // bytes of one answer of the provider
	firstRetry   = time.Second
	lastRetry    = 30 * time.Second
	refreshEvery = time.Hour // the provider may move an endpoint
	// freshFor is how long an answer of the provider shows that a person can be sent there.
	freshFor = 2 * time.Second
)

// OIDC configures a provider of OpenID Connect.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string   // "": a public client, which PKCE protects alone
	Scopes       []string // without openid
	GroupsClaim  string
	Policy       Policy
}

// Provider is a provider of OpenID Connect. It is safe for concurrent use.
type Provider struct {
	// Fixed by NewProvider.
	opts   OIDC
	now    func() time.Time
	log    *slog.Logger
	client *http.Client

	mu     sync.Mutex // guards the rest
	found  *oidc.Provider
	at     time.Time // of the last answer
	asking *question // nil: nobody asks
}

// question is a request for the provider's addresses that is under way.
type question struct {
	done chan struct{} // closed when err and left are set
	err  error
	left bool // the caller who asked has gone, so err says nothing of the provider
}

// NewProvider returns a Provider that has not been asked anything yet.
func NewProvider(opts OIDC, now func() time.Time, log *slog.Logger) *Provider {
	return &Provider{opts: opts, now: now, log: log, client: newClient()}
}

// newClient returns a client that gives up: a provider that hangs or never ends stops nobody else.
func newClient() *http.Client {
	return &http.Client{Timeout: providerTime, Transport: bounded{http.DefaultTransport.(*http.Transport).Clone()}}
}

// bounded cuts answers off after maxAnswer bytes.
type bounded struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.Transport.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

// Run asks the provider for its addresses until it answers, and then once an hour. It ends with
// ctx.
func (p *Provider) Run(ctx context.Context) {
	defer p.client.CloseIdleConnections()
	wait, failing := firstRetry, false
	for {
		err := p.find(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing && p.known() == nil:
			p.log.Warn("the sign-in provider does not answer; nobody can sign in until it does", "issuer", p.opts.Issuer, "err", err)
		case err == nil && failing:
			p.log.Info("the sign-in provider answers", "issuer", p.opts.Issuer)
		}
		if failing = err != nil; failing {
			wait = min(2*wait, lastRetry)
		} else {
			wait = refreshEvery
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		if !failing {
			wait = firstRetry
		}
	}
}

// find asks the provider for its addresses. Callers of the same moment share one answer, so that a
// crowd does not ask all at once.
func (p *Provider) find(ctx context.Context) error {
	for {
		p.mu.Lock()
		q := p.asking
		if q == nil {
			q = &question{done: make(chan struct{})}
			p.asking = q
			p.mu.Unlock()
			p.ask(ctx, q)
			return q.err
		}
		p.mu.Unlock()
		select {
		case <-q.done:
			if !q.left {
				return q.err
			}
		case <-ctx.Done():
			return errors.Join(ErrProviderAway, ctx.Err())
		}
	}
}

// ask answers a question.
func (p *Provider) ask(ctx context.Context, q *question) {
	q.err = ErrProviderAway // for callers that wait, should this panic
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asking = nil
		close(q.done)
	}()
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.opts.Issuer)
	if err != nil {
		q.err, q.left = fmt.Errorf("%w: %w", ErrProviderAway, err), ctx.Err() != nil
		return
	}
	q.err = nil
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found, p.at = found, p.now()
}

// known returns the provider as it was found last, or nil.
func (p *Provider) known() *oidc.Provider {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found
}

// get returns the provider. If it was away until now, it is asked again.
func (p *Provider) get(ctx context.Context) (*oidc.Provider, error) {
	if found := p.known(); found != nil {
		return found, nil
	}
	if err := p.find(ctx); err != nil {
		return nil, err
	}
	return p.known(), nil
}

// alive returns the provider if it has answered lately. A browser that is sent to a provider that
// is away shows a page of its own, without a way back.
func (p *Provider) alive(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	found, fresh := p.found, p.now().Sub(p.at) < freshFor
	p.mu.Unlock()
	if found != nil && fresh {
		return found, nil
	}
	if err := p.find(ctx); err != nil {
		return nil, err
	}
	return p.known(), nil
}

// config returns the client of the code flow.
func (p *Provider) config(found *oidc.Provider, redirect string) *oauth2.Config {
	scopes := append([]string{oidc.ScopeOpenID}, p.opts.Scopes...)
	slices.Sort(scopes[1:])
	return &oauth2.Config{
		ClientID: p.opts.ClientID, ClientSecret: p.opts.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: redirect, Scopes: slices.Compact(scopes),
	}
}

// Issuer returns the name of the provider.
func (p *Provider) Issuer() string { return p.opts.Issuer }

// Begin returns the address of the provider where the person signs in. With again, the provider
// asks who it is, even when it knows the browser.
func (p *Provider) Begin(ctx context.Context, l Login, again bool) (string, error) {
	found, err := p.alive(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(l.Nonce), oauth2.S256ChallengeOption(l.Verifier)}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return p.config(found, l.Redirect).AuthCodeURL(l.State, options...), nil
}

// Finish exchanges a code for the person who has signed in. The error is ErrNotAllowed for a person
// who may not interview.
func (p *Provider) Finish(ctx context.Context, l Login, code string) (User, error) {
	found, err := p.get(ctx)
	if err != nil {
		return User{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := p.config(found, l.Redirect).Exchange(ctx, code, oauth2.VerifierOption(l.Verifier))
	if err != nil {
		if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
			kind := ErrProvider
			if refused.Response != nil && refused.Response.StatusCode >= http.StatusInternalServerError {
				kind = ErrProviderAway // or a proxy in front of it answers
			}
			return User{}, fmt.Errorf("%w: %s", kind, refusalText(refused))
		}
		return User{}, fmt.Errorf("%w: %w", ErrProviderAway, err)
	}
	claims, err := p.verify(ctx, found, l, tokens)
	if err != nil {
		return User{}, err
	}
	u, err := p.userOf(claims)
	if err != nil {
		return User{}, err
	}
	u, allowed := p.opts.Policy.Apply(u)
	if !allowed {
		return User{}, fmt.Errorf("%w: user %s", ErrNotAllowed, u.ID)
	}
	return u, nil
}

// refusalText describes a refusal without the body, which may hold secrets.
func refusalText(refused *oauth2.RetrieveError) string {
	status := "no answer"
	if refused.Response != nil {
		status = refused.Response.Status
	}
	return fmt.Sprintf("the token endpoint answers %s, error %s", status, clean(refused.ErrorCode, maxName))
}
