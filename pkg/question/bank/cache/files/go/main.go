package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

type cache struct {
	// Your code here
}

func newCache(capacity int) *cache { return &cache{} }

func (c *cache) get(key string) (value string, ok bool) { return "", false }

func (c *cache) put(key, value string) {}

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
