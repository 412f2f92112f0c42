package api_test

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/pkg/session"
	"parley/pkg/signin"
)

// local is the network of this machine, as a trusted proxy.
var local = &net.IPNet{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}

// byHeader starts a service behind a proxy of this machine that names people by headers.
func byHeader(t *testing.T, tune func(*api.Options)) *service {
	t.Helper()
	return newServiceWith(t, func(s *service, o *api.Options) {
		headers := signin.Presets["authelia"]
		headers.Policy.Admins = []string{"admins"}
		o.SignIn = &api.SignIn{Cookies: signin.NewCookies(s.tokens, s.store, s.clock), Headers: &headers}
		o.Proxies = []*net.IPNet{local}
		if tune != nil {
			tune(o)
		}
	})
}

// cookieOf returns the cookie that an answer sets, in the form of a request, and its attributes.
func cookieOf(t *testing.T, a answer, name string) (cookie string, attributes *http.Cookie) {
	t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == name {
			return c.Name + "=" + c.Value, c
		}
	}
	t.Fatalf("no cookie %s in %v", name, a.header)
	return "", nil
}

// signInAs signs a person in by headers and returns the cookie.
func (s *service) signInAs(t *testing.T, user string, headers ...string) string {
	t.Helper()
	a := s.do(t, "GET", "/auth/login?next=/s/0a1b2c3d", "", nil, append([]string{"Remote-User", user, "Remote-Name", "Ms. " + user}, headers...)...)
	a.want(t, "sign in as "+user, 303, "")
	if to := a.header.Get("Location"); to != "/s/0a1b2c3d" {
		t.Fatalf("signing in leads to %q", to)
	}
	cookie, _ := cookieOf(t, a, "parley-local")
	return cookie
}

// sameOrigin are the headers of a request that a page of the service makes with a cookie.
func sameOrigin(cookie string) []string {
	return []string{"Cookie", cookie, "Sec-Fetch-Site", "same-origin"}
}

// Creating and leading need a sign-in. A candidate's way never does.
func TestSignInGuards(t *testing.T) {
	t.Parallel()
	s := byHeader(t, withKey)
	create := func(token string, headers ...string) answer {
		return s.do(t, "POST", "/api/v1/sessions", token, map[string]any{"title": "T"}, headers...)
	}
	create("").want(t, "create without", 401, "sign_in_required")
	create("wrong-key-1234567").want(t, "create with a wrong key", 401, "api_key_invalid")
	create(apiKey).want(t, "create with a key", 201, "")
	create("", "Remote-User", "ada").want(t, "create with a header alone", 401, "sign_in_required")

	ada := sameOrigin(s.signInAs(t, "ada"))
	a := create("", ada...)
	a.want(t, "create signed in", 201, "")
	made := decode[api.NewSession](t, a)
	if made.Participant.Name != "Ms. ada" {
		t.Errorf("the creator is called %q", made.Participant.Name)
	}
	if sess, err := s.sessions.Get(t.Context(), session.ID(made.ID)); err != nil || string(sess.Owner) != signin.UserID("header", "ada") {
		t.Errorf("the owner is %q, %v", sess.Owner, err)
	}
	for role, link := range map[string]string{"candidate": made.Invites.Candidate, "observer": made.Invites.Observer} {
		preview := s.do(t, "POST", "/api/v1/join/preview", "", map[string]string{"invite": codeOf(link)})
		if strings.Contains(string(preview.body), "sign_in") {
			t.Errorf("a %s sees %s", role, preview)
		}
		s.join(t, link, "The "+role)
	}
	lead := codeOf(made.Invites.Interviewer)
	join := func(path string, headers ...string) answer {
		return s.do(t, "POST", path, "", map[string]string{"invite": lead, "name": "Grace"}, headers...)
	}
	join("/api/v1/join").want(t, "lead without", 401, "sign_in_required")
	join("/api/v1/sessions/"+made.ID+"/join").want(t, "lead by the id without", 401, "sign_in_required")
	preview := asMap(t, s.do(t, "POST", "/api/v1/join/preview", "", map[string]string{"invite": lead}).body)
	if preview["sign_in"] != true {
		t.Errorf("the link for interviewers shows %v", preview)
	}
	bob := sameOrigin(s.signInAs(t, "bob"))
	preview = asMap(t, s.do(t, "POST", "/api/v1/join/preview", "", map[string]string{"invite": lead}, bob...).body)
	if preview["sign_in"] != nil {
		t.Errorf("signed in, the link for interviewers shows %v", preview)
	}
	a = join("/api/v1/join", bob...)
	a.want(t, "lead signed in", 200, "")
	// The token that joining gave needs no sign-in.
	token := decode[api.Joined](t, a).Token
	s.do(t, "PATCH", "/api/v1/sessions/"+made.ID, token, map[string]string{"title": "New"}).want(t, "change with a token", 200, "")
	s.do(t, "GET", "/api/v1/sessions", "", nil, ada...).want(t, "list all with a cookie", 401, "api_key_required")
}

func TestMe(t *testing.T) {
	t.Parallel()
	s := byHeader(t, nil)
	s.do(t, "GET", "/api/v1/me", "", nil).want(t, "me without", 401, "sign_in_required")
	cookie := s.signInAs(t, "ada", "Remote-Email", "ada@example.com", "Remote-Groups", "staff, admins")
	a := s.do(t, "GET", "/api/v1/me", "", nil, "Cookie", cookie)
	a.want(t, "me", 200, "")
	me := decode[api.Me](t, a)
	if me.ID != signin.UserID("header", "ada") || me.Name != "Ms. ada" || me.Email != "ada@example.com" || !me.Admin || !slices.Equal(me.Groups, []string{"admins", "staff"}) {
		t.Errorf("me is %+v", me)
	}
	if config := asMap(t, s.do(t, "GET", "/api/v1/config", "", nil).body); config["sign_in"] != "header" || config["create"] != "sign_in" {
		t.Errorf("config is %v", config)
	}
	for name, bad := range map[string]string{
		"cut":               cookie[:len(cookie)-3],
		"empty":             "parley-local=",
		"a session's token": "parley-local=" + s.token(t, s.mustCreate(t), "p"),
		"the other name":    strings.Replace(cookie, "parley-local", "__Host-parley", 1),
	} {
		s.do(t, "GET", "/api/v1/me", "", nil, "Cookie", bad).want(t, "a cookie that is "+name, 401, "sign_in_required")
	}
	// A cookie opens no session, and no socket.
	made := s.mustCreate(t)
	s.do(t, "GET", "/api/v1/sessions/"+string(made.ID), "", nil, "Cookie", cookie).want(t, "a session by cookie", 401, "token_required")
	s.do(t, "GET", "/api/v1/sessions/"+string(made.ID), strings.TrimPrefix(cookie, "parley-local="), nil).want(t, "a cookie as token", 401, "token_invalid")
	s.advance(signin.CookieLife + time.Second)
	s.do(t, "GET", "/api/v1/me", "", nil, "Cookie", cookie).want(t, "me tomorrow", 401, "sign_in_required")
}

// Without sign-in nothing is new.
func TestSignInOff(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.do(t, "GET", "/api/v1/me", "", nil).want(t, "me", 401, "sign_in_off")
	for _, path := range []string{"/auth/login", "/auth/callback"} {
		s.do(t, "GET", path, "", nil).want(t, path, 404, "not_found")
	}
	s.do(t, "POST", "/auth/logout", "", nil).want(t, "log out", 404, "not_found")
	if config := asMap(t, s.do(t, "GET", "/api/v1/config", "", nil).body); config["sign_in"] != "none" || config["create"] != "anyone" {
		t.Errorf("config is %v", config)
	}
	s.do(t, "POST", "/api/v1/sessions", "", nil, "Cookie", "parley-local=x; __Host-parley=y", "Sec-Fetch-Site", "cross-site").want(t, "create", 201, "")
}

// Every write with a cookie is refused unless a page of the service makes it.
func TestCookiesOfOtherPages(t *testing.T) {
	t.Parallel()
	s := byHeader(t, func(o *api.Options) { o.Origins = []string{"https://careers.example"} })
	cookie := s.signInAs(t, "ada", "Remote-Groups", "admins")
	pages := map[string]struct {
		headers []string
		own     bool
	}{
		"another site":             {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		"another host of the site": {[]string{"Sec-Fetch-Site", "same-site", "Origin", s.url}, false},
		"no word of where":         {nil, false},
		"an opaque page":           {[]string{"Origin", "null"}, false},
		"another scheme":           {[]string{"Origin", strings.Replace(s.url, "http:", "https:", 1)}, false},
		"another port":             {[]string{"Origin", "http://127.0.0.1:1"}, false},
		"an allowed origin":        {[]string{"Origin", "https://careers.example"}, false},
		"an unknown word":          {[]string{"Sec-Fetch-Site", "own", "Origin", s.url}, false},
		"the service":              {[]string{"Sec-Fetch-Site", "same-origin"}, true},
		"the address bar":          {[]string{"Sec-Fetch-Site", "none"}, true},
		"the service, long ago":    {[]string{"Origin", s.url}, true},
	}
	writing := 0
	for _, op := range loadSpec(t).operations {
		if op.method == http.MethodGet {
			continue
		}
		writing++
		path := strings.NewReplacer("{id}", "0a1b2c3d", "{pid}", "0a1b2c3d4e5f6071", "{role}", "observer", "{uid}", signin.UserID("a", "b"), "{comment}", "c1").Replace(op.path)
		if strings.Contains(path, "{") {
			t.Fatalf("%s: give the test a value for the path", op.path)
		}
		for name, page := range pages {
			a := s.do(t, op.method, path, "", nil, append([]string{"Cookie", cookie}, page.headers...)...)
			if refused := strings.Contains(string(a.body), "cross_site_request"); refused == page.own {
				t.Errorf("%s %s from %s: %s", op.method, op.path, name, a)
			}
		}
	}
	if writing < 12 {
		t.Fatalf("only %d operations write", writing)
	}
	for name, page := range pages {
		a := s.do(t, "POST", "/auth/logout", "", nil, append([]string{"Cookie", cookie}, page.headers...)...)
		if (a.status == 204) != page.own {
			t.Errorf("log out from %s: %s", name, a)
		}
	}
	// Without a cookie there is nothing to misuse: a program of another origin uses its token.
	made := s.mustCreate(t)
	token := s.token(t, made, made.Creator)
	for _, c := range []string{cookie, "other=1"} {
		s.do(t, "PATCH", "/api/v1/sessions/"+string(made.ID), token, map[string]string{"title": "x"}, "Cookie", c, "Origin", "https://careers.example").
			want(t, "a token from an allowed origin with "+c[:6], 200, "")
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := byHeader(t, withKey)
	me := func(cookie string) answer { return s.do(t, "GET", "/api/v1/me", "", nil, "Cookie", cookie) }
	one, two, other := s.signInAs(t, "ada"), s.signInAs(t, "ada"), s.signInAs(t, "bob")
	a := s.do(t, "POST", "/auth/logout", "", nil, sameOrigin(one)...)
	a.want(t, "log out", 204, "")
	if _, attributes := cookieOf(t, a, "parley-local"); attributes.Value != "" || attributes.Expires.After(time.Unix(2, 0)) {
		t.Errorf("logging out sets %v", attributes)
	}
	me(two).want(t, "the other browser", 200, "")
	s.do(t, "POST", "/auth/logout?everywhere=1", "", nil, sameOrigin("a=b")...).want(t, "everywhere without a cookie", 401, "sign_in_required")
	s.do(t, "POST", "/auth/logout?everywhere=1", "", nil, sameOrigin(two)...).want(t, "everywhere", 204, "")
	me(one).want(t, "the cookie of before", 401, "sign_in_required")
	me(two).want(t, "the cookie of the other browser", 401, "sign_in_required")
	me(other).want(t, "another person", 200, "")
	me(s.signInAs(t, "ada")).want(t, "signed in again within the same moment", 200, "")

	// Somebody else ends the cookies of a person who has left.
	end := func(token string, headers ...string) answer {
		return s.do(t, "POST", "/api/v1/users/"+signin.UserID("header", "bob")+"/sign-out", token, nil, headers...)
	}
	end("").want(t, "without a sign-in", 401, "sign_in_required")
	end("", sameOrigin(s.signInAs(t, "eve"))...).want(t, "by a colleague", 403, "not_admin")
	me(other).want(t, "bob until then", 200, "")
	end("", sameOrigin(s.signInAs(t, "root", "Remote-Groups", "admins"))...).want(t, "by an administrator", 204, "")
	me(other).want(t, "bob", 401, "sign_in_required")
	s.advance(time.Millisecond)
	again := s.signInAs(t, "bob")
	me(again).want(t, "bob again", 200, "")
	s.advance(time.Millisecond)
	end(apiKey).want(t, "by an API key", 204, "")
	me(again).want(t, "bob after the key", 401, "sign_in_required")
	s.do(t, "POST", "/api/v1/users/bob/sign-out", apiKey, nil).want(t, "by a name", 422, "invalid_input")
	if !strings.Contains(s.log.String(), signin.UserID("header", "bob")) {
		t.Error("the log does not say who signed in")
	}
}

// Headers count at /auth/login alone, exactly there, from the proxy alone.
func TestHeadersOfTheProxyAlone(t *testing.T) {
	t.Parallel()
	s := byHeader(t, nil)
	for _, path := range []string{"/auth/login/", "/auth/%6cogin", "//auth/login", "/auth//login", "/auth/./login", "/auth/x/../login", "/AUTH/login"} {
		a := s.do(t, "GET", path, "", nil, "Remote-User", "admin")
		if a.status < 400 || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %s %v", path, a, a.header)
		}
	}
	s.do(t, "GET", "/auth/login", "", nil).want(t, "no header", 401, "sign_in_not_by_proxy")
	s.do(t, "GET", "/auth/login", "", nil, "Remote-User", " ").want(t, "an empty header", 401, "sign_in_not_by_proxy")
	s.do(t, "GET", "/auth/login", "", nil, "X-Auth-Request-User", "admin").want(t, "a header of another proxy", 401, "sign_in_not_by_proxy")
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/auth/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["Remote-User"] = []string{"ada", "admin"}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); res.StatusCode != 401 {
		t.Errorf("two users: %s", res.Status)
	}
	elsewhere := byHeader(t, func(o *api.Options) {
		o.Proxies = []*net.IPNet{{IP: net.IPv4(10, 0, 0, 1).To4(), Mask: net.CIDRMask(32, 32)}}
	})
	for _, headers := range [][]string{{"Remote-User", "ada"}, {"Remote-User", "ada", "X-Forwarded-For", "10.0.0.1"}} {
		a := elsewhere.do(t, "GET", "/auth/login", "", nil, headers...)
		a.want(t, "not from the proxy", 401, "sign_in_not_by_proxy")
		if a.header.Get("Set-Cookie") != "" {
			t.Errorf("a cookie for %v", headers)
		}
	}
	page := s.do(t, "GET", "/auth/login", "", nil, "Accept", "text/html")
	if page.status != 401 || !strings.Contains(string(page.body), "You are not signed in") {
		t.Errorf("a person sees %s", page)
	}
}

// Over HTTPS the cookie has the prefix that no other host can plant. Plain http works on this
// machine alone.
func TestCookieAttributes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		tune    func(*api.Options)
		headers []string
		cookie  string // "": refused
	}{
		"this machine":          {nil, nil, "parley-local"},
		"localhost":             {nil, []string{"Host", "localhost:8080"}, "parley-local"},
		"IPv6":                  {nil, []string{"Host", "[::1]:8080"}, "parley-local"},
		"plain http":            {nil, []string{"Host", "parley.example"}, ""},
		"looks like localhost":  {nil, []string{"Host", "localhost.example"}, ""},
		"a proxy with HTTPS":    {nil, []string{"Host", "parley:8080", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "parley.example"}, "__Host-parley"},
		"public URL with HTTPS": {func(o *api.Options) { o.PublicURL = "https://parley.example" }, []string{"Host", "parley:8080"}, "__Host-parley"},
		"public URL without":    {func(o *api.Options) { o.PublicURL = "http://parley.example" }, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := byHeader(t, tc.tune)
			a := s.do(t, "GET", "/auth/login?next=//evil.example", "", nil, append([]string{"Remote-User", "ada"}, tc.headers...)...)
			if tc.cookie == "" {
				a.want(t, "sign in", 400, "sign_in_needs_https")
				return
			}
			a.want(t, "sign in", 303, "")
			if to := a.header.Get("Location"); to != "/" {
				t.Errorf("it leads to %q", to)
			}
			_, c := cookieOf(t, a, tc.cookie)
			if c.Secure != (tc.cookie == "__Host-parley") || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge <= 0 {
				t.Errorf("the cookie is %v", c)
			}
		})
	}
}

func (s *service) mustCreate(t *testing.T) session.Session {
	t.Helper()
	made, err := s.sessions.Create(t.Context(), session.Draft{})
	if err != nil {
		t.Fatal(err)
	}
	return made.Session
}
