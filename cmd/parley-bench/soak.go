//go:build linux

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// soak keeps a steady load while other clients come and go, are killed and send rubbish. The note
// shows whether memory and goroutines grow. The clients that stay may lose no update.
func soak(t *target, k knobs) (r result, err error) {
	const clients, stay = 6, 2
	c, err := newCrowd(t, "soak", k.scaled(50), clients, stay)
	if err != nil {
		return r, err
	}
	defer c.swarm.shutdown()
	c.talk = true
	c.tolerate = func(cl *client) bool { return cl.seat >= stay }
	if err := c.enter(c.all(), atOnce); err != nil {
		return r, err
	}
	m, err := startMeter(t)
	if err != nil {
		return r, err
	}
	var watch watched
	random, begun, came := rand.New(rand.NewPCG(5, 6)), c.swarm.now(), 0
	every := max(k.duration/60, 200*time.Millisecond)
	for i := 0; i < 60; i++ {
		err = c.typeFor(every, 5, func(now time.Duration) {
			for ; came < int((now-begun).Seconds()*churnRate); came++ {
				room := c.rooms[random.IntN(len(c.rooms))]
				c.disturb(room.clients[stay+random.IntN(clients-stay)], random)
			}
		})
		if err == nil {
			err = watch.look(t)
		}
		if err != nil {
			return r, err
		}
	}
	missing, err := c.settle(settleTime)
	if err != nil {
		return r, err
	}
	took, cpu, err := m.stop()
	r.Conns = came
	r.rates(c.delivered, took, cpu)
	c.finish(&r, missing)
	r.Note = watch.String()
	r.PeakBytes = watch.peak
	return r, err
}

// disturb ends or spoils the connection of a client, and connects it again when it has ended.
func (c *crowd) disturb(cl *client, random *rand.Rand) {
	switch random.IntN(4) {
	case 0:
		cl.hangUp()
	case 1:
		cl.reset()
	case 2:
		cl.send(rubbish(random))
		return
	case 3:
		c.publish(cl)
	}
	if cl.phase == ended {
		if err := c.connect(cl); err != nil {
			c.failed++
			c.failures = append(c.failures, err)
		}
	}
}

// watched are the figures of a server over time.
type watched struct {
	own, mapped      []float64 // bytes of memory
	goroutines, heap []float64
	peak             float64
}

func (w *watched) look(t *target) error {
	m, err := t.memory()
	if err != nil {
		return err
	}
	w.own, w.mapped = append(w.own, float64(m.own)), append(w.mapped, float64(m.mapped))
	w.peak = max(w.peak, float64(m.own))
	if t.metrics != "" {
		n, err := scrape(t.metrics, "go_goroutines")
		if err != nil {
			return err
		}
		w.goroutines = append(w.goroutines, n)
		if n, err = scrape(t.metrics, "go_memstats_heap_alloc_bytes"); err != nil {
			return err
		}
		w.heap = append(w.heap, n)
	}
	return nil
}

// String compares the second sixth of the time with the last sixth.
func (w *watched) String() string {
	s := "at first and at the end: own memory " + w.change(w.own, mean, 1<<20, "MiB")
	if len(w.goroutines) == len(w.own) {
		s += ", of that the heap after collections " + w.change(w.heap, slices.Min, 1<<20, "MiB") + "; goroutines " + w.change(w.goroutines, mean, 1, "")
	}
	return s + "; pages of the program's files " + w.change(w.mapped, mean, 1<<20, "MiB")
}

func (w *watched) change(values []float64, of func([]float64) float64, unit float64, name string) string {
	n := len(values) / 6
	return strings.TrimSpace(fmt.Sprintf("%.1f, %.1f %s", of(values[n:2*n])/unit, of(values[len(values)-n:])/unit, name))
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(1, len(values)))
}

// scrape reads one figure without labels from a page of Prometheus metrics.
func scrape(url, name string) (float64, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("no %s on %s", name, url)
}
