package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// write puts text into the file main, as a peer would over its socket.
func (s *service) write(t *testing.T, id, text string) {
	t.Helper()
	err := s.relay.Edit(t.Context(), relay.RoomID{Session: id}, "", func(d *crdt.Doc) error {
		main := d.Text("file:main")
		if err := main.Delete(0, main.Len()); err != nil {
			return err
		}
		return main.Insert(0, text)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Code that fits into a request comes back whole. Longer code is cut on a whole character, and the
// answer says so.
func TestLongCodeIsCut(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	made := s.create(t, nil)
	for name, tc := range map[string]struct {
		text string
		want int // bytes of code; -1: all
	}{
		"short":               {"x = 1\n", -1},
		"as long as PUT":      {strings.Repeat("x", session.MaxCode), -1},
		"line ends, long":     {strings.Repeat("\n", session.MaxCode), -1},
		"as long as possible": {strings.Repeat("x", 1<<20), -1},
		"one too long":        {strings.Repeat("x", 1<<20+1), 1 << 20},
		"grown by JSON":       {strings.Repeat("\x01", 1<<20), (1 << 20) / 6},
		"wide":                {"x" + strings.Repeat("😀", 1<<18), 1<<20 - 3},
	} {
		s.write(t, made.ID, tc.text)
		a := s.do(t, "GET", "/api/v1/sessions/"+made.ID, made.Token, nil)
		a.want(t, name, 200, "")
		got := decode[api.Session](t, a)
		whole := tc.want < 0
		if whole {
			tc.want = len(tc.text)
		}
		if got.Code != tc.text[:tc.want] || got.CodeTruncated == whole {
			t.Errorf("%s: %d bytes of code, truncated %v; want %d", name, len(got.Code), got.CodeTruncated, tc.want)
		}
		if len(a.body) > 1<<20+4<<10 {
			t.Errorf("%s: the answer has %d bytes", name, len(a.body))
		}
	}
	for what, a := range map[string]answer{
		"put":   s.do(t, "PUT", "/api/v1/sessions/"+made.ID+"/code", made.Token, map[string]string{"code": "", "language": "go"}),
		"patch": s.do(t, "PATCH", "/api/v1/sessions/"+made.ID, made.Token, map[string]string{"title": "x"}),
	} {
		if strings.Contains(string(a.body), "code_truncated") {
			t.Errorf("%s: %s", what, a)
		}
	}
}

// unread sends a request on a connection that nobody reads.
func (s *service) unread(t *testing.T, request string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	return c
}

func getRequest(path, token string) string {
	return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
}

// Clients that ask for a large document and do not read the answers must cost little memory. Others
// still get their answers, and all is given back when the clients leave. The test is not parallel,
// because it measures the memory of the process.
func TestUnreadAnswers(t *testing.T) {
	s := newService(t, nil)
	made := s.create(t, nil)
	s.write(t, made.ID, strings.Repeat("\x01", 7<<20))
	before := heap()
	var conns []net.Conn
	for range 40 { // ten answers are more than the system's buffers of a connection take
		conns = append(conns, s.unread(t, strings.Repeat(getRequest("/api/v1/sessions/"+made.ID, made.Token), 10)))
	}
	eventually(t, "the answers of this address to hold all they may", func() bool { return s.server.Held() > 7<<20 })
	if grown := heap() - before; grown > 200<<20 { // all 400 answers would be 16 GiB
		t.Errorf("40 connections that nobody reads hold %d MiB", grown>>20)
	}
	if held := s.server.Held(); held > 8<<20 {
		t.Errorf("the answers of one address hold %d bytes", held)
	}
	got := decode[api.Session](t, s.do(t, "GET", "/api/v1/sessions/"+made.ID, made.Token, nil))
	if !got.CodeTruncated || got.ID != made.ID {
		t.Errorf("another client got %d bytes of code, truncated %v", len(got.Code), got.CodeTruncated)
	}
	other := s.create(t, map[string]string{"code": "x"})
	if got := decode[api.Session](t, s.do(t, "GET", "/api/v1/sessions/"+other.ID, other.Token, nil)); got.Code != "x" {
		t.Errorf("another session got %+v", got)
	}
	for _, c := range conns {
		c.Close()
	}
	eventually(t, "all to be given back", func() bool { return s.server.Held() == 0 })
}

// One address may not hold every connection.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.MaxConns = 10 })
	closed, conns := 0, make([]net.Conn, 130)
	for i := range conns {
		conns[i] = s.unread(t, "")
	}
	for _, c := range conns[100:] {
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
			closed++
		}
	}
	for _, c := range conns[:100] {
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
			closed++
		}
	}
	if closed != 30 {
		t.Errorf("%d of 130 connections were closed, want the last 30", closed)
	}
	if !strings.Contains(s.log.String(), "too many connections") {
		t.Error("the log does not say so")
	}
	trusted := newService(t, func(o *api.Options) { o.MaxConns, o.Proxies = 2, []*net.IPNet{loopback} })
	for range 120 {
		trusted.unread(t, "")
	}
	trusted.do(t, "GET", "/healthz", "", nil).want(t, "behind a proxy", 200, "")
}

var loopback = &net.IPNet{IP: net.IPv4(127, 0, 0, 0), Mask: net.CIDRMask(8, 32)}

func isTimeout(err error) bool {
	t, ok := err.(net.Error)
	return ok && t.Timeout()
}

// Requests that announce a large body cost what they send, whoever announces it.
func TestAnnouncedBodies(t *testing.T) {
	s := newService(t, nil)
	before := heap()
	for i := range 300 {
		head := "Content-Length: 1040000"
		if i%2 == 0 {
			head = "Transfer-Encoding: chunked"
		}
		start := "{"
		if i%2 == 0 {
			start = "fde80\r\n{" // a chunk of 1,040,000 bytes
		}
		s.unread(t, "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+head+"\r\n\r\n"+start)
	}
	eventually(t, "the requests", func() bool { return s.server.Connections() >= 300 })
	if grown := heap() - before; grown > 300*(64<<10) {
		t.Errorf("300 requests of 130 bytes take %d KiB each", grown/300>>10)
	}
	s.create(t, nil)
}

// Bodies that are under way are bounded for each address, in what they hold and not in how many
// they are.
func TestBodiesUnderWay(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	body := `{"code":"` + strings.Repeat("x", 1<<19)
	busy := 0
	conns := make([]net.Conn, 40)
	for i := range conns {
		conns[i] = s.unread(t, fmt.Sprintf("POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body)+2, body))
	}
	eventually(t, "bodies to be refused", func() bool { return strings.Contains(s.log.String(), "status=503") })
	if n := s.server.BodiesHeld(); n > 8<<20 {
		t.Errorf("the bodies of one address hold %d bytes", n)
	}
	small := s.create(t, map[string]string{"code": "small bodies pass"})
	if small.Code != "small bodies pass" {
		t.Errorf("the code is %q", small.Code)
	}
	for _, c := range conns {
		io.WriteString(c, `"}`)
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		status := make([]byte, 12)
		if _, err := io.ReadFull(c, status); err != nil || string(status) == "HTTP/1.1 503" {
			busy++ // a refused connection may be reset before its answer is read
		}
	}
	if busy == 0 || busy > 35 {
		t.Errorf("%d of %d bodies were refused", busy, len(conns))
	}
	eventually(t, "all to be given back", func() bool { return s.server.BodiesHeld() == 0 })
	s.create(t, map[string]string{"code": strings.Repeat("y", 1<<19)})
}

// What follows a body on its connection is the next request, whatever became of the body.
func TestRequestsBehindBodies(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	second := "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for name, tc := range map[string]struct {
		first string
		want  []int
	}{
		"a body":               {post("{}", ""), []int{201, 200}},
		"chunks":               {"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", []int{201, 200}},
		"a body nobody reads":  {"POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /", []int{404, 200}},
		"a body of a GET":      {"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /", []int{200, 200}},
		"a body that is large": {post(strings.Repeat("x", 2<<20), ""), []int{413, 200}},
		"a form in parts": {"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5\r\n\r\n--b\r\n",
			[]int{415, 200}},
		"more than is read": {post(strings.Repeat("x", 5<<20), ""), []int{413}},
		"a bad chunk":       {"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", []int{400}},
	} {
		c := s.unread(t, "")
		go io.WriteString(c, tc.first+second)
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		all, _ := io.ReadAll(c) // a reset ends the reading as well
		var got []int
		for _, part := range strings.Split(string(all), "HTTP/1.1 ")[1:] {
			var status int
			if _, err := fmt.Sscan(part[:3], &status); err != nil {
				t.Fatal(err)
			}
			got = append(got, status)
		}
		if name == "more than is read" && len(got) == 0 {
			continue // the reset came first
		}
		if fmt.Sprint(got) != fmt.Sprint(tc.want) {
			t.Errorf("%s: answers are %v, want %v", name, got, tc.want)
		}
	}
}

func post(body, headers string) string {
	return fmt.Sprintf("POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s", len(body), headers, body)
}

// A client may ask before it sends its body.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	body := `{"title":"asked first"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/sessions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Expect", "100-continue")
	asking := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: 10 * time.Second}}
	res, err := asking.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var made api.NewSession
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || made.Title != "asked first" {
		t.Errorf("got %d, title %q, %v", res.StatusCode, made.Title, err)
	}
}

// Archives that nobody reads are bounded, and end with their clients.
func TestUnreadExports(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	made := s.create(t, nil)
	noise := make([]byte, 6<<20)
	rand.NewChaCha8([32]byte{}).Read(noise)
	for i := range noise {
		noise[i] = ' ' + noise[i]%94
	}
	s.write(t, made.ID, string(noise))
	path := "/api/v1/sessions/" + made.ID + "/export"
	first, second := s.unread(t, getRequest(path, made.Token)), s.unread(t, getRequest(path, made.Token))
	const each = 5 * 6 << 20
	eventually(t, "two archives", func() bool { return s.server.ExportsHeld() > 2*each })
	third := s.unread(t, getRequest(path, made.Token))
	eventually(t, "a third archive", func() bool { return s.server.ExportsHeld() > 3*each })
	s.do(t, "GET", path, made.Token, nil).want(t, "a fourth archive", 503, "busy")
	small := s.create(t, nil)
	s.do(t, "GET", "/api/v1/sessions/"+small.ID+"/export", small.Token, nil).want(t, "a small archive", 200, "")
	for _, c := range []net.Conn{first, second, third} {
		c.Close()
	}
	eventually(t, "all to be given back", func() bool { return s.server.ExportsHeld() == 0 })
	if got := unzip(t, s.do(t, "GET", path, made.Token, nil)); got["files/main.js"] != string(noise) {
		t.Errorf("the archive has %d bytes of code", len(got["files/main.js"]))
	}
}
