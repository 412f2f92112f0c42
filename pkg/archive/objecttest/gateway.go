package objecttest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Keys of every gateway.
const (
	AccessKey = "parley-test"
	SecretKey = "parley-test-secret"
)

// GatewayOptions configure a Gateway.
type GatewayOptions struct {
	Dir    string // holds the buckets; "": a new one
	Locked bool   // the bucket has Object Lock
}

// Gateway is an S3-compatible server, Versity's gateway, over a directory.
type Gateway struct {
	Addr   string
	Bucket string
	Dir    string // of the bucket

	process *exec.Cmd
	ended   chan struct{}
}

// StartGateway runs a gateway with one empty bucket until the test ends.
func StartGateway(t testing.TB, opts GatewayOptions) *Gateway {
	t.Helper()
	program, err := gatewayProgram()
	if err != nil {
		t.Fatal(err)
	}
	dir := opts.Dir
	if dir == "" {
		dir = t.TempDir()
	}
	g := &Gateway{Bucket: "interviews", Dir: filepath.Join(dir, "buckets", "interviews")}
	for _, d := range []string{g.Dir, filepath.Join(dir, "versions"), filepath.Join(dir, "sidecars")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if opts.Locked {
		if err := os.Remove(g.Dir); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		if err = g.start(program, dir); err == nil {
			t.Cleanup(g.Stop)
			return g
		}
	}
	t.Fatalf("start the gateway: %v", err)
	return nil
}

// start runs the gateway on a free port. Another process may take the port first.
func (g *Gateway) start(program, dir string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	g.Addr = l.Addr().String()
	l.Close()
	var out strings.Builder
	cmd := exec.Command(program, "--port", g.Addr, "--quiet", "--health", "/health", "posix",
		"--versioning-dir", filepath.Join(dir, "versions"), "--sidecar", filepath.Join(dir, "sidecars"), filepath.Join(dir, "buckets"))
	cmd.Env = []string{"ROOT_ACCESS_KEY=" + AccessKey, "ROOT_SECRET_KEY=" + SecretKey, "HOME=" + dir}
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return err
	}
	g.process, g.ended = cmd, make(chan struct{})
	go func() { // ends with the process
		defer close(g.ended)
		_ = cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.Addr+"/health", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(request); err == nil {
			res.Body.Close()
			return nil
		}
		select {
		case <-g.ended:
			return fmt.Errorf("it ended: %s", out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	g.Stop()
	return fmt.Errorf("it does not answer: %w", ctx.Err())
}

// Stop ends the gateway at once.
func (g *Gateway) Stop() {
	_ = g.process.Process.Kill() // it may have ended
	<-g.ended
}

// gatewayVersion is part of the name of the built program. It is the version in gateway/go.mod.
const gatewayVersion = "v1.8.0"

// gatewayProgram builds the gateway, once for a user: it takes some minutes without Go's cache.
var gatewayProgram = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("PARLEY_VERSITYGW"); path != "" {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	path := filepath.Join(cache, "parley", "versitygw-"+gatewayVersion+"-"+runtime.GOARCH)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	// Tests of several packages may build it at once; the last rename wins.
	partial := fmt.Sprintf("%s.%d", path, os.Getpid())
	_, here, _, _ := runtime.Caller(0)
	build := exec.Command("go", "build", "-C", filepath.Join(filepath.Dir(here), "gateway"), "-o", partial, "github.com/versity/versitygw/cmd/versitygw")
	build.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the S3 gateway of the tests (or name one by PARLEY_VERSITYGW): %w\n%s", err, out)
	}
	return path, os.Rename(partial, path)
})
