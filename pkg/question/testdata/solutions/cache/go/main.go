package main

import (
	"bufio"
	"container/list"
	"fmt"
	"os"
	"strconv"
	"strings"
)

type entry struct{ key, value string }

type cache struct {
	capacity int
	entries  map[string]*list.Element
	used     *list.List // of entries, the last used in front
}

func newCache(capacity int) *cache { return &cache{capacity, map[string]*list.Element{}, list.New()} }

func (c *cache) get(key string) (value string, ok bool) {
	e, ok := c.entries[key]
	if !ok {
		return "", false
	}
	c.used.MoveToFront(e)
	return e.Value.(*entry).value, true
}

func (c *cache) put(key, value string) {
	if e, ok := c.entries[key]; ok {
		e.Value.(*entry).value = value
		c.used.MoveToFront(e)
		return
	}
	c.entries[key] = c.used.PushFront(&entry{key, value})
	if len(c.entries) > c.capacity {
		last := c.used.Remove(c.used.Back()).(*entry)
		delete(c.entries, last.key)
	}
}

func answer(line string) string {
	var given []string
	number, steps, _ := strings.Cut(line, ": ")
	capacity, _ := strconv.Atoi(number)
	cache := newCache(capacity)
	for _, step := range strings.Split(steps, ", ") {
		parts := strings.Fields(step)
		if parts[0] == "put" {
			cache.put(parts[1], parts[2])
			continue
		}
		value, ok := cache.get(parts[1])
		if !ok {
			value = "-"
		}
		given = append(given, value)
	}
	return strings.Join(given, " ")
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
