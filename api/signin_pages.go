package api

import (
	"context"
	_ "embed"
	"errors"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/pkg/signin"
)

// Paths of the sign-in. loginPath is compared byte by byte with what the proxy sent on.
const (
	loginPath    = "/auth/login"
	callbackPath = "/auth/callback"
	logoutPath   = "/auth/logout"
)

// Errors of the pages of the sign-in.
var (
	errPlainHTTP   = errors.New("sign-in over plain http")
	errNotAdmin    = errors.New("not an administrator")
	errNotByProxy  = errors.New("the sign-in did not come through the proxy")
	errOtherIssuer = errors.New("the answer names another provider")
)

// login sends a person to the provider. With headers, the proxy has signed the person in already.
func (s *Server) login(c *fiber.Ctx) error {
	next := signin.Next(c.Query("next"))
	_, cookie, ok := s.cookieNames(c)
	switch {
	case s.opts.SignIn == nil:
		return fiber.ErrNotFound
	case !ok:
		return s.signInFailed(c, next, errPlainHTTP)
	case s.opts.SignIn.Headers != nil:
		return s.loginByHeader(c, next)
	}
	// Cookies belong to a host, and the provider sends people back to the host of --public-url. The
	// mark ends a circle behind a proxy that puts another host into its requests.
	if base := s.base(c); base != s.ownOrigin(c) && c.Query("moved") == "" {
		return c.Redirect(base+loginPath+"?moved=1&next="+url.QueryEscape(next), fiber.StatusSeeOther)
	}
	begun := signin.NewLogin(next, s.base(c)+callbackPath)
	address, err := s.opts.SignIn.Provider.Begin(c.UserContext(), begun, c.Query("again") != "")
	if err != nil {
		return s.signInFailed(c, next, err)
	}
	value, ends, err := s.opts.SignIn.Cookies.Seal(begun)
	if err != nil {
		return s.signInFailed(c, next, err)
	}
	s.setCookie(c, cookie, value, ends)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(address, fiber.StatusSeeOther)
}

// callback ends a sign-in at the provider.
func (s *Server) callback(c *fiber.Ctx) error {
	user, cookie, ok := s.cookieNames(c)
	switch {
	case s.opts.SignIn == nil || s.opts.SignIn.Provider == nil:
		return fiber.ErrNotFound
	case !ok:
		return s.signInFailed(c, "/", errPlainHTTP)
	}
	// An answer makes this server ask the provider. The limit is that of joins.
	if _, err := limit(context.WithValue(c.UserContext(), clientKey{}, s.clientIP(c)), s.joins); err != nil {
		return s.signInFailed(c, "/", err)
	}
	held, err := s.opts.SignIn.Cookies.Login(c.Cookies(cookie), c.Query("state"))
	if err != nil {
		return s.signInFailed(c, "/", err)
	}
	s.dropCookie(c, cookie) // a sign-in ends once
	u, err := s.finish(c, held)
	if err != nil {
		return s.signInFailed(c, held.Next, err)
	}
	return s.enterAs(c, user, u, held.Next)
}

// finish checks the provider's answer to a sign-in.
func (s *Server) finish(c *fiber.Ctx, held signin.Login) (signin.User, error) {
	if issuer := c.Query("iss"); issuer != "" && issuer != s.opts.SignIn.Provider.Issuer() { // RFC 9207
		return signin.User{}, errors.Join(signin.ErrProvider, errOtherIssuer)
	}
	if refusal := c.Query("error"); refusal != "" {
		s.log.InfoContext(c.UserContext(), "sign-in declined", "request", requestID(c.UserContext()), "code", refusal, "text", c.Query("error_description"))
		return signin.User{}, signin.Refusal(refusal)
	}
	return s.opts.SignIn.Provider.Finish(c.UserContext(), held, c.Query("code"))
}

// loginByHeader signs in the person whom a trusted proxy names. The proxy protects this one path,
// so the path is compared as it came: /auth/login/ or /auth/%6cogin may lie outside of what the
// proxy protects, and the headers be the client's own there.
func (s *Server) loginByHeader(c *fiber.Ctx, next string) error {
	user, _, _ := s.cookieNames(c)
	path, _, _ := strings.Cut(string(c.Request().RequestURI()), "?")
	if path != loginPath || !s.trusts(c.Context().RemoteIP()) {
		return s.signInFailed(c, next, errNotByProxy)
	}
	u, err := s.opts.SignIn.Headers.Read(func(name string) (values []string) {
		for _, v := range c.Request().Header.PeekAll(name) {
			values = append(values, string(v))
		}
		return values
	})
	if errors.Is(err, signin.ErrNotSignedIn) {
		err = errors.Join(errNotByProxy, err)
	}
	if err != nil {
		return s.signInFailed(c, next, err)
	}
	return s.enterAs(c, user, u, next)
}

// enterAs gives a person their cookie and shows the page where they wanted to go.
func (s *Server) enterAs(c *fiber.Ctx, cookie string, u signin.User, next string) error {
	value, ends, err := s.opts.SignIn.Cookies.Give(c.UserContext(), u)
	if err != nil {
		return s.signInFailed(c, next, err)
	}
	s.setCookie(c, cookie, value, ends)
	s.log.InfoContext(c.UserContext(), "signed in", "request", requestID(c.UserContext()), "user", u.ID, "name", u.Name, "admin", u.Admin, "from", s.clientIP(c))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(next, fiber.StatusSeeOther)
}

// logout takes the cookie of this browser away, and with everywhere=1 makes all of them void.
func (s *Server) logout(c *fiber.Ctx) error {
	if s.opts.SignIn == nil {
		return fiber.ErrNotFound
	}
	if !s.sameOrigin(c) {
		return errCrossSite
	}
	name, _, ok := s.cookieNames(c)
	if ok && c.Query("everywhere") == "1" {
		u, err := s.opts.SignIn.Cookies.User(c.UserContext(), c.Cookies(name))
		switch {
		case err == nil:
			err = s.opts.SignIn.Cookies.SignOutEverywhere(c.UserContext(), u.ID)
		case errors.Is(err, signin.ErrNotSignedIn):
			err = errSignInRequired
		}
		if err != nil {
			return err
		}
	}
	s.dropCookie(c, name)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if wantsPage(c) || strings.Contains(c.Get(fiber.HeaderAccept), "text/html") {
		return c.Redirect("/", fiber.StatusSeeOther) // a form, without the client's script
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// setCookie gives the browser a cookie that scripts cannot read and other sites cannot use.
func (s *Server) setCookie(c *fiber.Ctx, name, value string, ends time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: max(1, int(time.Until(ends).Seconds())), HTTPOnly: true,
		Secure: strings.HasPrefix(name, "__Host-"), SameSite: fiber.CookieSameSiteLaxMode,
	})
}

func (s *Server) dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{
		Name: name, Path: "/", Expires: time.Unix(1, 0), HTTPOnly: true,
		Secure: strings.HasPrefix(name, "__Host-"), SameSite: fiber.CookieSameSiteLaxMode,
	})
}

//go:embed pages/signin.html
var signInHTML string

var signInPage = template.Must(template.New("signin").Parse(signInHTML))

// signInFailed shows why a sign-in did not work, and how to go on.
func (s *Server) signInFailed(c *fiber.Ctx, next string, err error) error {
	p := problemOf(err)
	s.log.WarnContext(c.UserContext(), "sign-in failed", "request", requestID(c.UserContext()), "code", p.Code, "err", err, "from", s.clientIP(c))
	for name, values := range headersOf(p, err) {
		c.Set(name, values[0])
	}
	if !wantsPage(c) {
		return p
	}
	var page strings.Builder
	again, label := wayOn(p, next)
	if err := signInPage.Execute(&page, map[string]any{"Detail": p.Detail, "Again": again, "Label": label, "Request": requestID(c.UserContext())}); err != nil {
		return err
	}
	return sendPage(c, p.Status, page.String())
}

// wayOn returns the address and the words of the button on that page.
func wayOn(p *Problem, next string) (address, label string) {
	address = loginPath + "?next=" + url.QueryEscape(next)
	switch {
	case p.Code == "sign_in_not_allowed", p.Code == "sign_in_declined":
		return address + "&again=1", "Sign in as somebody else"
	case p.Status == fiber.StatusServiceUnavailable, p.Status == fiber.StatusTooManyRequests:
		return address, "Try again"
	}
	return address, "Sign in again"
}
