package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

func answer(line string) string {
	p := strings.Fields(line)
	r := 0
	w, _ := strconv.Atoi(p[1])
	if w <= 30000 {
		if p[0] == "de" {
			r = 400 + (w+999)/1000*100
			if slices.Contains(p, "express") {
				r = r * 2
			}
			if slices.Contains(p, "gift") {
				r = r + 300
			}
		} else if p[0] == "at" || p[0] == "fr" || p[0] == "nl" {
			r = 900 + (w+999)/1000*150
			if slices.Contains(p, "express") {
				r = r * 2
			}
			if slices.Contains(p, "gift") {
				r = r + 300
			}
		} else {
			if p[0] == "ch" || p[0] == "uk" {
				if !slices.Contains(p, "express") {
					r = 1500 + (w+999)/1000*250
					if slices.Contains(p, "gift") {
						r = r + 300
					}
				} else {
					return "no"
				}
			} else {
				return "no"
			}
		}
	} else {
		return "no"
	}
	return strconv.Itoa(r)
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
