package redistest_test

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/pkg/store/redistest"
)

func TestServerKeepsItsDataOrNot(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{Durable: true, Password: "a-secret"})
	if !strings.Contains(s.URL(), ":a-secret@") {
		t.Errorf("URL is %s", s.URL())
	}
	s.Do("SET", "k", "v")
	s.Kill()
	if _, err := s.Try("GET", "k"); err == nil {
		t.Error("a killed server answers")
	}
	s.Restart()
	if got := s.Do("GET", "k"); !slices.Equal(got, []string{"v"}) {
		t.Errorf("after kill and restart: %v", got)
	}
	s.Stop()
	s.RestartEmpty()
	if got := s.Keys(); len(got) != 0 {
		t.Errorf("after a restart without data: %v", got)
	}
	s.Pause()
	done := make(chan error, 1)
	go func() { _, err := s.Try("PING"); done <- err }() // ends with the answer
	select {
	case err := <-done:
		t.Errorf("a paused server answered: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	s.Continue()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSentinelFailsOver(t *testing.T) {
	t.Parallel()
	g := redistest.StartSentinel(t, redistest.Options{})
	was := g.Master()
	was.Do("SET", "k", "v")
	was.Do("WAIT", "1", "0")
	was.Kill()
	g.AwaitFailover(was)
	if got := g.Master().Do("GET", "k"); !slices.Equal(got, []string{"v"}) {
		t.Errorf("the new master has %v", got)
	}
}

func TestClusterPromotes(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, redistest.Options{}, redistest.WithReplicas)
	if strings.Count(c.URL(), ",") != 2 {
		t.Errorf("URL is %s", c.URL())
	}
	c.Masters[1].Kill()
	c.AwaitPromotion(1)
}

func TestProxy(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // ends with the listener
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }() // ends with the connection
		}
	}()
	p := redistest.NewProxy(t, l.Addr().String())
	echo := func(c net.Conn) (time.Duration, error) {
		start := time.Now()
		if _, err := c.Write([]byte("x")); err != nil {
			return 0, err
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		return time.Since(start), err
	}
	dial := func() net.Conn {
		c, err := net.Dial("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if err := c.SetDeadline(time.Now().Add(redistest.Deadline)); err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := dial()
	if _, err := echo(c); err != nil {
		t.Fatal(err)
	}
	p.Delay(50 * time.Millisecond)
	if took, err := echo(c); err != nil || took < 100*time.Millisecond {
		t.Errorf("delayed by 50 ms each way: %v, %v", took, err)
	}
	p.Heal()
	p.Swallow()
	heard := make(chan error, 1)
	go func() { _, err := echo(c); heard <- err }() // ends with the answer
	select {
	case err := <-heard:
		t.Errorf("an answer arrived through Swallow: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	p.Heal()
	if err := <-heard; err != nil {
		t.Errorf("the data that was held back did not arrive: %v", err)
	}
	p.Cut()
	if _, err := echo(c); err == nil {
		t.Error("a cut connection answers")
	}
	if _, err := echo(dial()); err == nil {
		t.Error("a new connection through a cut network answers")
	}
	p.Heal()
	if _, err := echo(dial()); err != nil {
		t.Errorf("after healing: %v", err)
	}
}
