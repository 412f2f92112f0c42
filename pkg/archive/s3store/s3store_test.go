package s3store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"parley/pkg/archive"
	"parley/pkg/archive/objecttest"
	"parley/pkg/archive/s3store"
)

var keys = s3store.Keys{Access: objecttest.AccessKey, Secret: objecttest.SecretKey}

func place(addr, bucket, prefix string) archive.Place {
	return archive.Place{Bucket: bucket, Prefix: prefix, Endpoint: addr, Region: "us-east-1", PathStyle: true, Insecure: true}
}

func open(t *testing.T, p archive.Place, k s3store.Keys) *s3store.Store {
	t.Helper()
	s, err := s3store.Open(p, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *s3store.Store, key, content string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	var n atomic.Int32
	objecttest.Run(t, func(t *testing.T) archive.Objects {
		return open(t, place(g.Addr, g.Bucket, fmt.Sprintf("some/prefix%d", n.Add(1))), keys)
	})
}

// What the service refuses has a name, and says what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	for name, c := range map[string]struct {
		place archive.Place
		keys  s3store.Keys
		is    error
		says  string
	}{
		"wrong secret":   {place(g.Addr, g.Bucket, ""), s3store.Keys{Access: objecttest.AccessKey, Secret: "wrong"}, archive.ErrDenied, "PARLEY_ARCHIVE_SECRET"},
		"unknown key":    {place(g.Addr, g.Bucket, ""), s3store.Keys{Access: "nobody", Secret: "wrong"}, archive.ErrDenied, "PARLEY_ARCHIVE_KEY"},
		"missing bucket": {place(g.Addr, "not-there", ""), keys, nil, "create the bucket"},
	} {
		s := open(t, c.place, c.keys)
		for what, err := range map[string]error{
			"put":  s.Put(t.Context(), "a", strings.NewReader("x")),
			"list": s.List(t.Context(), "", func(archive.Object) error { return nil }),
		} {
			if err == nil || c.is != nil && !errors.Is(err, c.is) || errors.Is(err, archive.ErrNoObject) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

// between serves as the service, and lets handle answer in its place.
func between(t *testing.T, addr string, handle func(w http.ResponseWriter, r *http.Request, next http.Handler)) string {
	t.Helper()
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", addr // Out.Host stays: it is signed
	}}
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r, proxy) }))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// A line that breaks in the middle of an upload leaves the old object. One that breaks in the
// middle of a download gives an error, and no short object.
func TestCutOff(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	direct := open(t, place(g.Addr, g.Bucket, ""), keys)
	large := strings.Repeat("0123456789abcdef", 1<<16)
	put(t, direct, "a", large)
	var cut atomic.Bool
	addr := between(t, g.Addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		switch {
		case !cut.Load():
			next.ServeHTTP(w, r)
		case r.Method == http.MethodPut:
			_, _ = io.CopyN(io.Discard, r.Body, 1<<18)
			panic(http.ErrAbortHandler)
		default:
			next.ServeHTTP(&short{ResponseWriter: w, left: 1 << 18}, r)
			panic(http.ErrAbortHandler)
		}
	})
	s := open(t, place(addr, g.Bucket, ""), keys)
	cut.Store(true)
	if err := s.Put(t.Context(), "a", bytes.NewReader(bytes.Repeat([]byte("x"), 1<<20))); err == nil {
		t.Error("an upload that broke is taken for whole")
	}
	r, err := s.Get(t.Context(), "a")
	if err == nil {
		var n int64
		n, err = io.Copy(io.Discard, r)
		r.Close()
		if err == nil {
			t.Errorf("a download that broke after %d bytes is taken for whole", n)
		}
	}
	cut.Store(false)
	if r, err = s.Get(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != large {
		t.Errorf("the old object has %d bytes, %v", len(got), err)
	}
}

// short passes on a part of a body.
type short struct {
	http.ResponseWriter
	left int
}

func (s *short) Write(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.ErrClosedPipe
	}
	n, err := s.ResponseWriter.Write(p[:min(len(p), s.left)])
	if s.left -= n; err == nil {
		err = http.NewResponseController(s.ResponseWriter).Flush()
	}
	return n, err
}

// A service that is busy is asked again. One that is full, or finds the clock wrong, says so.
func TestAnswersOfTheService(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	var code atomic.Value
	var times atomic.Int32
	addr := between(t, g.Addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer, _ := code.Load().(string)
		if answer == "" || times.Add(-1) < 0 {
			next.ServeHTTP(w, r)
			return
		}
		status, name, _ := strings.Cut(answer, " ")
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(map[string]int{"403": 403, "503": 503, "507": 507}[status])
		_, _ = io.WriteString(w, "<Error><Code>"+name+"</Code><Message>m</Message></Error>")
	})
	s := open(t, place(addr, g.Bucket, ""), keys)
	code.Store("503 SlowDown")
	times.Store(2)
	put(t, s, "a", "x")
	for answer, c := range map[string]struct {
		is   error
		says string
	}{
		"507 XMinioStorageFull":    {archive.ErrNoSpace, ""},
		"403 QuotaExceeded":        {archive.ErrNoSpace, ""},
		"403 RequestTimeTooSkewed": {nil, "NTP"},
		"403 AccessDenied":         {archive.ErrDenied, ""},
	} {
		code.Store(answer)
		times.Store(100)
		err := s.Put(t.Context(), "a", strings.NewReader("y"))
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	times.Store(0)
	if r, err := s.Get(t.Context(), "a"); err != nil {
		t.Error(err)
	} else if got, _ := io.ReadAll(r); string(got) != "x" {
		t.Errorf("the object is %q", got)
	}
}

// The service itself refuses a request that is signed at another time.
func TestClockOff(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	addr := between(t, g.Addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		off, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err != nil {
			t.Errorf("no date: %v", err)
		}
		r.Header.Set("X-Amz-Date", off.Add(-time.Hour).Format("20060102T150405Z"))
		next.ServeHTTP(w, r)
	})
	err := open(t, place(addr, g.Bucket, ""), keys).Put(t.Context(), "a", strings.NewReader("x"))
	if err == nil || !strings.Contains(err.Error(), "clock") {
		t.Errorf("put with a wrong clock: %v", err)
	}
}

// A service that does not answer gives an error that is none of the named ones.
func TestAway(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, err = open(t, place(addr, "interviews", ""), keys).Get(t.Context(), "a")
	for _, is := range []error{archive.ErrNoObject, archive.ErrDenied, archive.ErrLocked, archive.ErrNoSpace} {
		if err == nil || errors.Is(err, is) {
			t.Errorf("get from nowhere: %v", err)
		}
	}
}

// A bucket with Object Lock is noticed, and what it keeps says so.
func TestObjectLock(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{Locked: true})
	client, err := minio.New(g.Addr, &minio.Options{Creds: credentials.NewStaticV4(keys.Access, keys.Secret, ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(t.Context(), g.Bucket, minio.MakeBucketOptions{ObjectLocking: true}); err != nil {
		t.Fatal(err)
	}
	s := open(t, place(g.Addr, g.Bucket, ""), keys)
	if locked, err := s.Locked(t.Context()); err != nil || !locked {
		t.Errorf("locked: %v, %v", locked, err)
	}
	plain := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	if locked, err := open(t, place(plain.Addr, plain.Bucket, ""), keys).Locked(t.Context()); err != nil || locked {
		t.Errorf("a plain bucket is locked: %v, %v", locked, err)
	}
}

// The objects stand under the prefix, and those of others are not listed.
func TestPrefix(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	put(t, open(t, place(g.Addr, g.Bucket, "team/interviews"), keys), "2026/11/a.zip", "x")
	if raw, err := os.ReadFile(filepath.Join(g.Dir, "team/interviews/2026/11/a.zip")); err != nil || string(raw) != "x" {
		t.Errorf("the file is %q, %v", raw, err)
	}
	if err := open(t, place(g.Addr, g.Bucket, "team/inter"), keys).List(t.Context(), "", func(o archive.Object) error {
		t.Errorf("listed %s of another prefix", o.Key)
		return nil
	}); err != nil {
		t.Error(err)
	}
}
