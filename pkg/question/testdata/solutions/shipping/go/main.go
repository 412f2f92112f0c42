package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

type tariff struct {
	base, perKilogram, heaviest int
	express                     bool
}

var (
	home = tariff{400, 100, 30_000, true}
	near = tariff{900, 150, 30_000, true}
	far  = tariff{1500, 250, 30_000, false}

	countries = map[string]tariff{
		"de": home, "at": near, "fr": near, "nl": near, "ch": far, "uk": far, "no": {far.base, far.perKilogram, 5_000, false},
	}
)

const gift = 300

// price gives the price in cents, and false for what is not sent.
func price(country string, grams int, wishes []string) (int, bool) {
	t, ok := countries[country]
	express := slices.Contains(wishes, "express")
	if !ok || grams > t.heaviest || express && !t.express {
		return 0, false
	}
	cents := t.base + (grams+999)/1000*t.perKilogram
	if express {
		cents *= 2
	}
	if slices.Contains(wishes, "gift") && !slices.Contains(wishes, "december") {
		cents += gift
	}
	return cents, true
}

func answer(line string) string {
	parts := strings.Fields(line)
	grams, _ := strconv.Atoi(parts[1])
	cents, ok := price(parts[0], grams, parts[2:])
	if !ok {
		return "no"
	}
	return strconv.Itoa(cents)
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
