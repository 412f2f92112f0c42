import heapq


def rooms_needed(meetings):
    ends = []
    for start, end in sorted(meetings):
        if ends and ends[0] <= start:
            heapq.heapreplace(ends, end)
        else:
            heapq.heappush(ends, end)
    return len(ends)


def answer(line):
    return rooms_needed([tuple(map(float, meeting.split("-"))) for meeting in line.split()])


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
