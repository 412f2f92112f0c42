class Cache:
    def __init__(self, capacity):
        # Your code here
        pass

    def get(self, key):
        pass

    def put(self, key, value):
        pass


def answer(line):
    capacity, steps = line.split(": ")
    cache, given = Cache(int(capacity)), []
    for what, key, *value in (step.split() for step in steps.split(", ")):
        if what == "get":
            found = cache.get(key)
            given.append("-" if found is None else found)
        else:
            cache.put(key, value[0])
    return " ".join(given)


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
