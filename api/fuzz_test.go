package api_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/api"
)

var (
	fuzzRequests = flag.Int("requests", 120, "random requests for each operation and access mode")
	fuzzSeed     = flag.Uint64("seed", 20261121, "where the random requests start")
)

// signedInOnly are the operations that need sign-in.
var signedInOnly = []string{"get-me", "sign-out-user", "list-my-sessions", "claim-session", "open-my-session"}

// maker makes random requests from openapi.json.
type maker struct {
	spec
	rng    *rand.Rand
	tokens []string // valid and invalid tokens of several participants and sessions
	values map[string][]string
	people []guest
	self   guest // the sender of most requests
}

// guest is a participant with matching credentials.
type guest struct{ id, pid, token, invite string }

// own usually returns the value that belongs to the guest.
func (m *maker) own(name string) (string, bool) {
	v, ok := map[string]string{"id": m.self.id, "pid": m.self.pid, "token": m.self.token, "invite": m.self.invite}[name]
	return v, ok && m.rng.IntN(5) > 0
}

// pick returns one of the values, or sometimes a random text.
func (m *maker) pick(values []string) string {
	if len(values) == 0 || m.rng.IntN(6) == 0 {
		return m.text()
	}
	return values[m.rng.IntN(len(values))]
}

// text returns a string, either a known troublemaker or random bytes.
func (m *maker) text() string {
	odd := []string{
		"", " ", "x", "null", "../../etc/passwd", "a/b", "%00", "\x00", "\u202e", "😀", "é", "'\"<>&", strings.Repeat("a", 41), strings.Repeat("😀", 201),
		"\r\n", "#ffffff", "#GGGGGG", "python", "-1", "1e999", "0000-0000-0000", "{}", strings.Repeat("x", 70_000), "\ufffd", "__proto__",
	}
	if m.rng.IntN(4) > 0 {
		return odd[m.rng.IntN(len(odd))]
	}
	b := make([]byte, m.rng.IntN(24))
	for i := range b {
		b[i] = byte(m.rng.UintN(256))
	}
	return string(b)
}

// value returns a value for a field, usually one that the schema allows.
func (m *maker) value(name string, sc *schema) any {
	sc = m.resolve(sc)
	if m.rng.IntN(16) == 0 {
		return []any{nil, true, -1, 1.5, 1e300, "", []any{}, []any{nil}, map[string]any{}, map[string]any{"x": 1}}[m.rng.IntN(10)]
	}
	switch {
	case len(sc.Enum) > 0:
		return sc.Enum[m.rng.IntN(len(sc.Enum))]
	case sc.Type == "object":
		return m.object(sc)
	case sc.Type == "string":
		if v, ok := m.own(name); ok {
			return v
		}
		return m.pick(m.values[name])
	case name == "moments", name == "ratings": // scorecard has a fuzz test of its own
		return []any{}
	case name == "part":
		return m.rng.IntN(4)
	case name == "version":
		return []int{0, 1, 1, 2}[m.rng.IntN(4)]
	case sc.Type == "integer":
		return m.rng.IntN(300) - 20
	}
	return m.text()
}

// object returns an object of the schema. Some fields are missing, and sometimes one is unknown.
// How many are there is drawn for each object: of many fields one is nearly always wrong, so an
// object that had most of them would never be accepted.
func (m *maker) object(sc *schema) map[string]any {
	object, most := map[string]any{}, m.rng.IntN(4)
	for _, name := range slices.Sorted(maps.Keys(sc.Properties)) {
		if m.rng.IntN(3) < most || slices.Contains(sc.Required, name) && m.rng.IntN(8) > 0 {
			object[name] = m.value(name, sc.Properties[name])
		}
	}
	if m.rng.IntN(12) == 0 {
		object[m.text()] = m.text()
	}
	return object
}

// request returns path, token, body and content type of a random request.
func (m *maker) request(op operation) (path, token string, body any, headers []string) {
	path, m.self = op.path, m.people[m.rng.IntN(len(m.people))]
	query := url.Values{}
	for _, p := range op.Parameters {
		switch p.In {
		case "path":
			v, ok := m.own(p.Name)
			if !ok {
				v = fmt.Sprint(m.value(p.Name, p.Schema))
			}
			path = strings.ReplaceAll(path, "{"+p.Name+"}", escapeSegment(v))
		case "query":
			if m.rng.IntN(2) == 0 {
				query.Set(p.Name, fmt.Sprint(m.value(p.Name, p.Schema)))
			}
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	token, ok := m.own("token")
	if !ok {
		token = m.tokens[m.rng.IntN(len(m.tokens))]
	}
	if op.RequestBody == nil {
		return path, token, nil, nil
	}
	switch m.rng.IntN(12) {
	case 0:
		return path, token, nil, nil
	case 1:
		return path, token, m.text(), nil
	case 2:
		return path, token, m.text(), []string{"Content-Type", []string{"text/plain", "application/xml", "", "application/json; charset=utf-7"}[m.rng.IntN(4)]}
	}
	for _, media := range op.RequestBody.Content {
		body = m.value("", media.Schema)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return path, token, "{}", nil
	}
	return path, token, string(raw), nil
}

// escapeSegment keeps a value within its path segment: an empty value or dots would be another
// address.
func escapeSegment(s string) string {
	if strings.Trim(s, "./ \r\n\x00") == "" {
		s = "x"
	}
	return url.PathEscape(strings.ReplaceAll(s, "/", "_"))
}

// Random requests, valid and nearly valid by openapi.json, never get a 500, and every answer
// conforms to the document. On failure the seed and the request are printed.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	document := loadSpec(t)
	for mode, tune := range map[string]func(*api.Options){"invite": withKey, "open": open} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newService(t, tune)
			m := &maker{spec: document, rng: rand.New(rand.NewPCG(*fuzzSeed, uint64(len(mode))))}
			seen := map[string]bool{}
			for round := range *fuzzRequests {
				if round%8 == 0 {
					m.settle(t, s, mode)
				}
				for _, op := range m.operations {
					if len(m.values["id"]) > 0 && op.OperationID == "delete-session" && round%8 < 6 {
						continue // leaves some sessions for the other operations
					}
					path, token, body, headers := m.request(op)
					a := s.do(t, op.method, path, token, body, headers...)
					seen[fmt.Sprint(op.OperationID, " ", a.status)] = true
					if wrong := m.conforms(op, a); wrong != "" || a.status == 500 || a.status == 503 {
						t.Errorf("seed %d: %s %.200s %v %.300v\ngave %.300s: %s", *fuzzSeed, op.method, path, headers, body, a, wrong)
					}
				}
			}
			for _, op := range m.operations {
				good := 0
				for status := range op.Responses {
					if status < "300" && seen[op.OperationID+" "+status] {
						good++
					}
				}
				ofArchive := strings.Contains(op.path, "/archive") // TestArchiveDoors has those that succeed
				// Without sign-in nobody has a list. mine_test.go and signin_test.go have the rest.
				if good == 0 && !ofArchive && (op.OperationID != "list-sessions" || mode == "invite") && !slices.Contains(signedInOnly, op.OperationID) {
					t.Errorf("no request to %s succeeded, so the fuzzer covers too little", op.OperationID)
				}
			}
		})
	}
}

// over returns replay codes of a session that has ended.
func (s *service) over(t *testing.T, key string) []string {
	t.Helper()
	made := decode[api.NewSession](t, s.do(t, "POST", "/api/v1/sessions", key, nil))
	s.do(t, "PATCH", "/api/v1/sessions/"+made.ID, made.Token, map[string]string{"status": "ended"}).want(t, "end", 200, "")
	link := decode[api.ReplayLink](t, s.do(t, "POST", "/api/v1/sessions/"+made.ID+"/invites/replay", made.Token, nil))
	return []string{codeOf(link.URL), link.URL}
}

// settle creates sessions and participants for the requests to use.
func (m *maker) settle(t *testing.T, s *service, mode string) {
	t.Helper()
	key := map[string]string{"invite": apiKey}[mode]
	m.values = map[string][]string{
		"id": {}, "pid": {}, "invite": {}, "name": {"Ada", "Bo"}, "color": {"#4f8ff7", ""}, "language": {"go", "python"}, "title": {"T"}, "code": {"x", "y\n"}, "file": {"main", ""},
		"cursor": {""}, "external_id": {"R-7", ""}, "call_url": {"https://meet.example/a", ""}, "team": {""}, "uid": {"0123456789abcdef0123456789abcdef"},
		"question": {"visitors", "late-orders"}, "criterion": {"code", "approach"}, "comment": {"c1", "c2"}, "words": {"good", ""}, "text": {"here"},
	}
	m.tokens, m.people = []string{"", "nonsense", key, key}, nil
	for i, start := range []string{"now", "lobby", "now"} {
		a := s.do(t, "POST", "/api/v1/sessions", key, map[string]string{"start": start, "question": []string{"", "visitors", "islands"}[i]})
		a.want(t, "create", 201, "")
		made := decode[api.NewSession](t, a)
		j := s.join(t, made.Invites.Candidate, "Bo")
		m.tokens = append(m.tokens, made.Token, j.Token)
		m.people = append(m.people, guest{made.ID, made.Participant.ID, made.Token, codeOf(made.Invites.Observer)},
			guest{made.ID, j.Participant.ID, j.Token, codeOf(made.Invites.Candidate)})
		if key != "" {
			m.people = append(m.people, guest{made.ID, made.Participant.ID, key, ""})
		}
		m.values["id"] = append(m.values["id"], made.ID)
		m.values["cursor"] = append(m.values["cursor"], made.ID)
		m.values["pid"] = append(m.values["pid"], made.Participant.ID, j.Participant.ID)
		in := judges{people: people{token: map[string]string{"interviewer": made.Token}}, path: "/api/v1/sessions/" + made.ID}
		if i > 0 { // in the first session there is none yet
			s.put(t, in, "interviewer", card("x", 0))
		}
		for _, id := range m.values["comment"] {
			s.do(t, "POST", in.path+"/comments", made.Token, map[string]any{"id": id, "moment": 1, "text": "x"}).want(t, "comment", 201, "")
		}
		m.values["invite"] = append(m.values["invite"], codeOf(made.Invites.Candidate), codeOf(made.Invites.Observer))
	}
	m.values["code"] = append(m.values["code"], s.over(t, key)...)
	gone := decode[api.NewSession](t, s.do(t, "POST", "/api/v1/sessions", key, nil))
	s.do(t, "DELETE", "/api/v1/sessions/"+gone.ID, gone.Token, nil).want(t, "delete", 204, "")
	m.values["id"], m.tokens = append(m.values["id"], gone.ID), append(m.tokens, gone.Token)
}
