package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"parley/pkg/access"
	"parley/pkg/session"
	"parley/pkg/signin"
)

// SignIn is how interviewers sign in. Exactly one of Provider and Headers is set.
type SignIn struct {
	Cookies  *signin.Cookies
	Provider *signin.Provider // a provider of OpenID Connect
	Headers  *signin.Headers  // what a proxy says
}

// Errors about sign-in.
var (
	errSignInRequired = errors.New("not signed in")
	errSignInOff      = errors.New("sign-in is off")
	errCrossSite      = errors.New("a write with a cookie from another page")
)

// Names of the cookies. A browser takes the prefix __Host- from the host itself over HTTPS alone,
// so that no other host of the domain can plant such a cookie. On plain http, which is allowed for
// this machine alone, browsers refuse the prefix; there is no other host to fear.
const (
	userCookie       = "__Host-parley"
	loginCookie      = "__Host-parley-login"
	localUserCookie  = "parley-local"
	localLoginCookie = "parley-local-login"
)

// cookieNames returns the names of the cookies for the address that the browser uses. ok is false
// for plain http to another machine: anybody on the way could read the cookie.
func (s *Server) cookieNames(c *fiber.Ctx) (user, login string, ok bool) {
	host, https := strings.CutPrefix(s.base(c), "https://")
	if https {
		return userCookie, loginCookie, true
	}
	return localUserCookie, localLoginCookie, isLocal(strings.TrimPrefix(host, "http://"))
}

// isLocal reports whether a host is this machine, as browsers see it.
func isLocal(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// visitor is what a request says about the person who sends it. One goroutine handles a request.
type visitor struct {
	cookie string
	asked  bool // whether user and err are known
	user   signin.User
	err    error
}

type visitorKey struct{}

// knowVisitor reads the cookie of a request. A cookie comes with every request of a browser, also
// with those that a page of another origin has caused. So a write with a cookie must come from a
// page of this service. A write with a token needs no cookie, so the cookie is not read then.
func (s *Server) knowVisitor(c *fiber.Ctx) error {
	if s.opts.SignIn == nil {
		return c.Next()
	}
	name, _, ok := s.cookieNames(c)
	v := &visitor{}
	if ok {
		v.cookie = c.Cookies(name)
	}
	if v.cookie != "" && writes(c.Method()) && !s.sameOrigin(c) {
		if bearer(c.Get(fiber.HeaderAuthorization)) == "" {
			return errCrossSite
		}
		v.cookie = ""
	}
	c.SetUserContext(context.WithValue(c.UserContext(), visitorKey{}, v))
	return c.Next()
}

// writes reports whether a method may change something.
func writes(method string) bool {
	return method != fiber.MethodGet && method != fiber.MethodHead && method != fiber.MethodOptions
}

// sameOrigin reports whether a page of this service, or the person in the address bar, has sent the
// request. Pages cannot set either header.
func (s *Server) sameOrigin(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin := c.Get(fiber.HeaderOrigin) // of browsers before 2023
	return sameOrigins(origin, s.base(c)) || sameOrigins(origin, s.ownOrigin(c))
}

// ownOrigin returns the scheme and host that the browser used.
func (s *Server) ownOrigin(c *fiber.Ctx) string {
	scheme := s.scheme(c)
	return scheme + "://" + withoutPort(scheme, s.host(c))
}

// signedIn returns the person who has signed in and sends this request. It is false without a
// sign-in, and when sign-in is off.
func (s *Server) signedIn(ctx context.Context) (signin.User, bool) {
	u, err := s.mustSignIn(ctx)
	return u, err == nil
}

// mustSignIn is signedIn with the reason: errSignInOff, errSignInRequired, or an error of the
// store. The store is asked once for a request.
func (s *Server) mustSignIn(ctx context.Context) (signin.User, error) {
	if s.opts.SignIn == nil {
		return signin.User{}, errSignInOff
	}
	v, _ := ctx.Value(visitorKey{}).(*visitor)
	if v == nil || v.cookie == "" {
		return signin.User{}, errSignInRequired
	}
	if !v.asked {
		v.asked = true
		v.user, v.err = s.opts.SignIn.Cookies.User(ctx, v.cookie)
		if errors.Is(v.err, signin.ErrNotSignedIn) {
			v.err = errors.Join(errSignInRequired, v.err)
		}
	}
	return v.user, v.err
}

// mayLead returns an error for an invite that makes an interviewer of a person who has not signed
// in. Other invites never ask for a sign-in.
func (s *Server) mayLead(ctx context.Context, code access.Code) error {
	if s.opts.SignIn == nil {
		return nil
	}
	_, role, err := s.opts.Sessions.Invited(ctx, code)
	if err != nil || role != access.Interviewer {
		return err
	}
	_, err = s.mustSignIn(ctx)
	return err
}

// asksSignIn reports whether the caller has to sign in before joining in that role.
func (s *Server) asksSignIn(ctx context.Context, role access.Role) bool {
	if s.opts.SignIn == nil || role != access.Interviewer {
		return false
	}
	_, ok := s.signedIn(ctx)
	return !ok
}

// signInMode returns the value of --sign-in.
func (s *Server) signInMode() string {
	switch {
	case s.opts.SignIn == nil:
		return "none"
	case s.opts.SignIn.Provider != nil:
		return "oidc"
	}
	return "header"
}

var (
	meOperation = huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/api/v1/me",
		Summary: "See who is signed in", Tags: []string{"people"}, Security: needsSignIn,
		Description: "Interviewers sign in at /auth/login, where the service has sign-in. Candidates and observers never do.",
	}
	signOutUserOperation = huma.Operation{
		OperationID: "sign-out-user", Method: http.MethodPost, Path: "/api/v1/users/{uid}/sign-out", DefaultStatus: http.StatusNoContent,
		Errors:  []int{403, 422, 429},
		Summary: "Sign a person out everywhere", Tags: []string{"people"}, Security: []map[string][]string{{"cookie": {}}, {"key": {}}},
		Description: "Needs an administrator or an API key. All cookies that the person has become void at once. " +
			"Use it when a person leaves: the provider refuses the next sign-in. Tokens of sessions stay valid.",
	}

	needsSignIn = []map[string][]string{{"cookie": {}}}
)

// Me is the person who is signed in.
type Me struct {
	ID     string   `json:"id" doc:"The same at every sign-in of this person. It comes from the provider's own id, not from the e-mail address." example:"3f2a8c1d9b7e4f60a1b2c3d4e5f60718"`
	Name   string   `json:"name" example:"Grace Hopper"`
	Email  string   `json:"email,omitempty" example:"grace@example.com"`
	Groups []string `json:"groups" doc:"The groups of the provider, those of the settings first. Long lists are cut."`
	Admin  bool     `json:"admin" doc:"Whether the person administers this service."`
}

type meOutput struct{ Body Me }

func (s *Server) getMe(ctx context.Context, _ *struct{}) (*meOutput, error) {
	u, err := s.mustSignIn(ctx)
	if err != nil {
		return nil, err
	}
	return &meOutput{Body: Me{ID: u.ID, Name: u.Name, Email: u.Email, Groups: append([]string{}, u.Groups...), Admin: u.Admin}}, nil
}

type signOutUserInput struct {
	UID           string `path:"uid" doc:"The id of the person, as in GET /api/v1/me, in the owner of a session, and in the log." example:"3f2a8c1d9b7e4f60a1b2c3d4e5f60718"`
	Authorization string `header:"Authorization" hidden:"true"`
}

func (s *Server) signOutUser(ctx context.Context, in *signOutUserInput) (*struct{}, error) {
	if s.opts.SignIn == nil {
		return nil, errSignInOff
	}
	if s.opts.Keys.Any() && bearer(in.Authorization) != "" {
		if _, err := s.keyHolder(ctx, in.Authorization); err != nil {
			return nil, err
		}
	} else if u, err := s.mustSignIn(ctx); err != nil {
		return nil, err
	} else if !u.Admin {
		return nil, errNotAdmin
	}
	if !signin.ValidID(in.UID) {
		return nil, &session.FieldError{Field: "uid", Detail: "use the id of a person: 32 lower-case hex characters"}
	}
	if err := s.opts.SignIn.Cookies.SignOutEverywhere(ctx, in.UID); err != nil {
		return nil, err
	}
	s.log.InfoContext(ctx, "signed out everywhere", "request", requestID(ctx), "user", in.UID, "from", clientOf(ctx))
	return nil, nil
}
