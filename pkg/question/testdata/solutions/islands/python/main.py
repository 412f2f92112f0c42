def answer(line):
    count, largest, hours = islands(line.removeprefix("tide ").split("/"))
    return hours if line.startswith("tide ") else f"{count} {largest}"


def islands(rows):
    height, width = len(rows), len(rows[0])
    land = {(y, x) for y in range(height) for x in range(width) if rows[y][x] == "#"}
    seen, count, largest = set(), 0, 0
    for field in land:
        if field not in seen:
            count += 1
            size, _ = walk([field], land, seen)
            largest = max(largest, size)
    water = [(y, x) for y in range(-1, height + 1) for x in range(-1, width + 1) if (y, x) not in land]
    return count, largest, walk(water, land, set())[1]


def walk(start, land, seen):
    """Walks over land. Gives how many fields there were, and the most steps."""
    seen.update(start)
    ring, size, steps = list(start), len(start), 0
    while True:
        following = []
        for y, x in ring:
            for field in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if field in land and field not in seen:
                    seen.add(field)
                    following.append(field)
        if not following:
            return size, steps
        ring, size, steps = following, size + len(following), steps + 1


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
