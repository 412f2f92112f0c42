package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

type field struct{ y, x int }

func answer(line string) string {
	rows, tide := strings.CutPrefix(line, "tide ")
	count, largest, hours := islands(strings.Split(rows, "/"))
	if tide {
		return fmt.Sprint(hours)
	}
	return fmt.Sprint(count, largest)
}

func islands(rows []string) (count, largest, hours int) {
	land := func(f field) bool {
		return f.y >= 0 && f.y < len(rows) && f.x >= 0 && f.x < len(rows[f.y]) && rows[f.y][f.x] == '#'
	}
	seen, water := map[field]bool{}, []field{}
	for y := -1; y <= len(rows); y++ {
		for x := -1; x <= len(rows[0]); x++ {
			f := field{y, x}
			if !land(f) {
				water = append(water, f)
			} else if !seen[f] {
				count++
				size, _ := walk([]field{f}, land, seen)
				largest = max(largest, size)
			}
		}
	}
	_, hours = walk(water, land, map[field]bool{})
	return count, largest, hours
}

// walk goes over land. It gives how many fields there were, and the most steps.
func walk(ring []field, land func(field) bool, seen map[field]bool) (size, steps int) {
	for _, f := range ring {
		seen[f] = true
	}
	for size = len(ring); ; steps++ {
		next := []field{}
		for _, f := range ring {
			for _, n := range []field{{f.y - 1, f.x}, {f.y + 1, f.x}, {f.y, f.x - 1}, {f.y, f.x + 1}} {
				if land(n) && !seen[n] {
					seen[n] = true
					next = append(next, n)
				}
			}
		}
		if len(next) == 0 {
			return size, steps
		}
		ring, size = next, size+len(next)
	}
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
