package api_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/api"
	"parley/pkg/access"
	"parley/pkg/session"
	"parley/pkg/store/redistest"
)

// Callers of the table below. The callers from nobody on have no valid credentials.
const (
	lead, cand, obs = "interviewer", "candidate", "observer"
	nobody          = "nobody"
	removed         = "removed" // was a candidate
)

// house is a session in a given state, with the credentials of all callers.
type house struct {
	id      session.ID
	tokens  map[string]string // by caller
	pid     session.ParticipantID
	invites map[access.Role]access.Code
}

// States of a session.
const (
	waiting, active, ended, deleted, expired = "waiting", "active", "ended", "deleted", "expired"
)

// build makes a house without using the API.
func (s *service) build(t *testing.T, state string, forged map[string]func(session.ID, session.ParticipantID) string) house {
	t.Helper()
	ctx := t.Context()
	made, err := s.sessions.Create(ctx, session.Draft{Lobby: state == waiting})
	if err != nil {
		t.Fatal(err)
	}
	h := house{id: made.Session.ID, tokens: map[string]string{nobody: ""}, invites: made.Codes}
	h.tokens[lead] = s.token(t, made.Session, made.Creator.ID)
	for caller, role := range map[string]access.Role{cand: access.Candidate, obs: access.Observer, removed: access.Candidate} {
		_, p, err := s.sessions.JoinAs(ctx, h.id, role, session.Profile{Name: caller})
		if err != nil {
			t.Fatal(err)
		}
		h.tokens[caller] = s.token(t, made.Session, p.ID)
		if caller == cand {
			h.pid = p.ID
		}
		if caller == removed {
			if _, _, err := s.sessions.Leave(ctx, h.id, p.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	for caller, forge := range forged {
		h.tokens[caller] = forge(h.id, made.Creator.ID)
	}
	switch state {
	case ended:
		status := session.Ended
		_, err = s.sessions.Change(ctx, h.id, session.Change{Status: &status})
	case deleted:
		err = s.sessions.Delete(ctx, h.id)
	case expired:
		s.advance(sessionTTL)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (s *service) token(t *testing.T, sess session.Session, who session.ParticipantID) string {
	t.Helper()
	token, err := s.tokens.Issue(access.Claims{Session: string(sess.ID), Participant: string(who), Expires: sess.ExpiresAt})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// jwt builds a token by hand, as an attacker would.
func jwt(header string, claims map[string]any, sign func(signed string) []byte) string {
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	signed := enc([]byte(header)) + "." + enc(body)
	return signed + "." + enc(sign(signed))
}

func hs256(key []byte) func(string) []byte {
	return func(signed string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(signed))
		return mac.Sum(nil)
	}
}

// forgeries returns forged tokens for the interviewer of a session. All must be refused.
func (s *service) forgeries(t *testing.T) map[string]func(session.ID, session.ParticipantID) string {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := func(id session.ID, who session.ParticipantID, change map[string]any) map[string]any {
		c := map[string]any{"iss": "parley", "sub": who, "aud": []string{string(id)}, "iat": s.clock().Unix(), "exp": s.clock().Add(sessionTTL).Unix()}
		for k, v := range change {
			if c[k] = v; v == nil {
				delete(c, k)
			}
		}
		return c
	}
	const head = `{"alg":"HS256","typ":"JWT"}`
	forge := func(header string, sign func(string) []byte, change map[string]any) func(session.ID, session.ParticipantID) string {
		return func(id session.ID, who session.ParticipantID) string {
			return jwt(header, claims(id, who, change), sign)
		}
	}
	good := hs256(s.secret)
	out := map[string]func(session.ID, session.ParticipantID) string{
		"nonsense":               func(session.ID, session.ParticipantID) string { return "nonsense" },
		"no algorithm":           forge(`{"alg":"none","typ":"JWT"}`, func(string) []byte { return nil }, nil),
		"no algorithm, signed":   forge(`{"alg":"none"}`, good, nil),
		"another key":            forge(head, hs256([]byte(strings.Repeat("k", 32))), nil),
		"an empty key":           forge(head, hs256(nil), nil),
		"no signature":           forge(head, func(string) []byte { return nil }, nil),
		"another session":        forge(head, good, map[string]any{"aud": []string{"00000000"}}),
		"several sessions":       forge(head, good, map[string]any{"aud": []string{"00000000", "11111111"}}),
		"another service":        forge(head, good, map[string]any{"iss": "other"}),
		"expired":                forge(head, good, map[string]any{"exp": s.clock().Add(-time.Second).Unix()}),
		"no expiry":              forge(head, good, map[string]any{"exp": nil}),
		"no participant":         forge(head, good, map[string]any{"sub": nil}),
		"an unknown participant": forge(head, good, map[string]any{"sub": "0000000000000000"}),
		"HS512, the right key": forge(`{"alg":"HS512"}`, func(signed string) []byte {
			mac := hmac.New(sha512.New, s.secret)
			mac.Write([]byte(signed))
			return mac.Sum(nil)
		}, nil),
		"RS256": forge(`{"alg":"RS256"}`, func(signed string) []byte {
			sum := sha256.Sum256([]byte(signed))
			sig, err := rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, sum[:])
			if err != nil {
				panic(err)
			}
			return sig
		}, nil),
	}
	if _, err := s.tokens.Verify(forge(head, good, nil)("0a1b2c3d", "p"), "0a1b2c3d"); err != nil {
		t.Fatalf("the token that the forgeries start from is not valid: %v", err)
	}
	return out
}

// row is one request about a session. may lists the roles that are allowed while the session is
// active.
type row struct {
	name, method, path string // {pid} is the id of the candidate
	body               any
	may                []string
	status             int
	edits              bool // before the start for interviewers only; for nobody after the end
	enters             bool // before the start for interviewers only
	self               bool // with open access, allowed without a token
	runs               bool // only while the interview runs
	token              bool // with open access too
}

var all = []string{lead, cand, obs}

var rows = []row{
	{name: "read", method: "GET", may: all, status: 200},
	{name: "title", method: "PATCH", body: map[string]string{"title": "t"}, may: []string{lead}, status: 200},
	{name: "end", method: "PATCH", body: map[string]string{"status": "ended"}, may: []string{lead}, status: 200},
	{name: "patch code", method: "PATCH", body: map[string]string{"code": "c"}, may: []string{lead, cand}, status: 200, edits: true},
	{name: "patch language", method: "PATCH", body: map[string]string{"language": "go"}, may: []string{lead, cand}, status: 200, edits: true},
	{name: "put code", method: "PUT", path: "/code", body: map[string]string{"code": "d"}, may: []string{lead, cand}, status: 200, edits: true},
	{name: "people", method: "GET", path: "/participants", may: all, status: 200},
	{name: "role", method: "PATCH", path: "/participants/{pid}", body: map[string]string{"role": "observer"}, may: []string{lead}, status: 200},
	{name: "name", method: "PATCH", path: "/participants/{pid}", body: map[string]string{"name": "n"}, may: []string{cand}, status: 200, self: true},
	{name: "remove", method: "DELETE", path: "/participants/{pid}", may: []string{lead, cand}, status: 204},
	{name: "invite", method: "POST", path: "/invites/candidate", may: []string{lead}, status: 201},
	{name: "export", method: "GET", path: "/export", may: all, status: 200, enters: true},
	{name: "timeline", method: "GET", path: "/timeline", may: []string{lead}, status: 200},
	{name: "mark", method: "POST", path: "/marks", body: map[string]string{"text": "m"}, may: []string{lead}, status: 201, runs: true},
	{name: "quiet", method: "POST", path: "/quiet", body: map[string]int{"minutes": 5}, may: []string{lead, cand}, status: 200, runs: true},
	{name: "end quiet", method: "DELETE", path: "/quiet", may: []string{lead, cand}, status: 200, runs: true},
	{name: "replay link", method: "POST", path: "/invites/replay", may: []string{lead}, status: 201},
	{name: "revoke replay link", method: "DELETE", path: "/invites/replay", may: []string{lead}, status: 204},
	{name: "scorecards", method: "GET", path: "/scorecards", may: []string{lead}, status: 200, token: true},
	{name: "scorecard", method: "PUT", path: "/scorecards/me", body: map[string]string{"words": "w"}, may: []string{lead}, status: 200, token: true},
	{name: "comment", method: "POST", path: "/comments", body: map[string]any{"moment": 1, "text": "c"}, may: []string{lead}, status: 201, token: true},
	{name: "delete", method: "DELETE", may: []string{lead}, status: 204},
}

// want returns the expected answer of a row for a caller.
func (r row) want(caller, state string, isOpen bool) (int, string) {
	if state == deleted || state == expired {
		return 410, "session_gone"
	}
	known := caller == lead || caller == cand || caller == obs
	switch {
	case !known && isOpen && r.self:
		return r.status, ""
	case !known && isOpen && !r.token:
		caller = lead
	case caller == nobody:
		return 401, "token_required"
	case !known:
		return 401, "token_invalid"
	}
	may := false
	for _, role := range r.may {
		may = may || role == caller
	}
	switch {
	case !may:
		return 403, "forbidden"
	case (r.edits || r.enters) && state == waiting && caller != lead:
		return 409, "not_started"
	case r.runs && state == waiting:
		return 409, "not_started"
	case (r.edits || r.runs) && state == ended:
		return 409, "session_ended"
	}
	return r.status, ""
}

// Every row of the API, for every caller, in every state of the session, in both access modes.
func TestEveryDoor(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	for mode, tune := range map[string]func(*api.Options){"invite": nil, "invite, made by another node": nil, "open": open} {
		for _, state := range []string{waiting, active, ended, deleted, expired} {
			t.Run(mode+" "+state, func(t *testing.T) {
				t.Parallel()
				var s, maker *service
				if strings.Contains(mode, "another node") {
					s, maker = newNode(t, redis.URL(), tune), newNode(t, redis.URL(), tune)
				} else {
					s = newService(t, tune)
					maker = s
				}
				forged := s.forgeries(t)
				// The other modes and states share the code: a sample is enough.
				if mode != "invite" || state != active {
					maps.DeleteFunc(forged, func(name string, _ func(session.ID, session.ParticipantID) string) bool {
						return name != "nonsense" && name != "an unknown participant" && name != "no algorithm"
					})
				}
				callers := []string{lead, cand, obs, nobody, removed}
				for caller := range forged {
					callers = append(callers, caller)
				}
				h := maker.build(t, state, forged)
				if state == expired && s != maker {
					// The session's clock started slightly earlier.
					s.advance(sessionTTL + time.Minute)
				}
				for _, r := range rows {
					for _, caller := range callers {
						status, code := r.want(caller, state, mode == "open")
						path := "/api/v1/sessions/" + string(h.id) + strings.ReplaceAll(r.path, "{pid}", string(h.pid))
						s.do(t, r.method, path, h.tokens[caller], r.body).want(t, fmt.Sprintf("%s as %s", r.name, caller), status, code)
						if status < 300 && r.method != "GET" {
							h = maker.build(t, state, forged)
						}
					}
				}
				s.tryJoining(t, h, state, mode == "open")
				s.trySockets(t, h, callers, state, mode == "open")
			})
		}
	}
}

// tryJoining joins with a code and without one.
func (s *service) tryJoining(t *testing.T, h house, state string, isOpen bool) {
	t.Helper()
	gone := state == deleted || state == expired
	join := func(what, path, invite string, status int, code string) {
		t.Helper()
		if gone && status != 403 {
			status, code = 410, "session_gone"
		}
		body := map[string]string{"name": "x"}
		if invite != "" {
			body["invite"] = invite
		}
		s.do(t, "POST", path, "", body).want(t, what, status, code)
	}
	inside := "/api/v1/sessions/" + string(h.id) + "/join"
	for role, code := range h.invites {
		join("join as "+string(role), inside, code.String(), 200, "")
		join("join by the code alone", "/api/v1/join", code.String(), 200, "")
	}
	if isOpen {
		join("join without a code", inside, "", 200, "")
	} else if !gone {
		join("join without a code", inside, "", 403, "invite_required")
	}
	if !gone {
		join("join with another code", inside, "0000-0000-0000", 403, "invite_invalid")
	}
}

// trySockets connects to the main document, the notes and the lobby.
func (s *service) trySockets(t *testing.T, h house, callers []string, state string, isOpen bool) {
	t.Helper()
	for _, doc := range []string{"", "notes", "lobby"} {
		for _, caller := range callers {
			if got, want := s.knock(t, ws(string(h.id), doc, h.tokens[caller])), socketWant(caller, doc, state, isOpen); got != want {
				t.Errorf("socket %q as %s: %d, want %d", doc, caller, got, want)
			}
		}
	}
}

// socketWant returns the expected close code, or 0 if the caller is admitted.
func socketWant(caller, doc, state string, isOpen bool) int {
	if state == deleted || state == expired {
		return 4410
	}
	if known := caller == lead || caller == cand || caller == obs; !known {
		switch {
		case isOpen:
			caller = lead
		case caller == removed || caller == "an unknown participant":
			return 4403
		default:
			return 4401
		}
	}
	switch {
	case caller == lead:
		return 0
	case doc == "notes":
		return 4403
	case state == waiting && doc != "lobby":
		return 4503
	}
	return 0
}

// knock connects and returns the close code, or 0 if the caller is admitted.
func (s *service) knock(t *testing.T, path string) int {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+path, nil)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	_, _, err = conn.ReadMessage()
	if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
		return closed.Code
	}
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return 0
}

// Every operation of the OpenAPI document is in the table above or has its own test.
func TestTableIsWhole(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{
		"create-session": true, "list-sessions": true, "join": true, "look-at-invite": true, "join-session": true, "get-config": true, "get-health": true,
		"open-replay":  true,
		"list-archive": true, "get-archived": true, "get-archived-bundle": true, "keep-archived": true, "delete-archived": true, "forget-participant": true,
		// questions_test.go has what is about questions.
		"list-questions": true, "get-question": true, "ask-question": true, "reveal-part": true, "get-guide": true,
		"submit-scorecard": true, "remove-comment": true, // scorecards_test.go
		// signin_test.go and mine_test.go have what needs a signed-in person.
		"get-me": true, "sign-out-user": true, "list-my-sessions": true, "claim-session": true, "open-my-session": true,
	}
	for _, op := range loadSpec(t).operations {
		for _, r := range rows {
			path := strings.NewReplacer("/candidate", "/{role}").Replace("/api/v1/sessions/{id}" + r.path)
			if r.method == op.method && path == op.path {
				covered[op.OperationID] = true
			}
		}
		if !covered[op.OperationID] {
			t.Errorf("%s %s is not covered by any table", op.method, op.path)
		}
	}
}
