package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
)

type meeting struct{ start, end float64 }

func roomsNeeded(meetings []meeting) int {
	starts, ends := []float64{}, []float64{}
	for _, m := range meetings {
		starts, ends = append(starts, m.start), append(ends, m.end)
	}
	sort.Float64s(starts)
	sort.Float64s(ends)
	rooms, free := 0, 0
	for _, start := range starts {
		if ends[free] <= start {
			free++
		} else {
			rooms++
		}
	}
	return rooms
}

func answer(line string) int {
	meetings := []meeting{}
	for _, part := range strings.Fields(line) {
		var m meeting
		fmt.Sscanf(part, "%g-%g", &m.start, &m.end)
		meetings = append(meetings, m)
	}
	return roomsNeeded(meetings)
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
