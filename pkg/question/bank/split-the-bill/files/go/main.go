package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
)

// split splits a bill of some cents among people.
func split(bill, people int) []int {
	share := int(math.Round(float64(bill) / math.Max(float64(people), 1)))
	shares, left := []int{share}, bill-share
	for len(shares) < people {
		shares = append(shares, share)
		left -= share
	}
	for i := 0; left > 0; i++ {
		shares[i]++
		left--
	}
	return shares
}

func answer(line string) string {
	var bill, people int
	fmt.Sscan(line, &bill, &people)
	shares := split(bill, people)
	if len(shares) == 0 {
		return "-"
	}
	return strings.Trim(fmt.Sprint(shares), "[]")
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
