package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
)

func answer(log string) string {
	people, broken := map[string]map[string]bool{}, 0
	for _, visit := range strings.Split(log, ";") {
		parts := strings.Fields(visit)
		if len(parts) == 0 {
			continue
		}
		if len(parts) != 3 || !strings.HasPrefix(parts[2], "/") {
			broken++
			continue
		}
		if people[parts[2]] == nil {
			people[parts[2]] = map[string]bool{}
		}
		people[parts[2]][parts[1]] = true
	}
	pages := []string{}
	for page := range people {
		pages = append(pages, page)
	}
	sort.Slice(pages, func(i, j int) bool {
		x, y := len(people[pages[i]]), len(people[pages[j]])
		return x > y || x == y && pages[i] < pages[j]
	})
	shown := []string{}
	for _, page := range pages {
		shown = append(shown, fmt.Sprint(page, " ", len(people[page])))
	}
	if broken > 0 {
		shown = append(shown, fmt.Sprint("broken ", broken))
	}
	if len(shown) == 0 {
		return "-"
	}
	return strings.Join(shown, ", ")
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
