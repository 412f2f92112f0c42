def answer(log):
    people, broken = {}, 0
    for visit in log.split(";"):
        parts = visit.split()
        if not parts:
            continue
        if len(parts) != 3 or not parts[2].startswith("/"):
            broken += 1
            continue
        people.setdefault(parts[2], set()).add(parts[1])
    pages = sorted(people, key=lambda page: (-len(people[page]), page))
    shown = [f"{page} {len(people[page])}" for page in pages]
    if broken:
        shown.append(f"broken {broken}")
    return ", ".join(shown) or "-"


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
